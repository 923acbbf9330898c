"""lists.yaml: senders and phrases that many rules name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from inbox_router.core.rules import ListKind, NamedList
from inbox_router.files.addresses import is_address, is_domain, meant
from inbox_router.files.phrase_text import good_phrase, named
from inbox_router.files.problems import Findings
from inbox_router.files.sections import Section, texts_of
from inbox_router.files.yaml_text import Items, Node, Scalar, Table

_NAME = re.compile(r"<([^<>]*)>")
_Named: TypeAlias = tuple[Scalar, tuple[Scalar, ...]]
"""The name of a list and what is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    senders: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[str, ...]]
    lists: tuple[NamedList, ...] = ()
    """The same, with the place of every list and of everything in it."""


def read_lists(table: Table, findings: Findings) -> Lists:
    section = Section(table, findings, what="lists.yaml", keys=("format", "senders", "phrases"))
    section.format_1()
    senders = _named_lists(section, "senders", "prisons: [justice.gov.uk]", findings)
    phrases = _named_lists(section, "phrases", "recall words: [licence revoked]", findings)
    return Lists(
        senders={name: _senders(texts, findings) for name, (_, texts) in senders.items()},
        phrases={name: _phrases(texts, findings) for name, (_, texts) in phrases.items()},
        lists=(*_placed(ListKind.SENDERS, senders), *_placed(ListKind.PHRASES, phrases)),
    )


def names_within(node: Node) -> Iterator[str]:
    """Every name in angle brackets that stands in a file, wherever in it."""
    pending: list[Node] = [node]
    while pending:
        match pending.pop():
            case Scalar() as text:
                yield from (found.strip() for found in _NAME.findall(text.text))
            case Items() as items:
                pending.extend(items.items)
            case Table() as table:
                pending.extend(entry.value for entry in table.entries)


def _placed(kind: ListKind, lists: Mapping[str, _Named]) -> Iterator[NamedList]:
    for name, (key, texts) in lists.items():
        items = {text.text: text.where for text in reversed(texts)}
        yield NamedList(name=name, kind=kind, where=key.where, items=items)


def _named_lists(section: Section, key: str, example: str, findings: Findings) -> dict[str, _Named]:
    table = section.table(key, example)
    if table is None:
        return {}
    return {
        entry.key.text: (entry.key, texts_of(entry.value, findings, what=f'"{entry.key.text}"'))
        for entry in table.entries
    }


def _senders(texts: tuple[Scalar, ...], findings: Findings) -> tuple[str, ...]:
    for text in texts:
        if not (is_domain(text.text) or is_address(text.text)):
            findings.add(text.where, f'"{text.text}" is neither a domain nor an address', meant(text.text))
    return tuple(text.text.lower() for text in texts)


def _phrases(texts: tuple[Scalar, ...], findings: Findings) -> tuple[str, ...]:
    good = []
    for text in texts:
        if named(text.text) is not None:
            findings.add(text.where, "a list cannot contain another list", "name both lists in the rule")
        elif good_phrase(text, findings):
            good.append(text.text)
    return tuple(dict.fromkeys(good))
