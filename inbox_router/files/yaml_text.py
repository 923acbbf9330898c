"""Strict YAML: the octets of a file -> a tree in which every value is text and knows its line and column.

Less than YAML on purpose. Nothing is guessed (`no`, `19:00` and `0123` stay text until a schema says otherwise),
nothing is dropped in silence (duplicate keys, comments that cut a text short), nothing can grow (aliases, depth).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import yaml

from inbox_router.core.rules import Where
from inbox_router.files.decoding import decoded, place
from inbox_router.files.problems import Findings, Problem
from inbox_router.files.yaml_errors import Broken, explain, starred

MOST_NODES = 50_000
DEEPEST = 16

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIGHT_COMMENT = re.compile(r"(?<=[^\s#])[ \t]+#[^\s#=\-][^\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    text: str
    where: Where
    quoted: bool = False
    """Written in quotes or as a block (`|`, `>`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list: `- one` lines or `[one, two]`."""

    items: tuple[Node, ...]
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Keys and values; no key stands twice."""

    entries: tuple[Entry, ...]
    where: Where


Node: TypeAlias = Scalar | Items | Table


def read(file: str, octets: bytes, findings: Findings) -> Table | None:
    """The one table that a file consists of; None, with the reasons in `findings`, where there is no such thing."""
    text = decoded(file, octets, findings)
    if text is None:
        return None
    known = len(findings.problems)
    builder = _Builder(file, findings)
    try:
        node = builder.build(yaml.parse(text, Loader=_Loader))
    except yaml.YAMLError as error:
        told = _told(file, text, error)
        # A mistake that breaks off the reading often made a text run on just before: that is one mistake, told once.
        findings.problems += [found for last, found in builder.run_on if last < told.where.line - 1]
        findings.problems.append(told)
        return None
    except _RefusedError:
        return None
    findings.problems += [found for _, found in builder.run_on]
    _find_cut_texts(file, text, builder.spans, findings)
    if node is None or len(findings.problems) > known:
        return None
    if not isinstance(node, Table):
        findings.add(
            node.where, "this is not a list of keys and values", 'begin with "format: 1", then one "key: value" a line'
        )
        return None
    return node


class _RefusedError(Exception):
    """A file that is not worth reading on: the problem has been noted."""


@dataclass(slots=True)
class _Open:
    """A list or a table whose end has not come yet."""

    where: Where
    is_table: bool
    nodes: list[Node]


class _Builder:
    """Builds the tree from the parser's events, without recursion."""

    def __init__(self, file: str, findings: Findings) -> None:
        self.file = file
        self.findings = findings
        self.spans: list[tuple[int, int]] = []
        """Where the quoted texts and blocks stand, in characters: a `#` inside them is text."""
        self.run_on: list[tuple[int, Problem]] = []
        """Texts that take more than one line, with the number of their last line, counted from 0."""
        self._stack: list[_Open] = []
        self._anchors: set[str] = set()
        self._root: Node | None = None
        self._nodes = 0

    def build(self, events: Iterator[yaml.Event]) -> Node | None:
        documents = 0
        for event in events:
            start, _ = _marks(event)
            where = Where(file=self.file, line=start.line + 1, column=start.column + 1)
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event, where)
                case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                    self._begin(event, where)
                case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                    self._end()
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        self._refuse(
                            where, '"---" begins a second document here', "delete this line: one file, one subject"
                        )
                    if event.version or event.tags:
                        self.findings.add(where, 'a line that begins with "%" is not used here', "delete it")
                case yaml.AliasEvent():
                    self._alias(event.anchor or "", where)
        if documents == 0:
            where = Where(file=self.file, line=1, column=1)
            self.findings.add(where, "this file holds nothing but comments", "write it, or delete the file")
        return self._root

    def _scalar(self, event: yaml.ScalarEvent, where: Where) -> None:
        self._decorations(event, where)
        start, end = _marks(event)
        quoted = bool(event.style)
        if quoted:
            self.spans.append((start.index, end.index))
        if event.style not in {"|", ">"} and end.line > start.line:
            first = event.value.split(" ")[0]
            told = Problem(
                where=where,
                message=f'the text that begins "{first}" runs on into the next line',
                hint="put it on one line; if these are two things, a comma, a dash or a quotation mark is missing",
            )
            self.run_on.append((end.line, told))
        self._add(Scalar(text=event.value, where=where, quoted=quoted))

    def _begin(self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent, where: Where) -> None:
        self._decorations(event, where)
        if len(self._stack) >= DEEPEST:
            self._refuse(where, f"lists and tables are nested more than {DEEPEST} deep", "look for brackets too many")
        self._stack.append(_Open(where=where, is_table=isinstance(event, yaml.MappingStartEvent), nodes=[]))

    def _decorations(self, event: yaml.NodeEvent, where: Where) -> None:
        if event.anchor is not None:
            self._anchors.add(event.anchor)
            self.findings.add(
                where,
                f'"&{event.anchor}" gives what follows a name, which is not possible here',
                "write the value out wherever it is needed; or, if this is part of a text, put the text in quotes",
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            self.findings.add(
                where, f'"{shown}" at the beginning of a text is read as a type', "put the text in quotes"
            )

    def _alias(self, name: str, where: Where) -> None:
        if name in self._anchors:
            self.findings.add(where, f'"*{name}" stands for another value, which is not possible here', "write it out")
        else:
            self.findings.add(where, *starred(f"*{name}"))
        self._add(Scalar(text=f"*{name}", where=where, quoted=True))

    def _end(self) -> None:
        ended = self._stack.pop()
        if ended.is_table:
            self._add(Table(entries=self._entries(ended.nodes), where=ended.where))
        else:
            self._add(Items(items=tuple(ended.nodes), where=ended.where))

    def _entries(self, nodes: Sequence[Node]) -> tuple[Entry, ...]:
        entries: dict[str, Entry] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.findings.add(key.where, "a list or a table cannot be a key", "look for a bracket too many")
            elif key.text == "<<" and not key.quoted:
                self.findings.add(key.where, 'the merge key "<<" is not used here', "write the keys out")
            elif key.text in entries:
                first = entries[key.text].key.where.line
                self.findings.add(
                    key.where,
                    f'"{key.text}" stands twice: here and in line {first}',
                    "keep one of them, with everything that belongs to it",
                )
            else:
                entries[key.text] = Entry(key=key, value=value)
        return tuple(entries.values())

    def _add(self, node: Node) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._refuse(
                node.where, f"there are more than {MOST_NODES:,} values in this file", "split it into several files"
            )
        if self._stack:
            self._stack[-1].nodes.append(node)
        else:
            self._root = node

    def _refuse(self, where: Where, message: str, hint: str) -> None:
        self.findings.add(where, message, hint)
        raise _RefusedError


def _marks(event: yaml.Event) -> tuple[yaml.Mark, yaml.Mark]:
    """Where an event begins and ends; both loaders always know."""
    return cast("tuple[yaml.Mark, yaml.Mark]", (event.start_mark, event.end_mark))


def _told(file: str, text: str, error: yaml.YAMLError) -> Problem:
    """The parser's complaint in plain words, at the place where the mistake is rather than where it was noticed."""
    if isinstance(error, yaml.reader.ReaderError):
        # The parser gives the place in octets, but the character is the first of its kind.
        before, _, _ = text.partition(chr(error.character))
        return Problem(
            where=place(file, before),
            message=f"there is a control character here (U+{error.character:04X})",
            hint="delete it: it came in by copying from another program",
        )
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        raise error
    noticed = error.problem_mark
    began = error.context_mark or noticed
    broken = Broken(
        problem=error.problem or "",
        context=error.context or "",
        line=noticed.line,
        column=noticed.column,
        began_line=began.line,
        began_column=began.column,
    )
    told = explain(text.split("\n"), broken)
    where = Where(file=file, line=told.line + 1, column=told.column + 1)
    return Problem(where=where, message=told.message, hint=told.hint)


def _find_cut_texts(file: str, text: str, quoted: Sequence[tuple[int, int]], findings: Findings) -> None:
    """`report #1 received` loses everything from the `#`. Comments have a space after it: that tells them apart."""
    for found in _TIGHT_COMMENT.finditer(text):
        hash_at = found.start() + found[0].index("#")
        line_start = text.rfind("\n", 0, hash_at) + 1
        if "#" in text[line_start : found.start()] and _commented(text, line_start, found.start(), quoted):
            continue
        if any(start <= hash_at < end for start, end in quoted):
            continue
        lost = found[0].strip()
        findings.add(
            place(file, text[:hash_at]),
            f'" {lost}" is read as a comment and lost',
            "if it belongs to the text, put the whole text in quotes; if it is a comment, put a space after the #",
        )


def _commented(text: str, start: int, end: int, quoted: Sequence[tuple[int, int]]) -> bool:
    """Whether a comment begins between the two places: then what follows is part of it."""
    for found in re.finditer(r"(?:^|(?<=\s))#", text[start:end]):
        at = start + found.start()
        if not any(first <= at < last for first, last in quoted):
            return True
    return False
