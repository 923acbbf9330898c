"""One story of a DOCX (body, header, footer, notes) from its XML events to lines.

One paragraph is one line; one table row is one line, its cells parted by tabs and the paragraphs of a cell by commas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from inbox_router.edges.extraction.cells import in_one_line, row_line
from inbox_router.edges.extraction.glyphs import shown

_WORDPROCESSING: Final = frozenset(
    {
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
        "http://schemas.microsoft.com/office/word/2010/wordml",
        "http://schemas.openxmlformats.org/markup-compatibility/2006",
    }
)
_SKIPPED: Final = frozenset(
    {
        "del",
        "moveFrom",
        "Fallback",
        "instrText",
        "delText",
        "rPrChange",
        "pPrChange",
        "tblPrChange",
        "trPrChange",
        "tcPrChange",
    }
)
"""What is not, or no longer, on the page: deleted text, the former properties, the second copy of a text box."""
_OFF: Final = frozenset({"0", "false", "off", "none"})

Attributes = Mapping[str, str]


@dataclass(slots=True)
class _Block:
    """A container of paragraphs: the story itself, a table cell, a text box."""

    lines: list[str] = field(default_factory=list)
    paragraph: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    """Rows of tables within a cell that have several columns: lines of their own below the row."""
    merged: bool = False
    """The cell goes on from the one above (`w:vMerge` without restart)."""


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=list)
    after: dict[int, list[str]] = field(default_factory=dict)
    row: list[_Block] = field(default_factory=list)


@dataclass(slots=True)
class _Control:
    """A content control (`w:sdt`): what it shows may be a box to tick or a prompt that nobody has answered."""

    checked: bool | None = None
    prompt: bool = False
    skipping: bool = False


class Story:
    """Expat handlers. `text` is complete after the last event."""

    def __init__(self) -> None:
        self._blocks = [_Block()]
        self._tables: list[_Table] = []
        self._controls: list[_Control] = []
        self._skipping = 0
        self._in_text = False
        self._unseen = False
        self._options: list[str] = []
        self._choice = 0
        self._starts: Mapping[str, Callable[[Attributes], None]] = {
            "t": self._text_starts, "tab": lambda _: self._put("\t"), "br": lambda _: self._put("\n"),
            "cr": lambda _: self._put("\n"), "noBreakHyphen": lambda _: self._put("-"), "sym": self._symbol,
            "r": self._run_starts, "strike": self._unseen_if_on, "dstrike": self._unseen_if_on,
            "vanish": self._unseen_if_on, "tbl": lambda _: self._tables.append(_Table()), "tc": self._cell_starts,
            "vMerge": self._merge, "txbxContent": lambda _: self._blocks.append(_Block()),
            "sdt": lambda _: self._controls.append(_Control()), "checked": self._checked,
            "showingPlcHdr": self._prompt, "sdtContent": self._content_starts, "checkBox": self._box_starts,
            "default": self._default, "ddList": self._choice_starts, "listEntry": self._option, "result": self._chosen,
        }  # fmt: skip
        self._ends: Mapping[str, Callable[[], None]] = {
            "t": self._text_ends, "p": self._paragraph_ends, "tc": self._cell_ends, "tr": self._row_ends,
            "tbl": self._table_ends, "txbxContent": self._box_ends, "sdtContent": self._content_ends,
            "sdt": self._control_ends, "checkBox": self._tick_ends, "ddList": self._choice_ends,
        }  # fmt: skip
        self._tick: bool | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        space, _, local = name.rpartition(" ")
        if space not in _WORDPROCESSING:
            return
        if self._skipping or local in _SKIPPED:
            self._skipping += 1
        elif handler := self._starts.get(local):
            handler(attributes)

    def end(self, name: str) -> None:
        space, _, local = name.rpartition(" ")
        if space not in _WORDPROCESSING:
            return
        if self._skipping:
            self._skipping -= 1
        elif handler := self._ends.get(local):
            handler()

    def characters(self, data: str) -> None:
        if self._in_text and not self._skipping:
            self._put(data)

    def text(self) -> str:
        return "\n".join(line for line in self._blocks[0].lines if line.strip())

    def _put(self, text: str) -> None:
        if not self._unseen and not any(control.skipping for control in self._controls):
            self._blocks[-1].paragraph.append(text)

    def _text_starts(self, _: Attributes) -> None:
        self._in_text = True

    def _text_ends(self) -> None:
        self._in_text = False

    def _run_starts(self, _: Attributes) -> None:
        self._unseen = False

    def _unseen_if_on(self, attributes: Attributes) -> None:
        self._unseen = self._unseen or _value(attributes, "1") not in _OFF

    def _symbol(self, attributes: Attributes) -> None:
        code = next((value for name, value in attributes.items() if name.endswith(" char")), "")
        if code and all(digit in "0123456789abcdefABCDEF" for digit in code):
            self._put(shown(int(code, 16)))

    def _paragraph_ends(self) -> None:
        block = self._blocks[-1]
        block.lines.append("".join(block.paragraph))
        block.paragraph.clear()
        # The properties of a paragraph mark must not strike out what follows it.
        self._unseen = False

    def _cell_starts(self, _: Attributes) -> None:
        self._blocks.append(_Block())

    def _merge(self, attributes: Attributes) -> None:
        self._blocks[-1].merged = _value(attributes, "continue") == "continue"

    def _cell_ends(self) -> None:
        cell = self._close_block()
        if self._tables:
            self._tables[-1].row.append(cell)

    def _row_ends(self) -> None:
        if not self._tables:
            return
        table = self._tables[-1]
        cells, table.row = table.row, []
        texts = [in_one_line(cell.lines) for cell in cells]
        if len(cells) > 1 and cells[0].merged and table.rows and len(table.rows[-1]) == len(texts):
            above = table.rows[-1]
            table.rows[-1] = [in_one_line([old, new]) for old, new in zip(above, texts, strict=True)]
        else:
            table.rows.append(texts)
        nested = [line for cell in cells for line in cell.nested]
        table.after.setdefault(len(table.rows) - 1, []).extend(nested)

    def _table_ends(self) -> None:
        if not self._tables:
            return
        table = self._tables.pop()
        within_cell = bool(self._tables)
        block = self._blocks[-1]
        for number, row in enumerate(table.rows):
            # A table of one column within a cell is only a way of laying out that cell.
            target = block.nested if within_cell and len(row) > 1 else block.lines
            target.append(row_line(row))
            target.extend(table.after.get(number, ()))

    def _box_ends(self) -> None:
        """A text box stands above the paragraph that it is anchored in."""
        box = self._close_block()
        self._blocks[-1].lines.extend([*box.lines, *box.nested])

    def _close_block(self) -> _Block:
        if len(self._blocks) == 1:
            return _Block()
        if self._blocks[-1].paragraph:
            self._paragraph_ends()
        return self._blocks.pop()

    def _checked(self, attributes: Attributes) -> None:
        on = _value(attributes, "1") not in _OFF
        if self._tick is not None:
            self._tick = on
        elif self._controls:
            self._controls[-1].checked = on

    def _prompt(self, attributes: Attributes) -> None:
        if self._controls:
            self._controls[-1].prompt = _value(attributes, "1") not in _OFF

    def _content_starts(self, _: Attributes) -> None:
        if not self._controls:
            return
        control = self._controls[-1]
        if control.checked is not None:
            self._unseen = False
            self._put("☒" if control.checked else "☐")
        control.skipping = control.checked is not None or control.prompt

    def _content_ends(self) -> None:
        if self._controls:
            self._controls[-1].skipping = False

    def _control_ends(self) -> None:
        if self._controls:
            self._controls.pop()

    def _box_starts(self, _: Attributes) -> None:
        """A legacy form field (17.16.7): the state is in the field's data, nothing is drawn in the text."""
        self._tick = False

    def _default(self, attributes: Attributes) -> None:
        value = _value(attributes, "1")
        if self._tick is not None:
            self._tick = value not in _OFF
        elif value.isdecimal():
            self._choice = int(value)

    def _tick_ends(self) -> None:
        self._put("☒" if self._tick else "☐")
        self._tick = None

    def _choice_starts(self, _: Attributes) -> None:
        self._options, self._choice = [], 0

    def _option(self, attributes: Attributes) -> None:
        self._options.append(_value(attributes, ""))

    def _chosen(self, attributes: Attributes) -> None:
        value = _value(attributes, "0")
        self._choice = int(value) if value.isdecimal() else 0

    def _choice_ends(self) -> None:
        if self._choice < len(self._options):
            self._put(self._options[self._choice])


def _value(attributes: Attributes, default: str) -> str:
    """`w:val` or `w14:val`, which mean the same."""
    return next((value for name, value in attributes.items() if name.endswith(" val")), default)
