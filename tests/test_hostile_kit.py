"""Hostile mail through the whole of triage: each message ends as it should, within its bounds.

The kernel holds every message to its memory and stops a runaway; what a message costs is the processor time of its own
process and of the worker that opens its attachments, not what the clock says.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from tests.hostile.cases import CASES, FIELDS, Case
from tests.hostile.mail import WORDS, mail, vouched
from tests.hostile.whole_way import ROOT, Way, shipped_way

MEMORY = 300_000_000
CPU_SECONDS = 1.0
TRIES = 3
"""Others on the machine can make a message cost more, never less: the best of a few tries is what it costs."""

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the bounds are set and measured as on Linux")


class Runner:
    """The process that takes messages the whole way, and what came of those that it was given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._results: dict[str, dict[str, Any]] = {}
        command = [sys.executable, "-m", "tests.hostile.runner"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answer()

    def result(self, case: Case) -> dict[str, Any]:
        if case.name not in self._results:
            path = self._folder / "case.eml"
            path.write_bytes(case.build())
            self._results[case.name] = self._best(path)
        return self._results[case.name]

    def _best(self, path: Path) -> dict[str, Any]:
        best: dict[str, Any] = {}
        for _ in range(TRIES):
            result = self._ask(path)
            if not best or result.get("cpu", 0) < best["cpu"]:
                best = result
            if "cpu" not in result or result["cpu"] < CPU_SECONDS:
                return result
        return best

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


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    runner = Runner(tmp_path_factory.mktemp("hostile"))
    yield runner
    runner.end()


@every_case
def test_it_ends_as_it_should_and_breaks_no_promise(case: Case, runner: Runner) -> None:
    result = runner.result(case)
    assert "died" not in result
    assert "escaped" not in result
    assert result["broken"] == []
    ended = result["reason"] or " ".join(result["mailboxes"]) or result["outcome"]
    assert not case.ends or ended in case.ends, result["because"]
    words = "\n".join([*result["words"], *(name for name, _ in result["files"])])
    assert case.seen in words
    assert not case.unseen or case.unseen not in words
    assert case.sent not in result["header"]


@every_case
def test_it_costs_less_than_a_second_and_300_megabytes(case: Case, runner: Runner) -> None:
    result = runner.result(case)
    assert result.get("cpu", 99) < CPU_SECONDS
    assert result.get("peak", MEMORY) < MEMORY


def unopened(files: Sequence[File]) -> list[Extract]:
    return [Extract(readability=Readability.NOT_OPENED) for _ in files]


@pytest.fixture(scope="module")
def way() -> Way:
    return shipped_way(unopened)


def test_a_broken_message_changes_nothing_for_the_next(way: Way) -> None:
    before = way.go(mail())
    for case in FIELDS:
        way.go(case.build())
    assert way.go(mail()) == before


def test_the_same_octets_always_come_to_the_same_mail(way: Way) -> None:
    for octets in (mail(), mail(without=[b"Message-ID", b"Date"])):
        assert way.go(octets) == way.go(octets)


def test_the_same_message_id_over_other_words_is_another_message(way: Way) -> None:
    first, second = way.go(mail()), way.go(mail(body=WORDS.replace(b"HX1 1AA", b"BD1 4AA")))
    assert first.message.message_id == second.message.message_id
    assert first.decision.destinations != second.decision.destinations
    assert first.sent
    assert second.sent
    assert first.sent.message_id != second.sent.message_id


def test_another_way_through_the_servers_changes_no_decision(way: Way) -> None:
    relayed = vouched() + b"Received: from elsewhere by relay.example; Mon, 30 Nov 2026 09:28:40 +0000\r\n"
    assert way.go(mail().replace(vouched(), relayed)).decision == way.go(mail()).decision
