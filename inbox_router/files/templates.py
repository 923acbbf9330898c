"""The folder of templates, read into text. What is wrong inside a template shows when it is rendered, at load."""

from __future__ import annotations

from pathlib import Path

from inbox_router.core.rules import Where
from inbox_router.core.templates import TemplateSet, TemplateText
from inbox_router.files.decoding import decoded
from inbox_router.files.problems import Findings

_FILES = ("subject.txt", "body.txt", "body.html")


def read_templates(folder: Path) -> TemplateSet:
    """Every `<name>/` with its three files, and the shared files beside them. Raises `Problems`."""
    findings = Findings()
    if not folder.is_dir():
        where = Where(file=str(folder), line=1, column=1)
        findings.add(where, "there is no such folder", 'look at "templates" in the configuration')
        findings.refuse()
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    folders = [path for path in paths if path.is_dir()]
    shared = {path.name: _text(path, findings) for path in paths if path.is_file() and path.suffix in {".txt", ".html"}}
    templates = {path.name: _template(path, findings) for path in folders}
    if not templates:
        findings.add(
            Where(file=str(folder), line=1, column=1),
            "there are no templates in this folder",
            "a template is a folder with the files subject.txt, body.txt and body.html",
        )
    findings.refuse()
    return TemplateSet(templates=templates, shared=shared)


def _template(folder: Path, findings: Findings) -> TemplateText:
    subject, text, html = (_text(folder / name, findings) for name in _FILES)
    return TemplateText(name=folder.name, subject=subject, text=text, html=html)


def _text(path: Path, findings: Findings) -> str:
    try:
        octets = path.read_bytes()
    except FileNotFoundError:
        findings.add(
            Where(file=str(path), line=1, column=1),
            "this file is missing",
            "a template has subject.txt, body.txt, body.html",
        )
        return ""
    except OSError as error:
        where = Where(file=str(path), line=1, column=1)
        findings.add(where, f"this file cannot be read: {error.strerror}", "look at its permissions")
        return ""
    return decoded(str(path), octets, findings) or ""
