"""Tables whose labels stand in a row above the values: which label heads the column that a value is in."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Protocol, TypeVar

_ROWS_ABOVE = 12
"""A heading reaches at most this many rows down."""
_MOSTLY = 0.5
"""How much of a cell its label must make up for the cell to be a heading and not a sentence."""


class Placed(Protocol):
    """A label where it stands in a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


P = TypeVar("P", bound=Placed)


def heading(text: str, labels: Sequence[P], position: int) -> P | None:
    """The label in the nearest cell above the one at `position` that is a heading; None outside a table of columns.

    The rows of a table are lines whose cells are parted by tabs. A row that has a label of its own on its left is read
    along, not down.
    """
    line = text.rfind("\n", 0, position) + 1
    cells = _cells(text, line)
    if cells < 2:
        return None
    place = text.count("\t", line, position)
    if place and _heading_in(text, labels, _cell(text, line, place - 1)) is not None:
        return None
    above = line
    for _ in range(_ROWS_ABOVE):
        if above == 0:
            return None
        above = text.rfind("\n", 0, above - 1) + 1
        if _cells(text, above) != cells:
            return None
        label = _heading_in(text, labels, _cell(text, above, place))
        if label is not None:
            return label
    return None


def _cells(text: str, line: int) -> int:
    end = text.find("\n", line)
    return text.count("\t", line, len(text) if end == -1 else end) + 1


def _cell(text: str, line: int, place: int) -> tuple[int, int]:
    """Where cell number `place` of the row that begins at `line` starts and ends."""
    start = line
    for _ in range(place):
        start = text.find("\t", start) + 1
    return start, min(end for end in (text.find("\t", start), text.find("\n", start), len(text)) if end != -1)


def _labels_in(labels: Sequence[P], start: int, end: int) -> list[P]:
    """The labels within a stretch of text, the first and longest first."""
    first = bisect_left(labels, start, key=lambda label: label.end)
    within: list[P] = []
    for label in labels[first:]:
        if label.end > end:
            break
        if label.start >= start:
            within.append(label)
    return sorted(within, key=lambda label: (label.start, -label.end))


def _heading_in(text: str, labels: Sequence[P], cell: tuple[int, int]) -> P | None:
    """The label that a cell of labels, or mostly of labels, begins with: in `Victim address` the victim."""
    within = _labels_in(labels, *cell)
    words = text[cell[0] : cell[1]].strip()
    if not within or re.search(r"\d", words):
        return None
    covered = max(label.end for label in within) - within[0].start
    return within[0] if covered >= _MOSTLY * len(words) else None
