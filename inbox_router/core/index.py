"""A rule set compiled: every phrase of every rule in one scan, every rule filed under its most selective block.

Only the rules that are filed under something that occurred in a message are looked at, so that deciding costs the same
with ten rules as with ten thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import re2

from inbox_router.core.phrases import Lexicon
from inbox_router.core.places import Prefixes, prefixes
from inbox_router.core.rules import Entity, Rule, RuleSet, Status, Test, Type, Word

SPOKEN = frozenset({Word.SAYS, Word.SUBJECT_SAYS, Word.OWN_SAYS, Word.ATTACHMENT_SAYS, Word.QUOTED_SAYS})
"""The words whose lists are phrases."""


_SHAPES_MEMORY = 1 << 26
"""Octets for the automaton of all patterns: with too few, a search would end early and tell of none."""


class FactKind(StrEnum):
    PHRASE = "phrase"
    ENTITY = "entity"
    SENDER = "sender"
    SENDER_TRAIT = "sender is"
    TRAIT = "message is"


Fact = tuple[FactKind, int | str]
"""Something that can occur in a message and under which a rule can be filed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A test with its phrases replaced by their numbers in the scan."""

    test: Test
    phrases: tuple[int, ...] = ()

    def facts(self) -> Iterator[Fact]:
        match self.test.word:
            case Word.HAS:
                yield from ((FactKind.ENTITY, value) for value in self.test.values)
            case Word.FROM:
                yield from ((FactKind.SENDER, value) for value in self.test.values)
            case Word.SENDER_IS:
                yield from ((FactKind.SENDER_TRAIT, value) for value in self.test.values)
            case Word.MESSAGE_IS:
                yield from ((FactKind.TRAIT, value) for value in self.test.values)
            case _:
                yield from ((FactKind.PHRASE, phrase) for phrase in self.phrases)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The conditions of a rule or of a type."""

    all_of: tuple[Condition, ...]
    any_of: tuple[Condition, ...]
    none_of: tuple[Condition, ...]
    ignore: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    rule: Rule
    blocks: Blocks
    types: tuple[tuple[Type, Blocks], ...]


class Shapes:
    """All patterns of entities in one automaton, which tells at once the few of them that a text holds."""

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self._names = tuple(patterns)
        options = re2.Options()
        options.max_mem = _SHAPES_MEMORY
        self._set = re2.Set.SearchSet(options)
        for pattern in patterns.values():
            self._set.Add(pattern)
        if patterns:
            self._set.Compile()

    def within(self, text: str) -> Iterator[str]:
        """The entities whose pattern occurs in the text, in their order."""
        found = self._set.Match(text) if self._names else None
        return (self._names[number] for number in sorted(found or ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What a message is held against. Immutable: a new rule set is a new index, swapped by one reference."""

    ruleset: RuleSet
    lexicon: Lexicon
    phrases: tuple[str, ...]
    rules: tuple[CompiledRule, ...]
    filed: Mapping[Fact, tuple[int, ...]]
    label_owners: Mapping[int, tuple[tuple[str, bool], ...]]
    """Phrase -> the entities whose label it is, and whether it names what is sought (True) or somebody else's."""
    keys: Mapping[int, tuple[tuple[str, Mapping[str, str]], ...]]
    """Phrase -> the (entity, register row) pairs whose key it is."""
    prefixes: Mapping[str, Prefixes]
    """By entity, where its register has postcodes for keys."""
    never: Mapping[str, frozenset[str]]
    """By entity: values, case-folded, that never count."""
    patterns: Mapping[str, Any]
    """By entity: its compiled RE2 pattern."""
    shapes: Shapes

    @property
    def version(self) -> str:
        return self.ruleset.version

    def candidates(self, facts: Iterable[Fact]) -> list[CompiledRule]:
        """The rules that something which occurred could make fire, in the order of their names."""
        numbers = {number for fact in facts for number in self.filed.get(fact, ())}
        return [self.rules[number] for number in sorted(numbers)]


class _Phrasebook:
    """Numbers each different phrase once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, phrase: str) -> int:
        return self._numbers.setdefault(phrase, len(self._numbers))

    def numbers(self, phrases: Iterable[str]) -> tuple[int, ...]:
        return tuple(self.number(phrase) for phrase in phrases)

    @property
    def phrases(self) -> tuple[str, ...]:
        return tuple(self._numbers)


def compile_rules(ruleset: RuleSet) -> Index:
    """Build the index of a checked rule set; retired rules are left out, rules on trial are in."""
    book = _Phrasebook()
    active = sorted((rule for rule in ruleset.rules if rule.status is not Status.RETIRED), key=lambda rule: rule.name)
    rules = tuple(_compile_rule(rule, book) for rule in active)
    label_owners = _label_owners(ruleset, book)
    keys = _register_keys(ruleset, book)
    patterns = {entity.name: entity.pattern for entity in ruleset.entities.values() if entity.pattern}
    return Index(
        ruleset=ruleset,
        lexicon=Lexicon(book.phrases),
        phrases=book.phrases,
        rules=rules,
        filed=_file_rules(rules),
        label_owners=label_owners,
        keys=keys,
        prefixes=_prefixes(ruleset),
        never={entity.name: _never(ruleset, entity) for entity in ruleset.entities.values()},
        patterns={name: re2.compile(pattern) for name, pattern in patterns.items()},
        shapes=Shapes(patterns),
    )


def _conditions(tests: tuple[Test, ...], book: _Phrasebook) -> tuple[Condition, ...]:
    return tuple(
        Condition(test=test, phrases=book.numbers(test.values) if test.word in SPOKEN else ()) for test in tests
    )


def _blocks(owner: Rule | Type, book: _Phrasebook) -> Blocks:
    return Blocks(
        all_of=_conditions(owner.all_of, book),
        any_of=_conditions(owner.any_of, book),
        none_of=_conditions(owner.none_of, book),
        ignore=frozenset(book.numbers(owner.ignore)),
    )


def _compile_rule(rule: Rule, book: _Phrasebook) -> CompiledRule:
    return CompiledRule(
        rule=rule,
        blocks=_blocks(rule, book),
        types=tuple((subtype, _blocks(subtype, book)) for subtype in rule.types),
    )


def _label_owners(ruleset: RuleSet, book: _Phrasebook) -> Mapping[int, tuple[tuple[str, bool], ...]]:
    owners: dict[int, list[tuple[str, bool]]] = {}
    for entity in ruleset.entities.values():
        for phrases, ours in ((entity.after, True), (entity.not_after, False)):
            for number in book.numbers(phrases):
                owners.setdefault(number, []).append((entity.name, ours))
    return {number: tuple(of_phrase) for number, of_phrase in owners.items()}


def _prefixes(ruleset: RuleSet) -> Mapping[str, Prefixes]:
    by_entity = {
        entity.name: prefixes(ruleset.registers[entity.register])
        for entity in ruleset.entities.values()
        if entity.register is not None
    }
    return {name: table for name, table in by_entity.items() if table.rows}


def _never(ruleset: RuleSet, entity: Entity) -> frozenset[str]:
    if entity.never is None:
        return frozenset()
    register = ruleset.registers[entity.never]
    return frozenset(row[register.columns[0]].casefold() for row in register.rows)


def _register_keys(ruleset: RuleSet, book: _Phrasebook) -> Mapping[int, tuple[tuple[str, Mapping[str, str]], ...]]:
    """Phrases for the register keys that are names; postcodes are found by their shape, not by a phrase."""
    keys: dict[int, list[tuple[str, Mapping[str, str]]]] = {}
    for entity in ruleset.entities.values():
        if entity.register is None:
            continue
        register = ruleset.registers[entity.register]
        for row in register.rows:
            key = row[register.columns[0]]
            if key == "*" or any(character.isdigit() for character in key):
                continue
            for phrase in _key_phrases(entity, key):
                keys.setdefault(book.number(phrase), []).append((entity.name, row))
    return {number: tuple(pairs) for number, pairs in keys.items()}


def _key_phrases(entity: Entity, key: str) -> Iterator[str]:
    """A key after each of the words that must stand before it; after a plural (`ops`) others may stand between."""
    if not entity.before:
        yield key
        return
    for spelling in dict.fromkeys((key, key.replace(" ", ""))):
        for word in entity.before:
            yield f"{word} {spelling}"
            if word.endswith("s"):
                yield f"{word} ... {spelling}"


def _file_rules(rules: tuple[CompiledRule, ...]) -> Mapping[Fact, tuple[int, ...]]:
    """File each rule under the block that makes it a candidate least often: the one whose facts fewest rules share."""
    shared = Counter(fact for rule in rules for block in _filing_blocks(rule.blocks) for fact in block)
    filed: dict[Fact, list[int]] = {}
    for number, rule in enumerate(rules):
        blocks = _filing_blocks(rule.blocks)
        if blocks:
            best = min(blocks, key=lambda block: (sum(shared[fact] for fact in block), len(block)))
            for fact in best:
                filed.setdefault(fact, []).append(number)
    return {fact: tuple(numbers) for fact, numbers in filed.items()}


def _filing_blocks(blocks: Blocks) -> list[frozenset[Fact]]:
    """The sets of facts of which at least one must occur for the rule to fire."""
    every = [frozenset(condition.facts()) for condition in blocks.all_of]
    some = frozenset(fact for condition in blocks.any_of for fact in condition.facts())
    return [block for block in (*every, some) if block]
