"""Runs of characters in their places -> lines of text, one row of a form one line.

A PDF knows no rows: a label and its value are two strings at the same height. They are put on one line, parted by a
tab, and what goes on below the value alone is joined to it, so that "Last known address" and the postcode four lines
further down stand together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

GAP: Final = 1.2
"""White space, in ems, from which on two strings at the same height are two cells."""
_SPACE: Final = 0.1
_SAME_LINE: Final = 0.35
_SAME_COLUMN: Final = 2.0
_NEXT_LINE: Final = 1.8
_PROSE: Final = 25
_PROSE_LINES: Final = 6
_STOPS: Final = (",", ";", ":", ".", "-", "/", "?", "!", "(")

Box = tuple[float, float, float, float]


@dataclass(slots=True, kw_only=True)
class Run:
    """Characters that follow each other without a gap. Places are in points, turned so that text runs to the right."""

    text: str
    left: float
    right: float
    base: float
    size: float
    turned: int = 0
    """Quarter turns, anticlockwise."""
    reach: float = 0.0
    """How far from its own base line the line may be that a form value belongs to."""

    @classmethod
    def begin(cls, place: Box, x: float, y: float, *, turned: int) -> Run:
        """An empty run at the origin (x, y) of its first character."""
        left, bottom, _, top = _turn(place, turned)
        base = _turn((x, y, x, y), turned)[1]
        return cls(text="", left=left, right=left, base=base, size=max((top - bottom) * 0.85, 1.0), turned=turned)

    def goes_on(self, place: Box, x: float, y: float) -> bool:
        """Whether the character at `place` stands on this run's line, just after it."""
        left = _turn(place, self.turned)[0]
        base = _turn((x, y, x, y), self.turned)[1]
        gap = left - self.right
        return abs(base - self.base) <= _SAME_LINE * self.size and -self.size <= gap <= GAP * self.size

    def add(self, text: str, place: Box) -> None:
        """Append the character at `place`."""
        self.text += text
        self.right = max(self.right, _turn(place, self.turned)[2])


@dataclass(slots=True)
class _Line:
    base: float
    size: float
    cells: list[Run] = field(default_factory=list)
    lowest: float = 0.0
    """The base of the last line that was joined to this one."""


def lay_out(runs: list[Run]) -> str:
    """The text of a page: upright text first, then what is printed sideways."""
    written: list[str] = []
    for turned in (0, 1, 3, 2):
        lines = _lines([run for run in runs if run.turned == turned and run.text.strip()])
        written.extend(_written(_joined(_by_column(lines))))
    return "\n".join(written)


def _lines(runs: list[Run]) -> list[_Line]:
    lines: list[_Line] = []
    for run in sorted((run for run in runs if not run.reach), key=lambda run: -run.base):
        if lines and abs(lines[-1].base - run.base) <= _SAME_LINE * min(lines[-1].size, run.size):
            lines[-1].cells.append(run)
        else:
            lines.append(_Line(run.base, run.size, [run]))
    for run in (run for run in runs if run.reach):
        nearest = min(lines, key=lambda line: abs(line.base - run.base), default=None)
        if nearest is not None and abs(nearest.base - run.base) <= run.reach:
            nearest.cells.append(run)
        else:
            lines.append(_Line(run.base, run.size, [run]))
    lines.sort(key=lambda line: -line.base)
    for line in lines:
        line.cells = _cells(line)
        line.lowest = line.base
    return lines


def _cells(line: _Line) -> list[Run]:
    """The runs of a line from left to right, those without a gap between them made one."""
    cells: list[Run] = []
    for run in sorted(line.cells, key=lambda run: run.left):
        gap = run.left - cells[-1].right if cells else 0.0
        if not cells or gap > GAP * line.size or run.reach or cells[-1].reach:
            cells.append(run)
            continue
        cells[-1].text += (" " if gap > _SPACE * line.size else "") + run.text
        cells[-1].right = max(cells[-1].right, run.right)
    return cells


def _by_column(lines: list[_Line]) -> list[_Line]:
    """Prose in two columns is read down each column; a form's label and value are not."""
    ordered: list[_Line] = []
    block: list[_Line] = []
    for line in [*lines, _Line(0.0, 0.0)]:
        if len(line.cells) == 2 and (not block or _aligned(block[0].cells[1].left, line.cells[1].left)):
            block.append(line)
            continue
        ordered.extend(_unfolded(block))
        block = []
        ordered.append(line)
    return ordered[:-1]


def _unfolded(block: list[_Line]) -> list[_Line]:
    if len(block) < _PROSE_LINES or any(
        sum(len(line.cells[column].text) for line in block) < _PROSE * len(block) for column in (0, 1)
    ):
        return block
    return [_Line(line.base, line.size, [line.cells[column]], line.base) for column in (0, 1) for line in block]


def _joined(lines: list[_Line]) -> list[_Line]:
    """Lines that stand below the last cell of a row, and below nothing else, are the rest of that cell."""
    edge = max((line.cells[-1].right for line in lines), default=0.0)
    rows: list[_Line] = []
    for line in lines:
        if rows and _goes_on_below(rows[-1], line):
            cell, rest = rows[-1].cells[-1], line.cells[0]
            cell.text += _seam(cell, rest, edge, line.size) + rest.text
            cell.right = rest.right
            rows[-1].lowest = line.base
        else:
            rows.append(line)
    return rows


def _goes_on_below(row: _Line, line: _Line) -> bool:
    return (
        len(row.cells) > 1
        and len(line.cells) == 1
        and _aligned(row.cells[-1].left, line.cells[0].left)
        and 0 < row.lowest - line.base <= _NEXT_LINE * max(row.size, line.size)
    )


def _seam(cell: Run, rest: Run, edge: float, size: float) -> str:
    """A comma where the writer began a new line (an address), a space where the line was full."""
    word = len(rest.text.split(" ")[0]) * (rest.right - rest.left) / max(len(rest.text), 1)
    full = cell.right + word + size * 0.3 > edge
    return " " if full or cell.text.endswith(_STOPS) else ", "


def _written(lines: list[_Line]) -> list[str]:
    return ["\t".join(cell.text.strip() for cell in line.cells) for line in lines]


def _aligned(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME_COLUMN


def _turn(place: Box, turned: int) -> Box:
    left, bottom, right, top = place
    if turned == 1:
        return bottom, -right, top, -left
    if turned == 2:
        return -right, -top, -left, -bottom
    if turned == 3:
        return -top, left, -bottom, right
    return place
