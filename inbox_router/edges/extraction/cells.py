"""Rows of tables as the core takes them: one row one line, cells parted by tabs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

_STOPS: Final = (",", ";", ":", ".", "-", "/", "?", "!", "(")


def in_one_line(lines: Iterable[str]) -> str:
    """The lines of a cell as one: an address over four lines must not come apart from its label."""
    joined = ""
    for line in (" ".join(part.split()) for text in lines for part in text.split("\n")):
        if not line:
            continue
        if joined:
            joined += " " if joined.endswith(_STOPS) else ", "
        joined += line
    return joined


def row_line(cells: Sequence[str]) -> str:
    """The cells of a row as one line; empty ones at its end are left out, those before keep their column."""
    return "\t".join(cells).rstrip("\t ")
