"""RTF, as a file and as the body of an Outlook item (Rich Text Format specification 1.9.1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from striprtf.striprtf import rtf_to_text

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.cells import in_one_line, row_line

_convert: Final[Callable[..., str]] = rtf_to_text

_UNSEEN: Final = re.compile(r"\{[^{}]*\\(?:strike|striked1|deleted|v)(?![a-z0-9])[^{}]*\}")
_SEEN_AGAIN: Final = re.compile(r"\\(?:strike0|striked0|deleted0|v0|plain)(?![a-z0-9])")
_HEADING: Final = re.compile(r"\\(?:header|footer)[lrf]?(?![a-z])")
_ROW_STARTS, _CELL_ENDS, _ROW_ENDS = "\ue000", "\ue001", "\ue002"
# Private-use characters as \u escapes: they survive the conversion and show where rows and cells were.
_MARKED: Final = (
    (re.compile(r"\\trowd(?![a-z])"), r"\\uc0\\u57344 "),
    (re.compile(r"\\cell(?![a-z])"), r"\\uc0\\u57345 "),
    (re.compile(r"\\row(?![a-z])"), r"\\uc0\\u57346 "),
    (re.compile(r"\\nestcell(?![a-z])"), r"\\tab "),
)


def read(file: File, bounds: Bounds) -> Extract:
    """The text of an RTF file."""
    return Extract(readability=Readability.READ, text=text_of(file.octets[: bounds.member_octets]))


def text_of(octets: bytes) -> str:
    """What the document shows: struck-out, deleted and hidden runs left out, headers kept, one table row one line."""
    source = octets.decode("latin-1")
    source = _UNSEEN.sub(lambda run: run.group() if _SEEN_AGAIN.search(run.group()) else "", source)
    source = _HEADING.sub(r"\\par ", source)
    for control, mark in _MARKED:
        source = control.sub(mark, source)
    return _rows_in_lines(_convert(source, errors="replace"))


def _rows_in_lines(text: str) -> str:
    written: list[str] = []
    for number, piece in enumerate(text.split(_ROW_ENDS)):
        before, started, row = piece.partition(_ROW_STARTS)
        last = number == text.count(_ROW_ENDS)
        if last or not started:
            written.append(piece.replace(_ROW_STARTS, "").replace(_CELL_ENDS, "\t"))
            continue
        cells = row.replace(_ROW_STARTS, "").split(_CELL_ENDS)
        written.append(f"{before}\n{row_line([in_one_line([cell]) for cell in cells])}\n")
    return "".join(written)
