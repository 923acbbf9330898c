"""What can be recognised in text: identifiers by their shape, register keys by name or prefix, and whose they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from inbox_router.core.identifiers import cro, find_postcodes, pnc
from inbox_router.core.index import Index
from inbox_router.core.labels import Governed, Label, Standing, governed
from inbox_router.core.message import Kind, Passage, Span
from inbox_router.core.places import Row, names_something_else
from inbox_router.core.rules import Entity, Unlabelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing recognised in the text that counts for its entity."""

    entity: str
    value: str
    """Canonical: `A1234BC`, `HX1 1AA`, `Hollow Oak`."""
    span: Span
    kind: Kind
    depth: int
    standing: Standing
    label: Span | None = None
    row: Row | None = None
    suspect: bool = False
    """Its check letter is wrong: shown, not used."""
    repaired: bool = False
    """A damaged postcode put right: never decides an urgent message alone."""
    is_name: bool = False
    """A town rather than a postcode."""
    partial: bool = False
    """Only the first half of a postcode."""


def find_entities(
    passages: Sequence[Passage],
    kinds: Collection[Kind],
    index: Index,
    labels: Sequence[Mapping[str, list[Label]]],
    names: Sequence[Sequence[tuple[int, int, int]]],
    most: int,
) -> Mapping[str, tuple[Found, ...]]:
    """What is recognised, at most so many things, by entity, newest words first and in the order of the text.

    `labels` and `names` are, for each passage, where the entities' labels and the registers' names stand.
    """
    found: dict[str, list[Found]] = {}
    readers = (
        _Reader(number, passage, index, labels[number], names[number])
        for number, passage in enumerate(passages)
        if passage.kind in kinds
    )
    for thing in islice((thing for reader in readers for thing in reader.read()), most):
        found.setdefault(thing.entity, []).append(thing)
    return {name: tuple(sorted(things, key=_newest_first)) for name, things in found.items()}


def _newest_first(thing: Found) -> tuple[int, int, int]:
    return thing.depth, thing.span.passage, thing.span.start


class _Reader:
    """Looks for every entity in one passage."""

    def __init__(
        self,
        number: int,
        passage: Passage,
        index: Index,
        labels: Mapping[str, list[Label]],
        names: Sequence[tuple[int, int, int]],
    ) -> None:
        self._number = number
        self._passage = passage
        self._index = index
        self._labels = labels
        self._names = names

    def read(self) -> Iterator[Found]:
        for name in self._index.shapes.within(self._passage.text):
            yield from self._by_pattern(self._index.ruleset.entities[name])
        yield from self._by_name()
        yield from self._by_postcode()

    def _by_pattern(self, entity: Entity) -> Iterator[Found]:
        text = self._passage.text
        never = self._index.never[entity.name]
        for match in self._index.patterns[entity.name].finditer(text):
            group = 1 if match.re.groups else 0
            start, end = match.span(group)
            value, suspect = _checked(entity, match.group(group))
            standing = self._standing(entity, start, end)
            if start < end and _counts(entity, standing.standing, Unlabelled.YES) and value.casefold() not in never:
                yield self._found(entity, value, start, end, standing, suspect=suspect)

    def _by_name(self) -> Iterator[Found]:
        text = self._passage.text
        for phrase, start, end in self._names:
            for name, row in self._index.keys[phrase]:
                entity = self._index.ruleset.entities[name]
                standing = self._standing(entity, start, end)
                if not entity.before and (
                    not _counts(entity, standing.standing, Unlabelled.YES) or names_something_else(text, end)
                ):
                    continue
                value = row[self._index.ruleset.registers[str(entity.register)].columns[0]]
                yield self._found(entity, value, start, end, standing, row=row, is_name=True)

    def _by_postcode(self) -> Iterator[Found]:
        if not self._index.prefixes:
            return
        for hit in find_postcodes(self._passage.text):
            for name, prefixes in self._index.prefixes.items():
                entity = self._index.ruleset.entities[name]
                row = prefixes.row(hit.postcode)
                if row is None or hit.postcode.casefold() in self._index.never[name]:
                    continue
                standing = self._standing(entity, hit.start, hit.end)
                needed = Unlabelled.POSTCODE if hit.full else Unlabelled.YES
                if _counts(entity, standing.standing, needed):
                    yield self._found(
                        entity,
                        hit.postcode,
                        hit.start,
                        hit.end,
                        standing,
                        row=row,
                        repaired=hit.repaired,
                        partial=not hit.full,
                    )

    def _standing(self, entity: Entity, start: int, end: int) -> Governed:
        labels = self._labels.get(entity.name)
        if not labels:
            return Governed(standing=Standing.UNLABELLED)
        return governed(self._passage.text, labels, start, end)

    def _found(
        self,
        entity: Entity,
        value: str,
        start: int,
        end: int,
        standing: Governed,
        *,
        row: Row | None = None,
        suspect: bool = False,
        repaired: bool = False,
        is_name: bool = False,
        partial: bool = False,
    ) -> Found:
        label = standing.label
        return Found(
            entity=entity.name,
            value=value,
            span=Span(passage=self._number, start=start, end=end),
            kind=self._passage.kind,
            depth=self._passage.depth,
            standing=standing.standing,
            label=Span(passage=self._number, start=label.start, end=label.end) if label else None,
            row=row,
            suspect=suspect,
            repaired=repaired,
            is_name=is_name,
            partial=partial,
        )


def _counts(entity: Entity, standing: Standing, needed: Unlabelled) -> bool:
    """Whether a value so placed counts for its entity; an entity without labels of its own takes whatever it finds."""
    if standing is Standing.ELSEWHERE:
        return False
    if standing is not Standing.UNLABELLED or not (entity.after or entity.not_after):
        return True
    return entity.unlabelled is Unlabelled.YES or entity.unlabelled is needed


def _checked(entity: Entity, text: str) -> tuple[str, bool]:
    """The canonical form of an identifier, and whether its check letter is wrong."""
    match entity.check:
        case "pnc":
            identifier = pnc(text)
        case "cro":
            identifier = cro(text)
        case _:
            return " ".join(text.split()).upper(), False
    if identifier is None:
        return " ".join(text.split()).upper(), True
    return identifier.value, not identifier.valid
