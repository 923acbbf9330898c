"""Tables whose labels stand in a row above the values: which label heads the column that a value is in."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

_ROWS_ABOVE = 12
"""A heading reaches at most this many rows down."""
_LONGEST_ROW = 1_000
_MOST_CELLS = 30
"""Characters to either side and cells of a line that may be a row; a longer line is none, and would take too long."""
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
    if not _any_within(labels, position - _ROWS_ABOVE * _LONGEST_ROW, position):
        return None
    row = _row(text, position)
    if row is None or not 2 <= len(row.cells) <= _MOST_CELLS:
        return None
    place, columns = text.count("\t", row.start, position), len(row.cells)
    if place and _heading_in(row, place - 1, labels) is not None:
        return None
    for _ in range(_ROWS_ABOVE):
        row = _row(text, row.start - 1) if row.start else None
        if row is None or len(row.cells) != columns:
            return None
        label = _heading_in(row, place, labels)
        if label is not None:
            return label
    return None


@dataclass(frozen=True, slots=True)
class _Row:
    start: int
    end: int
    cells: list[str]


def _row(text: str, position: int) -> _Row | None:
    """The line of a position; None for one that is too long to be a row of a table."""
    first, last = max(0, position - _LONGEST_ROW), min(len(text), position + _LONGEST_ROW)
    before, end = text.rfind("\n", first, position), text.find("\n", position, last)
    if (before == -1 and first > 0) or (end == -1 and last < len(text)):
        return None
    start, stop = before + 1, last if end == -1 else end
    return _Row(start, stop, text[start:stop].split("\t"))


def _any_within(labels: Sequence[P], start: int, end: int) -> bool:
    """Whether a label ends within a stretch of text: asked first, because most text has none."""
    first = bisect_left(labels, start, key=lambda label: label.end)
    return first < len(labels) and labels[first].end <= end


def _labels_in(labels: Sequence[P], start: int, end: int) -> list[P]:
    """The labels within a stretch of text, the first and longest first."""
    first = bisect_left(labels, start, key=lambda label: label.end)
    within: list[P] = []
    for number in range(first, len(labels)):
        label = labels[number]
        if label.end > end:
            break
        if label.start >= start:
            within.append(label)
    return sorted(within, key=lambda label: (label.start, -label.end))


def _heading_in(row: _Row, place: int, labels: Sequence[P]) -> P | None:
    """The label that a cell of labels, or mostly of labels, begins with: in `Victim address` the victim."""
    if not _any_within(labels, row.start, row.end):
        return None
    start = row.start + sum(map(len, row.cells[:place])) + place
    within = _labels_in(labels, start, start + len(row.cells[place]))
    words = row.cells[place].strip()
    if not within or re.search(r"\d", words):
        return None
    covered = max(label.end for label in within) - within[0].start
    return within[0] if covered >= _MOSTLY * len(words) else None
