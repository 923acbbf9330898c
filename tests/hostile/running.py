"""The other end of `runner.py`: hands it cases and keeps what came of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.hostile.cases import Case
from tests.hostile.whole_way import ROOT


class Runner:
    """The process that takes messages the whole way, and what came of those that it was given."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where the messages are put, one after the other."""
        self._folder = folder
        self._results: dict[str, dict[str, Any]] = {}
        command = [sys.executable, "-m", "tests.hostile.runner"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answer()

    def result(self, case: Case) -> dict[str, Any]:
        if case.name not in self._results:
            path = self._folder / "case.eml"
            path.write_bytes(case.build())
            self._results[case.name] = self._ask(path)
        return self._results[case.name]

    def _ask(self, path: Path) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def end(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)
