"""Each folder of tests/bad_rules holds a mistake that somebody could make, and the exact words that answer it.

The files of a folder are laid over the small set of good rules; `removed.txt` names those to take away. A folder with
a config.yaml is about the configuration instead.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_set import MAILBOXES, TEMPLATES, copied_to

from inbox_router.files.config import load
from inbox_router.files.problems import Problems
from inbox_router.files.rulefile import load_rules

CASES = sorted(path for path in (Path(__file__).parent.parent / "bad_rules").iterdir() if path.is_dir())
ABOUT = ("expected.txt", "removed.txt")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_is_refused_in_words_that_say_what_to_type(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert told(case, tmp_path) == (case / "expected.txt").read_text(encoding="utf-8")


def told(case: Path, scratch: Path) -> str:
    """What the mistake is answered with, one problem a line."""
    if (case / "config.yaml").exists():
        shutil.copy(case / "config.yaml", scratch)
        with pytest.raises(Problems) as refused:
            load()
        return f"{refused.value}\n"
    rules = copied_to(scratch)
    if (case / "removed.txt").exists():
        for name in (case / "removed.txt").read_text(encoding="utf-8").split():
            (rules / name).unlink()
    for path in case.rglob("*"):
        if path.is_file() and path.name not in ABOUT:
            target = rules / path.relative_to(case)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    with pytest.raises(Problems) as refused:
        load_rules(Path("rules"), MAILBOXES, TEMPLATES)
    return f"{refused.value}\n"
