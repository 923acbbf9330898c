"""lists.yaml: senders and phrases that many rules name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inbox_router.files.addresses import is_address, is_domain, meant
from inbox_router.files.phrase_text import good_phrase, named
from inbox_router.files.problems import Findings
from inbox_router.files.sections import Section, texts_of
from inbox_router.files.yaml_text import Scalar, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    senders: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[str, ...]]


def read_lists(table: Table, findings: Findings) -> Lists:
    section = Section(table, findings, what="lists.yaml", keys=("format", "senders", "phrases"))
    section.format_1()
    senders = _named_lists(section, "senders", "prisons: [justice.gov.uk]", findings)
    phrases = _named_lists(section, "phrases", "recall words: [licence revoked]", findings)
    return Lists(
        senders={name: _senders(texts, findings) for name, texts in senders.items()},
        phrases={name: _phrases(texts, findings) for name, texts in phrases.items()},
    )


def _named_lists(section: Section, key: str, example: str, findings: Findings) -> dict[str, tuple[Scalar, ...]]:
    table = section.table(key, example)
    if table is None:
        return {}
    return {entry.key.text: texts_of(entry.value, findings, what=f'"{entry.key.text}"') for entry in table.entries}


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
