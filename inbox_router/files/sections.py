"""Reading the tables of a file by what their keys should hold, and saying so where they hold something else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from inbox_router.core.rules import Where
from inbox_router.files.problems import Findings, did_you_mean
from inbox_router.files.yaml_text import Entry, Items, Node, Scalar, Table

Kind = TypeVar("Kind", bound=StrEnum)
Value = TypeVar("Value")

_YES = {"yes": True, "true": True, "no": False, "false": False}


class Section:
    """One table. Its keys are known beforehand: another key is a mistake, named together with the nearest right one."""

    def __init__(self, table: Table, findings: Findings, *, what: str, keys: Collection[str]) -> None:
        """`what` completes "... is not a key of"; a mistake in a key is noted at once."""
        self.where = table.where
        self.findings = findings
        self._values = {entry.key.text: entry for entry in table.entries}
        for before, entry in zip((None, *table.entries), table.entries, strict=False):
            if entry.key.text not in keys:
                hint = _cut_by_comma(before, entry) or did_you_mean(_plain(entry.key.text), keys)
                findings.add(entry.key.where, f'"{entry.key.text}" is not a key of {what}', hint)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def at(self, key: str) -> Where:
        """Where the key stands, or where the table begins if it does not."""
        entry = self._values.get(key)
        return entry.key.where if entry else self.where

    def node(self, key: str) -> Node | None:
        entry = self._values.get(key)
        return entry.value if entry else None

    def need(self, *keys: str, hints: Mapping[str, str]) -> None:
        """Note each of the keys that is missing."""
        for key in keys:
            if key not in self:
                self.findings.add(self.where, f'"{key}" is missing', f"write for example: {key}: {hints[key]}")

    def scalar(self, key: str) -> Scalar | None:
        """The text of a key; None where there is none, with a problem where there is something else."""
        node = self.node(key)
        return None if node is None else text_of(node, self.findings, what=f'"{key}"')

    def text(self, key: str, default: str = "") -> str:
        scalar = self.scalar(key)
        return default if scalar is None else scalar.text

    def texts(self, key: str) -> tuple[Scalar, ...]:
        """The texts of a list, or one text by itself."""
        node = self.node(key)
        return () if node is None else texts_of(node, self.findings, what=f'"{key}"')

    def tables(self, key: str, example: str) -> tuple[Table, ...]:
        """The tables of a list."""
        node = self.node(key)
        if node is None:
            return ()
        if isinstance(node, Scalar) and not node.text:
            self.findings.add(self.at(key), f'"{key}" has nothing after it', f"write for example: {example}")
            return ()
        found = node.items if isinstance(node, Items) else (node,)
        for item in found:
            if not isinstance(item, Table):
                self.findings.add(item.where, f'"{key}" is a list of tables', f"write for example: {example}")
        if isinstance(node, Table):
            self.findings.add(
                node.where, f'"{key}" is a list, its items begin with "- "', f"write for example: {example}"
            )
        return tuple(item for item in found if isinstance(item, Table))

    def table(self, key: str, example: str) -> Table | None:
        """The table under a key."""
        node = self.node(key)
        if node is None or isinstance(node, Table):
            return node
        self.findings.add(node.where, f'"{key}" has keys of its own under it', f"write for example: {example}")
        return None

    def nothing(self) -> Table:
        """An empty table, to read the defaults from where a key is missing."""
        return Table(entries=(), where=self.where)

    def choice(self, key: str, kind: type[Kind]) -> Kind | None:
        """A word of a closed vocabulary."""
        scalar = self.scalar(key)
        if scalar is None:
            return None
        return chosen(scalar, kind, self.findings, what=f'"{key}"')

    def yes(self, key: str, *, default: bool = False) -> bool:
        scalar = self.scalar(key)
        if scalar is None:
            return default
        if scalar.text.casefold() not in _YES:
            self.findings.add(scalar.where, f'"{key}" is yes or no, not "{scalar.text}"', f"write: {key}: yes")
        return _YES.get(scalar.text.casefold(), default)

    def parsed(self, key: str, parse: Callable[[str], Value | None], what: str, example: str) -> Value | None:
        """A text that `parse` understands; `what` completes "... is"."""
        scalar = self.scalar(key)
        if scalar is None:
            return None
        value = parse(scalar.text)
        if value is None:
            self.findings.add(
                scalar.where, f'"{key}" is {what}, not "{scalar.text}"', f"write for example: {key}: {example}"
            )
        return value

    def format_1(self) -> None:
        """Every file says which edition of the format it is written in; there is one so far."""
        scalar = self.scalar("format")
        if "format" not in self:
            self.findings.add(self.where, '"format" is missing', "write at the top: format: 1")
        elif scalar is not None and scalar.text != "1":
            self.findings.add(scalar.where, f'this program does not know format "{scalar.text}"', "write: format: 1")


def text_of(node: Node, findings: Findings, *, what: str) -> Scalar | None:
    """A text that is not empty; None and a problem where it is something else."""
    if isinstance(node, Scalar):
        if node.text.strip():
            return node
        findings.add(node.where, f"{what} has nothing after it", "write the value, or delete the key")
    elif isinstance(node, Items):
        findings.add(node.where, f"{what} is one text, not a list", "remove the brackets or dashes, and keep one value")
    else:
        findings.add(node.where, f"{what} is a text, but this is read as a key and a value", _in_quotes(node))
    return None


def texts_of(node: Node, findings: Findings, *, what: str) -> tuple[Scalar, ...]:
    """The texts of a list; one text by itself is a list of one."""
    if isinstance(node, Items):
        if not node.items:
            findings.add(
                node.where, f"the list of {what} is empty", "write something between the brackets, or delete the key"
            )
        return tuple(
            item for node in node.items if (item := text_of(node, findings, what=f"an item of {what}")) is not None
        )
    found = text_of(node, findings, what=what)
    return () if found is None else (found,)


def chosen(scalar: Scalar, kind: type[Kind], findings: Findings, *, what: str, more: Iterable[str] = ()) -> Kind | None:
    """The word of a vocabulary that a text is."""
    try:
        return kind(scalar.text)
    except ValueError:
        words = [*(member.value for member in kind), *more]
        findings.add(scalar.where, f'{what} cannot be "{scalar.text}"', did_you_mean(scalar.text, words))
        return None


def _plain(key: str) -> str:
    return key.replace("\u00a0", " ").replace("_", " ").strip()


def _cut_by_comma(before: Entry | None, entry: Entry) -> str:
    """A hint for `{subject: Hello, John}`, in which John is read as a key of its own."""
    alone = isinstance(entry.value, Scalar) and not entry.value.text and not entry.value.quoted
    if not alone or before is None or not isinstance(before.value, Scalar) or before.value.quoted:
        return ""
    if entry.key.where.line != before.key.where.line:
        return ""
    return f'if it belongs to "{before.key.text}", put that text in quotes: "{before.value.text}, {entry.key.text}"'


def _in_quotes(table: Table) -> str:
    """How the text that was read as a key and a value is written so that it stays a text."""
    if len(table.entries) == 1 and isinstance(table.entries[0].value, Scalar):
        entry = table.entries[0]
        value = entry.value.text if isinstance(entry.value, Scalar) else ""
        return f'put it in quotes: "{entry.key.text}: {value}"' if value else f'put it in quotes: "{entry.key.text}"'
    return "put the text in quotes, or look at the indentation"
