"""The folder of templates, read into text."""

from __future__ import annotations

from pathlib import Path

import pytest

from inbox_router.files.problems import Problems
from inbox_router.files.templates import read_templates


def template(folder: Path, *, without: str = "") -> None:
    folder.mkdir(parents=True)
    for name in ("subject.txt", "body.txt", "body.html"):
        if name != without:
            (folder / name).write_text(f"{folder.name} {name}", encoding="utf-8")


def test_templates_and_the_layouts_that_they_share_are_read(tmp_path: Path) -> None:
    template(tmp_path / "rotl")
    (tmp_path / "base.html").write_text("<html>", encoding="utf-8")
    found = read_templates(tmp_path)
    assert found.templates["rotl"].subject == "rotl subject.txt"
    assert found.templates["rotl"].html == "rotl body.html"
    assert found.shared == {"base.html": "<html>"}


def test_every_file_that_is_missing_or_unreadable_is_told(tmp_path: Path) -> None:
    template(tmp_path / "rotl", without="body.html")
    template(tmp_path / "recall")
    (tmp_path / "recall" / "subject.txt").write_bytes(b"\xa3")
    with pytest.raises(Problems) as refused:
        read_templates(tmp_path)
    told = str(refused.value).splitlines()
    assert [line.split(": ")[0] for line in told] == [
        f"{tmp_path}/recall/subject.txt:1:1",
        f"{tmp_path}/rotl/body.html:1:1",
    ]


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_a_folder_without_templates_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(Problems):
        read_templates(tmp_path / name)
