"""A message that came as a file, written out as Outlook quotes one: a heading, its words, its attachments."""

from __future__ import annotations

from dataclasses import dataclass

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.reading import read

NESTED = "-----Original Message-----"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """What is kept of such a message. The fields of the heading are on one line each, "" where they are missing."""

    sender: str = ""
    sent: str = ""
    to: str = ""
    cc: str = ""
    subject: str = ""
    body: str = ""
    nested: tuple[Correspondence, ...] = ()
    files: tuple[File, ...] = ()
    """Each with its depth: how many messages it lies within, counted from the file that was given."""


def write_out(letter: Correspondence, bounds: Bounds) -> Extract:
    """The message as text, its attachments read as far as the bounds of depth and number allow."""
    text = _text(letter)
    extracts = [_within(inner, bounds) for inner in _files(letter)[: bounds.files]]
    for inner, extract in zip(_files(letter), extracts, strict=False):
        if extract.text:
            heading = NESTED if extract.is_message else f"[{inner.name}]"
            text += f"\n\n{heading}\n{extract.text}"
    unread = [extract for extract in extracts if extract.readability not in (Readability.READ, Readability.NO_TEXT)]
    unread_pictures = [extract for extract in extracts if extract.readability is Readability.NO_TEXT]
    count = len(_files(letter))
    detail = ""
    if unread or len(extracts) < count:
        kinds = ", ".join(sorted({str(extract.readability) for extract in unread})) or "too many"
        number = len(unread) + count - len(extracts)
        detail = f"Of {count} attachments within this message, {number} could not be read ({kinds}): open it by hand."
    elif unread_pictures:
        detail = f"Of {count} attachments within this message, {len(unread_pictures)} hold no text."
    if unread and not _has_words(letter) and not any(extract.text for extract in extracts):
        return Extract(readability=unread[0].readability, text=text, detail=detail, is_message=True)
    return Extract(readability=Readability.READ, text=text, detail=detail, is_message=True)


def _within(inner: File, bounds: Bounds) -> Extract:
    if inner.depth > bounds.depth:
        return Extract(
            readability=Readability.TOO_LARGE, detail="A message nested deeper than is allowed: open it by hand."
        )
    if len(inner.octets) > bounds.file_octets:
        return Extract(readability=Readability.TOO_LARGE, detail="The file is too large to be looked into.")
    return read(inner, bounds)


def _text(letter: Correspondence) -> str:
    heading = [
        f"{label}: {' '.join(value.split())}"
        for label, value in (
            ("From", letter.sender),
            ("Sent", letter.sent),
            ("To", letter.to),
            ("Cc", letter.cc),
            ("Subject", letter.subject),
        )
        if value.strip()
    ]
    body = letter.body.replace("\r\n", "\n").replace("\r", "\n").strip("\n ")
    nested = "".join(f"\n\n{NESTED}\n{_text(inner)}" for inner in letter.nested)
    return "\n".join(heading) + "\n\n" + body + nested


def _files(letter: Correspondence) -> list[File]:
    return [*letter.files, *(file for inner in letter.nested for file in _files(inner))]


def _has_words(letter: Correspondence) -> bool:
    return bool(letter.body.strip()) or any(_has_words(inner) for inner in letter.nested)
