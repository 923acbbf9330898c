"""A small office with rules of its own: a folder to be changed, and the commands to be run in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner, Result
from small_set import copied_to
from whole_service import ROOT

from inbox_router.cli import commands

UNTRIED = """\
  - type: doubtful
    any of: [{says: [recall considered]}]
    then: {hold: no category}
"""
"""The one type of the small set that has no example: taken out, there is nothing to say of the set."""


class RuleOffice:
    """The small set of good rules with a configuration and the shipped templates, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        copied_to(folder)
        shutil.copytree(ROOT / "templates", folder / "templates")
        example = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
        (folder / "config.yaml").write_text(example, encoding="utf-8")
        self.change("recall/prison-recall.yaml", UNTRIED, "")
        self.change("recall/prison-recall.yaml", "review by: 2027", "review by: 2099")

    @property
    def rules(self) -> Path:
        return self.folder / "rules"

    def read(self, path: str) -> str:
        return (self.rules / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        target = self.rules / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def change(self, path: str, old: str, new: str) -> None:
        """Puts `new` in the place of `old`, which must be there."""
        text = self.read(path)
        assert old in text, f"{path} does not hold {old!r}"
        self.write(path, text.replace(old, new, 1))

    def run(self, *arguments: str, **more: str) -> Result:
        """`inbox-router rules ...` with the configuration of this office."""
        line = ["--config", str(self.folder / "config.yaml"), "rules", *arguments]
        return CliRunner().invoke(commands, line, input=more.get("input"))
