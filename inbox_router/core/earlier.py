"""What came before: which of the earlier messages a rule may go by, and which of them ask to be told as well.

Two messages that share a number are not always about the same matter. A rule goes by an earlier message of its own
category only, by identifiers that the rules of that category look for, and never where the two name different people.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from inbox_router.core.index import Index
from inbox_router.core.observe import Earlier, Observation
from inbox_router.core.rules import Ending, Rule, Status, TargetKind, Test, Then, Type, Word

CHANGED_WITHIN = timedelta(days=90)
"""An address that differs from one notified longer ago is that of another matter, not a change to tell of."""


def preceding(then: Then, seen: Observation, index: Index) -> tuple[Earlier, ...]:
    """The earlier messages of the same category that `then` may go by, the newest first."""
    if not seen.earlier or then.category is None:
        return ()
    return same_matter(then.category, then.one_person_by, seen, index)


def same_matter(category: str, one_person_by: tuple[str, ...], seen: Observation, index: Index) -> tuple[Earlier, ...]:
    """The earlier messages of a category that are about the same person, report or thread, the newest first."""
    counted = counting(category, index)
    people = frozenset(one_person_by)
    return tuple(
        one
        for one in seen.earlier
        if one.category == category
        and people.isdisjoint(one.differs)
        and (not counted.isdisjoint(one.kinds) or (one.thread and counted.isdisjoint(one.differs)))
    )


def told_before(entity: str, column: str, latest: Earlier, seen: Observation, index: Index) -> tuple[str, ...]:
    """The mailboxes of places (of an entity's register) that an earlier message was addressed to, if it is recent."""
    if latest.received and seen.message.received and seen.message.received - latest.received > CHANGED_WITHIN:
        return ()
    register = index.ruleset.registers[str(index.ruleset.entities[entity].register)]
    places = {row[column] for row in register.rows}
    return tuple(mailbox for mailbox in latest.to if mailbox in places)


def rules_of(category: str, index: Index) -> Iterator[Rule]:
    """The live rules that route to a category."""
    for rule in index.ruleset.rules:
        if rule.status is Status.LIVE and rule.then.ending is Ending.ROUTE and rule.then.category == category:
            yield rule


def places_of(category: str, index: Index) -> frozenset[str]:
    """The entities by which the rules of a category find where to send."""
    thens = [then for rule in rules_of(category, index) for then in (rule.then, *(each.then for each in rule.types))]
    return frozenset(target.name for then in thens for target in then.to if target.kind is TargetKind.LOOKUP)


def counting(category: str, index: Index) -> frozenset[str]:
    """The kinds of identifier that tie two messages of a category together.

    Those that its rules look for: a number behind "ref" is a report's in a Crimestoppers report, and any office's file
    number in a recall. Where its rules look for none, every kind.
    """
    kinds = frozenset(entity.name for entity in index.ruleset.entities.values() if entity.identifies)
    sought = {value for rule in rules_of(category, index) for test in _tests(rule) for value in test.values}
    return kinds & sought or kinds


def _tests(rule: Rule) -> Iterator[Test]:
    owners: tuple[Rule | Type, ...] = (rule, *rule.types)
    for owner in owners:
        yield from (test for test in (*owner.all_of, *owner.any_of) if test.word is Word.HAS)
