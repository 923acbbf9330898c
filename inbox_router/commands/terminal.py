"""Words on a terminal: colour only where somebody looks at it, columns that fit the window."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO

from inbox_router.core.decision import Outcome, Priority

_STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")

NARROWEST, WIDEST_TEXT = 60, 110
"""Columns. Running text is not set wider than this, whatever the window: the eye loses the next line."""
NO_WINDOW = 160
"""Columns where nobody said, as in a file or a log."""

PRIORITY_STYLES = {Priority.URGENT: ("bold", "red"), Priority.HIGH: ("yellow",), Priority.ROUTINE: ("dim",)}
OUTCOME_STYLES = {Outcome.ROUTE: ("green",), Outcome.HOLD: ("magenta",), Outcome.FILE: ("blue",)}


class Terminal:
    """Prints to one stream. What it is handed may come from a message: control characters are shown, never sent."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self.colour = self._stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self.window = self._stream.isatty()
        self.width = max(shutil.get_terminal_size((100 if self.window else NO_WINDOW, 24)).columns, NARROWEST)

    def ink(self, text: str, *styles: str) -> str:
        """The text in these styles, where colours are on."""
        text = visible(text)
        if not self.colour or not styles:
            return text
        return f"\x1b[{';'.join(_STYLES[style] for style in styles)}m{text}\x1b[0m"

    def line(self, *cells: str) -> None:
        """One line made of what `ink` gave; plain text goes through `ink` as well."""
        print(*cells, sep="", file=self._stream, flush=True)

    def heading(self, text: str) -> None:
        self.line()
        self.line(self.ink(text, "bold"))

    def wrapped(self, text: str, indent: int = 2, *styles: str) -> None:
        """A paragraph, folded at words to the width of the window."""
        margin = " " * indent
        for row in textwrap.wrap(visible(text), min(self.width, WIDEST_TEXT) - indent, break_on_hyphens=False) or [""]:
            self.line(margin + self.ink(row, *styles))

    def fit(self, text: str, width: int) -> str:
        """The text, cut to `width` columns where it goes into a window; a file or a pipe gets all of it."""
        return cut(text, width) if self.window else text

    def table(self, rows: Sequence[Sequence[str]], *, indent: int = 2, gap: int = 2) -> None:
        """Columns as wide as their widest cell; in a window the last is cut to fit. Cells come from `ink`."""
        widths = [max(map(length, column)) for column in zip(*rows, strict=True)] if rows else []
        for row in rows:
            cells = [pad(cell, width) for cell, width in zip(row[:-1], widths, strict=False)]
            used = indent + sum(map(length, cells)) + gap * len(cells)
            last = self.fit(row[-1], max(self.width - used, 16))
            self.line((" " * indent + (" " * gap).join([*cells, last])).rstrip())


def visible(text: str) -> str:
    """Text that a terminal shows and does not obey: control and direction characters become escapes."""
    return "".join(
        character if character in "\n\t" or unicodedata.category(character)[0] != "C" else f"\\u{ord(character):04x}"
        for character in text
    )


def length(text: str) -> int:
    """Columns that the text takes up, its colours not counted."""
    plain = _ESCAPES.sub("", text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in plain)


def pad(text: str, width: int) -> str:
    return text + " " * (width - length(text))


def cut(text: str, width: int) -> str:
    """The text, or as much of it as fits with an ellipsis; the colour that it began with is ended."""
    if length(text) <= width:
        return text
    plain = _ESCAPES.sub("", text)[: max(width - 1, 0)] + "…"
    colour = _ESCAPES.match(text)
    return f"{colour[0]}{plain}\x1b[0m" if colour else plain


def listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 message`, `2 messages`."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"


def age(now: datetime, then: datetime) -> str:
    """`12 s`, `5 min`, `3 h`, `2 days`: how long ago, in the largest unit that fits."""
    seconds = max(int((now - then).total_seconds()), 0)
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
