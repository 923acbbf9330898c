"""DOCX: the words that a reader of the document sees, in the order of the page (ECMA-376 part 1, 17)."""

from __future__ import annotations

from typing import Final
from xml.parsers import expat

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.outcome import UnreadableError, damaged
from inbox_router.edges.extraction.packages import Package, parse
from inbox_router.edges.extraction.word_story import Story

_WHAT: Final = "The Word document"
_ORDER: Final = ("header+xml", "document.main+xml", "template.main+xml", "footnotes+xml", "endnotes+xml", "footer+xml")
"""The ends of the content types of the parts that are read, in the order in which they are."""


def read(file: File, bounds: Bounds) -> Extract:
    """Headers, body, notes and footers. UnreadableError where the package is damaged or over a bound."""
    package = Package(file.octets, bounds, _WHAT)
    texts: dict[str, None] = {}
    for name in _stories(package):
        text = _story(package.member(name))
        if text:
            # First-page, even and odd headers mostly say the same.
            texts.setdefault(text)
    text = "\n".join(texts)
    if not text:
        pictures = any(name.startswith("word/media/") for name in package.names)
        raise UnreadableError(
            Readability.NO_TEXT,
            "A Word document that holds only pictures: look at it by hand."
            if pictures
            else "A Word document without words: ask the sender whether it is the right one.",
        )
    return Extract(readability=Readability.READ, text=text, detail=_within(package))


def _within(package: Package) -> str:
    embedded = sum(1 for name in package.names if name.startswith("word/embeddings/"))
    return f"It holds embedded files ({embedded}) that were not opened: look at them by hand." if embedded else ""


def _stories(package: Package) -> list[str]:
    """The members to read, found by their content type: some producers name the main one `document2.xml`."""
    found: dict[str, list[str]] = {end: [] for end in _ORDER}

    def start(name: str, attributes: dict[str, str]) -> None:
        if not name.endswith("Override"):
            return
        content_type, part = attributes.get("ContentType", ""), attributes.get("PartName", "").lstrip("/")
        for end in _ORDER:
            if content_type.endswith((f".{end}", f".{end.replace('+', '.')}")) or (
                end == "document.main+xml" and content_type.endswith(".macroEnabled.main+xml")
            ):
                found[end].append(part)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parse(package.member("[Content_Types].xml"), parser, _WHAT)
    if not found["document.main+xml"] and not found["template.main+xml"]:
        raise damaged(_WHAT)
    return [part for end in _ORDER for part in found[end]]


def _story(octets: bytes) -> str:
    story = Story()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = story.start
    parser.EndElementHandler = story.end
    parser.CharacterDataHandler = story.characters
    parse(octets, parser, _WHAT)
    return story.text()
