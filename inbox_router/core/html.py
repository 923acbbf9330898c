"""HTML -> the text that a reader would see, with the structure that matters: lines, and table rows as one line each.

The walk is iterative and visits every node once, so that depth and size cost no more than they weigh.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from resiliparse.parse.html import ElementNode, HTMLTree, Node, TextNode

from inbox_router.core.fields import plain
from inbox_router.core.styles import is_coloured, is_hidden, is_struck, style_of, style_sheet

UNSHOWN = frozenset(
    {
        *("head", "title", "style", "script", "template", "noscript", "object", "embed", "applet", "audio"),
        *("video", "canvas", "svg", "map", "datalist", "iframe", "noframes", "#comment"),
    }
)
STRUCK = frozenset({"s", "strike", "del"})
BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div"),
        *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5"),
        *("h6", "header", "hr", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption", "option"),
    }
)
LISTS = frozenset({"ol", "ul"})
SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "blockquote"})
CELLS = frozenset({"td", "th"})
TABLES = frozenset({"table", "tr", "td", "th"})

SPACES = re.compile("[ \t\r\n\f]+")
RUN_OF_SPACES = re.compile(" {2,}")
DEEPEST_TABLE = 40
DEEPEST_QUOTATION = 50
MOST_NODES = 25_000
MOST_LINES_OF_A_CELL = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """What a reader of the HTML sees."""

    text: str
    has_tables: bool = False
    """Whether it holds rows of two cells or more, which plain text would have pulled apart."""
    has_hidden_text: bool = False
    """Whether words stand in it that no reader sees."""
    is_cut: bool = False
    """Whether it has more elements than are looked at, so that the end was not read."""


@dataclass(slots=True)
class _Frame:
    """Lines being gathered for one container: the page, a table row or a cell."""

    tag: str
    lines: list[str] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    quoted: int = 0
    nested: bool = False
    """Whether a table stands inside: the outer one is then there for the layout."""

    def break_line(self) -> None:
        if not self.buffer:
            return
        text = "".join(self.buffer)
        self.buffer.clear()
        stripped = RUN_OF_SPACES.sub("  ", text.replace("\xa0", " ")).strip(" ")
        if stripped or "\xa0" in text:
            self._append(stripped)

    def blank(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def take(self, lines: list[str]) -> None:
        for line in lines:
            self._append(line)

    def _append(self, line: str) -> None:
        if line:
            self.lines.append("> " * self.quoted + line)
        else:
            self.blank()


class _Page:
    """The walk's state: open frames, how deep in preformatted text, and what hides or colours what is below."""

    def __init__(self, sheet: Mapping[str, str]) -> None:
        self.sheet = sheet
        self.frames = [_Frame("page")]
        self.has_tables = False
        self.has_hidden_text = False
        self.preformatted = 0
        self.coloured = 0
        self.lists: list[int | None] = []

    @property
    def frame(self) -> _Frame:
        return self.frames[-1]

    def marker(self) -> str:
        """What stands before a list item; numbers are in the text version of a message too."""
        number = self.lists[-1] if self.lists else None
        if number is None:
            return "• "
        self.lists[-1] = number + 1
        return f"{number + 1}. "

    def write(self, text: str) -> None:
        if not self.preformatted:
            text = SPACES.sub(" ", text)
            if text == " " and not self.frame.buffer:
                return
            self.frame.buffer.append(text)
            return
        first, *rest = text.split("\n")
        self.frame.buffer.append(first)
        for line in rest:
            self.frame.break_line()
            self.frame.buffer.append(line)

    def open_table(self, tag: str) -> None:
        """Enter a table, a row or a cell."""
        if tag == "table":
            for frame in self.frames:
                frame.nested = frame.nested or frame.tag in CELLS
        elif len(self.frames) <= 2 * DEEPEST_TABLE:
            self.frames.append(_Frame(tag))

    def close_cell(self, tag: str) -> None:
        if self.frame.tag != tag or len(self.frames) == 1:
            return
        cell = self.frames.pop()
        cell.break_line()
        while cell.lines and not cell.lines[-1]:
            cell.lines.pop()
        if tag == "tr":
            self._close_row(cell)
        elif self.frame.tag == "tr":
            self.frame.cells.append(cell.lines)
            self.frame.nested = self.frame.nested or cell.nested
        else:
            self.frame.take(cell.lines)

    def _close_row(self, row: _Frame) -> None:
        filled = [cell for cell in row.cells if any(cell)]
        laid_out = row.nested or any(len(cell) > MOST_LINES_OF_A_CELL for cell in filled)
        if len(filled) > 1 and not laid_out:
            self.has_tables = True
            self.frame.take(["\t".join(_joined(cell) for cell in row.cells).strip("\t")])
        else:
            for cell in filled:
                self.frame.take(cell)
        self.frame.take(row.lines)


def _joined(lines: list[str]) -> str:
    """The lines of a cell as one: an address reads as it would be written on one line, a short label stays a label."""
    text = ""
    for line in filter(None, (line.replace("\t", " ") for line in lines)):
        if text:
            text += " " if text[-1] in ",.;:?!-/" else ", "
        text += line
    return text


def visible_text(html: str) -> Rendering:
    """The text of an HTML body as a reader sees it.

    Left out: what is hidden by style, struck through, or no text at all. Check boxes stand as ☒ and ☐; a quotation
    marked as such by the sender's program has `> ` before its lines. Never raises for content.
    """
    tree = HTMLTree.parse(html.encode("utf-8", "replace").decode("utf-8"))
    if tree.body is None:
        return Rendering(text="")
    page = _Page(style_sheet(tree))
    is_cut = _walk(tree.body, page)
    page.frame.break_line()
    text = plain("\n".join(page.frame.lines)).strip("\n")
    return Rendering(text=text, has_tables=page.has_tables, has_hidden_text=page.has_hidden_text, is_cut=is_cut)


def _walk(body: ElementNode, page: _Page) -> bool:
    """Write every shown node to the page; True where there were more than are looked at."""
    visited = 0
    leaving: list[tuple[ElementNode, str, bool]] = []
    node: Node | None = body
    while node is not None and visited < MOST_NODES:
        visited += 1
        child = None
        if isinstance(node, TextNode):
            page.write(node.value or "")
        elif isinstance(node, ElementNode):
            tag = node.tag or ""
            style = style_of(node, page.sheet)
            if _is_shown(node, tag, style, page):
                coloured = bool(style) and is_coloured(style)
                page.coloured += coloured
                _enter(node, tag, page)
                child = node.first_child
                if child is None:
                    _leave(node, tag, page, coloured)
                else:
                    leaving.append((node, tag, coloured))
        if child is not None:
            node = child
            continue
        while node is not None and node.next is None:
            if not leaving:
                return False
            node, tag, coloured = leaving.pop()
            _leave(node, tag, page, coloured)
        node = None if node is None or not leaving else node.next
    return node is not None


def _enter(node: ElementNode, tag: str, page: _Page) -> None:
    if tag == "br":
        if page.frame.buffer:
            page.frame.break_line()
        else:
            page.frame.blank()
    elif tag == "input":
        page.write(_input(node))
    elif tag in BLOCKS:
        page.frame.break_line()
        if tag == "hr":
            page.frame.take(["_" * 32])
        elif tag in TABLES:
            page.open_table(tag)
        elif tag == "pre":
            page.preformatted += 1
        elif tag == "blockquote" and _is_quotation(node):
            page.frame.quoted = min(page.frame.quoted + 1, DEEPEST_QUOTATION)
        elif tag in LISTS:
            page.lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            page.write(page.marker())


def _leave(node: ElementNode, tag: str, page: _Page, coloured: bool) -> None:
    page.coloured -= coloured
    if tag not in BLOCKS:
        return
    if tag in CELLS or tag == "tr":
        page.close_cell(tag)
        return
    page.frame.break_line()
    if tag == "pre":
        page.preformatted -= 1
    elif tag == "blockquote":
        page.frame.quoted = max(0, page.frame.quoted - 1)
    elif tag in LISTS:
        page.lists.pop()
    if tag in SPACED and not (tag == "p" and (node.getattr("class") or "").startswith("Mso")):
        page.frame.blank()  # Word's own paragraphs have no space between them


def _input(node: ElementNode) -> str:
    kind = (node.getattr("type") or "text").lower()
    if kind in {"checkbox", "radio"}:
        return " ☒ " if node.hasattr("checked") else " ☐ "
    return f" {node.getattr('value') or ''} " if kind in {"text", "email", "tel", "date", "number"} else ""


def _is_quotation(node: ElementNode) -> bool:
    """Outlook uses the element to indent, so only one that says what it is counts."""
    if (node.getattr("type") or "").lower() == "cite" or node.hasattr("cite"):
        return True
    return "quote" in (node.getattr("class") or "").lower()


def _is_shown(node: ElementNode, tag: str, style: str, page: _Page) -> bool:
    if tag in UNSHOWN or tag in STRUCK:
        return False
    if tag == "option" and not node.hasattr("selected"):
        return False
    if style and is_struck(style):
        return False
    if node.hasattr("hidden") or (style and is_hidden(style, page.coloured > 0)):
        page.has_hidden_text = page.has_hidden_text or bool((node.text or "").strip())
        return False
    return True
