"""Examples of rules, judged: whether each holds, what it exercised, and what of the rules none of them exercises."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from inbox_router.core.decide import Judgement
from inbox_router.core.decision import Decision, Outcome
from inbox_router.core.firing import shortfalls
from inbox_router.core.index import SPOKEN, CompiledRule, Index
from inbox_router.core.message import Message
from inbox_router.core.rules import Example, Expectation, ListKind, Rule, Type, Where

_SHOWN = 4
"""Pieces of evidence that explain a failing example: more are not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One example of a rule, judged by the final decision of the whole set."""

    rule: Rule
    example: Example
    message: Message
    judgement: Judgement
    failures: tuple[str, ...]
    """What was expected and what came, one sentence each; empty where the example holds."""
    seconds: float = 0.0
    """How long reading and judging it took."""

    @property
    def decision(self) -> Decision:
        return self.judgement.decision

    @property
    def fired(self) -> bool:
        """Whether the example's own rule fired, whatever was decided in the end."""
        return any(one.rule.name == self.rule.name for one in self.judgement.fired)


def tried(rule: Rule, example: Example, message: Message, judgement: Judgement, seconds: float) -> Tried:
    failures = tuple(_failures(rule, example.expect, judgement.decision))
    return Tried(rule=rule, example=example, message=message, judgement=judgement, failures=failures, seconds=seconds)


def _failures(rule: Rule, expect: Expectation, decision: Decision) -> Iterator[str]:
    heard = decision.rule == rule.name or any(claim.rule == rule.name for claim in decision.claims)
    if expect.silent:
        if heard:
            yield f"the rule was to stay silent, yet it fired: {came_to(decision)}"
        return
    wanted = (
        Outcome.FILE if expect.file else Outcome.HOLD if expect.hold else Outcome.ROUTE,
        expect.hold,
    )
    if (decision.outcome, decision.hold_reason) != wanted:
        ending = f"held: {_spaced(str(expect.hold))}" if expect.hold else "filed" if expect.file else "routed"
        yield f"it was to be {ending}, yet it was {came_to(decision)}"
        return
    if expect.type is not None and decision.type != expect.type:
        yield f"its type was to be {expect.type}, yet it is {decision.type or 'none'}"
    if expect.priority is not None and decision.priority != expect.priority:
        yield f"its priority was to be {expect.priority}, yet it is {decision.priority or 'none'}"
    mailboxes = {place.mailbox for place in decision.destinations}
    if expect.to is not None and mailboxes != set(expect.to):
        goes = ", ".join(sorted(mailboxes)) or "nobody"
        yield f"it was to go to {', '.join(sorted(expect.to))}, yet it goes to {goes}"


def expected(expect: Expectation) -> str:
    """What an example must come to, in a few words: `type emergency, urgent, to c-division, fugitives`."""
    if expect.silent:
        return "that this rule stays silent"
    said = [f"held: {_spaced(str(expect.hold))}"] if expect.hold else ["filed"] if expect.file else []
    said += [f"type {expect.type}"] if expect.type else []
    said += [str(expect.priority)] if expect.priority else []
    said += [f"to {', '.join(sorted(expect.to))}"] if expect.to is not None else []
    return ", ".join(said) or "routed"


def came_to(decision: Decision) -> str:
    """What a message came to, in a few words."""
    match decision.outcome:
        case Outcome.HOLD:
            return f"held: {_spaced(str(decision.hold_reason))}, because {decision.because}"
        case Outcome.FILE:
            return f"filed as {decision.type or decision.category}"
        case Outcome.ROUTE:
            mailboxes = ", ".join(sorted(place.mailbox for place in decision.destinations))
            subtype = f" type {decision.type}," if decision.type else ""
            return f"routed by {decision.rule}:{subtype} {decision.priority}, to {mailboxes}"


def why(one: Tried, index: Index) -> tuple[str, ...]:
    """Why an example came to something else than expected: what its rule lacked, who else fired, on which words."""
    said: list[str] = []
    if not one.fired and not one.example.expect.silent:
        short = next(each for each in shortfalls(one.judgement.seen, index) if each.rule.name == one.rule.name)
        said += [f"{one.rule.name} {lacking(missing)}" for missing in short.missing]
    others = [each for each in one.judgement.weighed if each.rule.name != one.rule.name]
    said += [f"{each.rule.name} fired too ({each.rule.where})" for each in others]
    said += [f'{item.part}: "{item.text}" ({item.fact})' for item in one.decision.evidence[:_SHOWN]]
    return tuple(said)


def lacking(missing: str) -> str:
    """`lacks says "recall"`, or `is vetoed, because ...`."""
    return f"is {missing}" if missing.startswith("vetoed") else f"lacks {missing}"


def _spaced(word: str) -> str:
    return word.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """The phrases of one list, or those written in one rule: how many there are, and which nothing exercises."""

    name: str
    """`<recall words>`, or the rule's name."""
    where: Where
    total: int
    untried: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the examples exercise, and what none of them does."""

    rules: int
    types: int
    untried_rules: tuple[Rule, ...]
    """Those that fire on no example."""
    untried_types: tuple[tuple[Rule, Type], ...]
    """Those that no example comes to."""
    phrases: tuple[Phrases, ...]


def coverage(index: Index, examples: Sequence[Tried], names: Collection[str] = ()) -> Coverage:
    """What the examples exercise of the rules that are live or on trial, or of those of these names.

    A phrase of a test is exercised where a rule or a type fired by it; a phrase of `none of` or `ignore` where it
    stands in an example of that rule.
    """
    fired = {each.rule.name for one in examples for each in one.judgement.fired}
    chosen = {each.subtype.where for one in examples for each in one.judgement.fired if each.subtype}
    rules = [compiled.rule for compiled in index.rules if not names or compiled.rule.name in names]
    types = [(rule, subtype) for rule in rules for subtype in rule.types]
    return Coverage(
        rules=len(rules),
        types=len(types),
        untried_rules=tuple(rule for rule in rules if rule.name not in fired),
        untried_types=tuple((rule, subtype) for rule, subtype in types if subtype.where not in chosen),
        phrases=tuple(_phrases(index, rules, _exercised(index, examples))),
    )


def _exercised(index: Index, examples: Sequence[Tried]) -> frozenset[int]:
    proved = {
        phrase
        for one in examples
        for each in one.judgement.fired
        for proof in each.proofs
        for phrase, _ in proof.sightings
    }
    negative = {compiled.rule.name: _negative(compiled) for compiled in index.rules}
    vetoed = {
        phrase for one in examples for phrase in one.judgement.seen.sightings if phrase in negative[one.rule.name]
    }
    return frozenset(proved | vetoed)


def _negative(compiled: CompiledRule) -> frozenset[int]:
    blocks = [compiled.blocks, *(block for _, block in compiled.types)]
    vetoes = {phrase for block in blocks for condition in block.none_of for phrase in condition.phrases}
    return frozenset(vetoes).union(*(block.ignore for block in blocks))


def _phrases(index: Index, rules: Sequence[Rule], exercised: frozenset[int]) -> Iterator[Phrases]:
    known = {phrase for number, phrase in enumerate(index.phrases) if number in exercised}
    listed = [each for each in index.ruleset.lists if each.kind is ListKind.PHRASES and each.used]
    sought: frozenset[str] = frozenset().union(*map(written, rules))
    for each in listed:
        # A phrase that only serves combined with another list, `<denials> ... <what is denied>`, is none of its own.
        own = [phrase for phrase in sorted(each.items) if phrase in sought]
        if own:
            untried = tuple(phrase for phrase in own if phrase not in known)
            yield Phrases(name=f"<{each.name}>", where=each.where, total=len(own), untried=untried)
    in_lists = {phrase for each in listed for phrase in each.items}
    for rule in rules:
        own = sorted(written(rule) - in_lists)
        if own:
            untried = tuple(phrase for phrase in own if phrase not in known)
            yield Phrases(name=rule.name, where=rule.where, total=len(own), untried=untried)


def written(rule: Rule) -> frozenset[str]:
    """Every phrase that a rule, or a type of it, looks for or looks out for, lists written out."""
    owners: tuple[Rule | Type, ...] = (rule, *rule.types)
    tests = (test for owner in owners for test in (*owner.all_of, *owner.any_of, *owner.none_of))
    spoken = {phrase for test in tests if test.word in SPOKEN for phrase in test.values}
    return frozenset(spoken.union(*(owner.ignore for owner in owners)))
