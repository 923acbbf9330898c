"""The folder of templates, read into text. What is wrong inside a template shows when it is rendered, at load."""

from __future__ import annotations

from pathlib import Path

from inbox_router.core.kept_rules import Contents
from inbox_router.core.rules import Where
from inbox_router.core.templates import TemplateSet, TemplateText
from inbox_router.files.decoding import decoded
from inbox_router.files.problems import Findings

_FILES = ("subject.txt", "body.txt", "body.html")


def read_templates(folder: Path) -> TemplateSet:
    """Every `<name>/` with its three files, and the shared files beside them. Raises `Problems`."""
    findings = Findings()
    return _templates(folder, _contents(folder, findings), findings)


def template_contents(folder: Path) -> dict[str, bytes]:
    """The files of the templates as they are now, by path. Raises `Problems` where one cannot be read."""
    findings = Findings()
    contents = _contents(folder, findings)
    findings.refuse()
    return contents


def templates_from(contents: Contents, folder: Path) -> TemplateSet:
    """The templates that these files make; `folder` is where problems are said to stand. Raises `Problems`."""
    return _templates(folder, contents, Findings())


def _contents(folder: Path, findings: Findings) -> dict[str, bytes]:
    if not folder.is_dir():
        where = Where(file=str(folder), line=1, column=1)
        findings.add(where, "there is no such folder", 'look at "templates" in the configuration')
        findings.refuse()
    contents = {}
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    wanted = [path for path in paths if path.is_file() and path.suffix in {".txt", ".html"}]
    wanted += [inner / name for inner in paths if inner.is_dir() for name in _FILES]
    for path in wanted:
        try:
            contents[path.relative_to(folder).as_posix()] = path.read_bytes()
        except FileNotFoundError:
            _missing(path, findings)
        except OSError as error:
            where = Where(file=str(path), line=1, column=1)
            findings.add(where, f"this file cannot be read: {error.strerror}", "look at its permissions")
    return contents


def _templates(folder: Path, contents: Contents, findings: Findings) -> TemplateSet:
    shared, names = {}, set()
    for path, octets in contents.items():
        inner, _, _ = path.rpartition("/")
        if inner:
            names.add(inner)
        else:
            shared[path] = decoded(f"{folder}/{path}", octets, findings) or ""
    templates = {name: _template(folder, name, contents, findings) for name in sorted(names)}
    if not templates:
        findings.add(
            Where(file=str(folder), line=1, column=1),
            "there are no templates in this folder",
            "a template is a folder with the files subject.txt, body.txt and body.html",
        )
    findings.refuse()
    return TemplateSet(templates=templates, shared=shared)


def _template(folder: Path, name: str, contents: Contents, findings: Findings) -> TemplateText:
    texts = {}
    for file in _FILES:
        octets = contents.get(f"{name}/{file}")
        texts[file] = decoded(f"{folder}/{name}/{file}", octets, findings) or "" if octets is not None else ""
    subject, text, html = (texts[file] for file in _FILES)
    return TemplateText(name=name, subject=subject, text=text, html=html)


def _missing(path: Path, findings: Findings) -> None:
    findings.add(
        Where(file=str(path), line=1, column=1),
        "this file is missing",
        "a template has subject.txt, body.txt, body.html",
    )
