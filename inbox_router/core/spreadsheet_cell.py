"""Text for the cell of a spreadsheet, which must show it and never compute it."""

from __future__ import annotations

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would take it for a formula.

    Spaces before it count as well: some programs cut them off first.
    """
    return f"'{text}" if text.lstrip(" ").startswith(_BEGINS_A_FORMULA) else text
