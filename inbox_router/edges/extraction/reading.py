"""One file in, one extract out, whatever the file does."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Final, Protocol, cast

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.kinds import Kind, recognise
from inbox_router.edges.extraction.outcome import UnreadableError, oversized
from inbox_router.edges.extraction.plausible import is_language

_READERS: Final[Mapping[Kind, str]] = {
    Kind.PDF: "pdf",
    Kind.WORD: "word",
    Kind.SPREADSHEET: "spreadsheet",
    Kind.RTF: "rtf",
    Kind.HTML: "webpage",
    Kind.TEXT: "plain",
    Kind.TABLE: "table",
    Kind.OUTLOOK: "outlook",
    Kind.LETTER: "letter",
}


class Reader(Protocol):
    """What each module of a format family offers as `read`. Raises UnreadableError; anything else counts as damage."""

    def __call__(self, file: File, bounds: Bounds) -> Extract: ...


def read(file: File, bounds: Bounds) -> Extract:
    """The text of `file`, or why there is none. Never raises for what the file holds."""
    try:
        recognised = recognise(file, bounds)
        extract = _reader(recognised.kind)(file, bounds) if recognised.kind in _READERS else recognised.unopened()
        return _checked(extract, bounds)
    except UnreadableError as refusal:
        return Extract(readability=refusal.readability, detail=refusal.detail)
    except MemoryError:
        too_much = oversized("The file")
        return Extract(readability=too_much.readability, detail=too_much.detail)
    except ImportError as missing:
        return Extract(
            readability=Readability.NOT_OPENED,
            detail=f"The library for such files could not be loaded ({missing.name}): tell whoever runs the service.",
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as broken:  # noqa: BLE001 - parsers of hostile files raise anything, Rust panics are no Exception
        return Extract(
            readability=Readability.CORRUPT,
            detail=f"The file is damaged and could not be read ({type(broken).__name__}): ask for it again.",
        )


def _reader(kind: Kind) -> Reader:
    """Readers load heavy libraries, so each is imported when the first file of its kind comes."""
    module = importlib.import_module(f"{__package__}.{_READERS[kind]}")
    return cast(Reader, module.read)


def _checked(extract: Extract, bounds: Bounds) -> Extract:
    """Text as the core takes it, within bounds and believed to be language."""
    text = _tidy(extract.text)
    if extract.readability is not Readability.READ:
        return Extract(readability=extract.readability, text=text[: bounds.characters], detail=extract.detail)
    if not text:
        return Extract(
            readability=Readability.NO_TEXT, detail=extract.detail or "The file holds no text: look at it by hand."
        )
    if not is_language(text):
        return Extract(
            readability=Readability.IMPLAUSIBLE,
            detail="Text came out that is not language (a font or encoding that cannot be undone): read it by hand.",
        )
    if len(text) > bounds.characters:
        return Extract(
            readability=Readability.TOO_LARGE,
            text=text[: bounds.characters],
            detail=f"Only the first {bounds.characters:,} characters were read: look at the rest by hand.",
            is_message=extract.is_message,
        )
    return Extract(readability=Readability.READ, text=text, detail=extract.detail, is_message=extract.is_message)


def _tidy(text: str) -> str:
    """Plain Unicode: `\\n` line ends, no NUL or lone surrogate, no blank ends of lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n ")
