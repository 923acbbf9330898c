"""What a colleague would say of rules that are right as far as they can be read, and still may not be meant so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from inbox_router.core.exercise import Tried
from inbox_router.core.implied import implied
from inbox_router.core.index import SPOKEN, Index
from inbox_router.core.rules import Ending, Rule, RuleSet, Status, Test, Then, Type, Where, Word
from inbox_router.core.templates import Shows

MOST_OF_THE_MAIL = 0.2
"""A rule that decides a greater part of all mail than this says little about any of it."""
ENOUGH_MAIL = 100
"""Messages from which such a part can be told at all."""
MANY_RULES = 4
"""Rules that may not each have a phrase written out: a list has it once."""

_NEGATION = re.compile(r"(?:not|no|never|without)\s+(?P<rest>\S.*)", re.IGNORECASE)
_EXCEPTION = re.compile(r"(?:except|unless|excluding|other than|anything but)\b", re.IGNORECASE)
_NOT_VOUCHED_FOR = frozenset({"unverified", "failed"})


class Kind(StrEnum):
    """What the advice is about; editors and CI show it as the code of a warning."""

    EXAMPLE_FAILS = "example-fails"
    NEVER_FIRES = "never-fires"
    SHADOWED = "shadowed"
    TOO_WIDE = "too-wide"
    SHARED_PHRASE = "shared-phrase"
    NEGATIVE = "negative"
    UNUSED_LIST = "unused-list"
    REVIEW_PASSED = "review-passed"
    DISAGREEMENT = "disagreement"
    NOT_A_MAILBOX = "not-a-mailbox"
    TEMPLATE_FIELD = "template-field"
    SCHEMA = "schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing to look at, and where it stands."""

    where: Where
    kind: Kind
    message: str
    """Without a full stop."""
    hint: str = ""
    """What to do about it."""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" + (f" - {self.hint}" if self.hint else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What rules decided in some days past."""

    days: int
    whole: bool
    """Whether the journal reaches back as far as that: if not, a rule may have fired before it began."""
    messages: int
    """How many were decided."""
    by_rule: Mapping[str, int]
    """How many messages a rule decided, or would have decided had they not been held."""
    changed: frozenset[str] = field(default=frozenset())
    """Rules whose file was changed in these days: what they did before says nothing of them."""


def advise(
    index: Index,
    examples: Sequence[Tried],
    *,
    today: date,
    history: History | None = None,
    templates: Mapping[str, Shows] | None = None,
) -> tuple[Advice, ...]:
    """Everything worth saying, in the order of the files. `templates` are those that rules forward with."""
    ruleset = index.ruleset
    active = [compiled.rule for compiled in index.rules]
    found = [
        *_failing(examples),
        *_never_fires(active, examples),
        *_types_without_example(active, examples),
        *(_by_history(active, history) if history else ()),
        *_shadowed_types(active),
        *_shadowed_rules(active),
        *_shared_phrases(active, ruleset),
        *_negatives(active),
        *_unused_lists(ruleset),
        *_review_passed(active, today),
        *_disagreements(active, examples),
        *_no_mailbox(ruleset),
        *_template_fields(active, templates or {}, ruleset),
    ]
    return tuple(sorted(found, key=lambda one: (one.where.file, one.where.line, one.where.column, one.message)))


def _advice(where: Where, kind: Kind, message: str, hint: str = "") -> Advice:
    return Advice(where=where, kind=kind, message=message, hint=hint)


def _failing(examples: Iterable[Tried]) -> Iterator[Advice]:
    for one in examples:
        if one.failures:
            message = f'the example "{one.example.name}" does not hold: {one.failures[0]}'
            yield _advice(one.example.where, Kind.EXAMPLE_FAILS, message, 'see "inbox-router rules test"')


def _never_fires(rules: Iterable[Rule], examples: Iterable[Tried]) -> Iterator[Advice]:
    fired = {one.rule.name for one in examples if one.fired}
    for rule in rules:
        if rule.name not in fired:
            message = f'"{rule.name}" fires on none of its own examples'
            yield _advice(rule.at("examples"), Kind.NEVER_FIRES, message, "write an example that it must fire on")


def _types_without_example(rules: Iterable[Rule], examples: Iterable[Tried]) -> Iterator[Advice]:
    chosen = {each.subtype.where for one in examples for each in one.judgement.fired if each.subtype}
    for rule in rules:
        for subtype in rule.types if rule.status is Status.LIVE else ():
            if subtype.where not in chosen:
                message = f'no example comes to the type "{subtype.name}" of "{rule.name}"'
                hint = f"write an example of it: expect: {{type: {subtype.name}}}"
                yield _advice(subtype.where, Kind.NEVER_FIRES, message, hint)


def _by_history(rules: Iterable[Rule], history: History) -> Iterator[Advice]:
    for rule in rules:
        count = history.by_rule.get(rule.name, 0)
        if rule.status is not Status.LIVE or rule.name in history.changed:
            continue
        if not count and history.whole and history.messages >= ENOUGH_MAIL:
            none = f"none of the {history.messages:,} messages of the last {history.days} days"
            message = f'"{rule.name}" fired on {none}'
            yield _advice(rule.where, Kind.NEVER_FIRES, message, "see whether its words are still those of the mail")
        if history.messages >= ENOUGH_MAIL and count > MOST_OF_THE_MAIL * history.messages:
            part = f"{count:,} of the {history.messages:,} messages of the last {history.days} days"
            message = f'"{rule.name}" fired on {part}, more than a fifth of the mail'
            yield _advice(rule.where, Kind.TOO_WIDE, message, "see with rules explain whether all of them are meant")


def _shadowed_types(rules: Iterable[Rule]) -> Iterator[Advice]:
    for rule in rules:
        for number, subtype in enumerate(rule.types):
            before = next((other for other in rule.types[:number] if implied(other, subtype)), None)
            if before is not None:
                message = f'the type "{subtype.name}" is never reached: "{before.name}" above it fits wherever it does'
                hint = f'move it above "{before.name}", or delete it'
                yield _advice(subtype.where, Kind.SHADOWED, message, hint)
            elif subtype.none_of and not (subtype.all_of or subtype.any_of):
                message = f'"none of" of the type "{subtype.name}" is never looked at, because it has no other test'
                hint = "give it a test: a type without one is taken wherever no other fits"
                yield _advice(subtype.where, Kind.SHADOWED, message, hint)


def _shadowed_rules(rules: Sequence[Rule]) -> Iterator[Advice]:
    live = {rule.name: rule for rule in rules if rule.status is Status.LIVE}
    for rule in live.values():
        for other in (live[name] for name in rule.outranks if name in live):
            if implied(rule, other):
                message = f'"{other.name}" never decides: "{rule.name}" fires wherever it does, and outranks it'
                hint = f'retire it, or take it out of "outranks" ({rule.at("outranks")})'
                yield _advice(other.where, Kind.SHADOWED, message, hint)


def _shared_phrases(rules: Iterable[Rule], ruleset: RuleSet) -> Iterator[Advice]:
    in_lists = {phrase for phrases in ruleset.phrase_lists.values() for phrase in phrases}
    holders: dict[str, list[tuple[Rule, Where]]] = {}
    for rule in rules:
        places = {phrase: test.where for test in _sought(rule) if test.word in SPOKEN for phrase in test.values}
        for phrase, where in places.items():
            if phrase not in in_lists:
                holders.setdefault(phrase, []).append((rule, where))
    for phrase, having in holders.items():
        if len(having) >= MANY_RULES:
            names = ", ".join(rule.name for rule, _ in having)
            message = f'"{phrase}" is written out in {len(having)} rules: {names}'
            yield _advice(having[0][1], Kind.SHARED_PHRASE, message, "put it in a list of lists.yaml that they name")


def _sought(rule: Rule) -> Iterator[Test]:
    owners: tuple[Rule | Type, ...] = (rule, *rule.types)
    for owner in owners:
        yield from (*owner.all_of, *owner.any_of)


def _negatives(rules: Iterable[Rule]) -> Iterator[Advice]:
    for rule in rules:
        owners: tuple[Rule | Type, ...] = (rule, *rule.types)
        for owner in owners:
            sought = {phrase for test in (*owner.all_of, *owner.any_of) for phrase in test.values}
            for test in owner.any_of:
                yield from _negative_test(test, sought, alone=len(owner.any_of) == 1)


def _negative_test(test: Test, sought: set[str], *, alone: bool) -> Iterator[Advice]:
    if test.word is Word.SENDER_IS and not alone:
        for value in sorted(_NOT_VOUCHED_FOR.intersection(test.values)):
            message = f'"any of" is true of every sender who is {value}, whatever the message says'
            yield _advice(test.where, Kind.NEGATIVE, message, 'move this test to "all of"')
    if test.word not in SPOKEN:
        return
    for phrase in test.values:
        negated = _NEGATION.fullmatch(phrase)
        if _EXCEPTION.match(phrase):
            message = f'"{phrase}" in "any of" is sought as it stands; it rules nothing out'
            yield _advice(test.where, Kind.NEGATIVE, message, 'write what must not be there under "none of"')
        elif negated and negated["rest"] in sought:
            message = f'"{phrase}" counts for the rule here, and "{negated["rest"]}" in it does so already'
            yield _advice(test.where, Kind.NEGATIVE, message, f'write under "ignore": [{phrase}]')


def _unused_lists(ruleset: RuleSet) -> Iterator[Advice]:
    for each in ruleset.lists:
        if not each.used:
            message = f'no rule and no entity names the list of {each.kind} "{each.name}"'
            yield _advice(each.where, Kind.UNUSED_LIST, message, f"write <{each.name}> where it belongs, or delete it")


def _review_passed(rules: Iterable[Rule], today: date) -> Iterator[Advice]:
    for rule in rules:
        if rule.review_by is not None and rule.review_by < today:
            who = f" by {rule.owner}" if rule.owner else ""
            message = f'"{rule.name}" was to be reviewed{who} by {rule.review_by.day} {rule.review_by:%B %Y}'
            hint = 'read it through with its owner, then write the next date after "review by"'
            yield _advice(rule.at("review by"), Kind.REVIEW_PASSED, message, hint)


def _disagreements(rules: Iterable[Rule], examples: Iterable[Tried]) -> Iterator[Advice]:
    """Two live rules each of which fires on an example of the other, and which would do different things with it."""
    live = {rule.name: rule for rule in rules if rule.status is Status.LIVE}
    on_others: Counter[tuple[str, str]] = Counter()
    for one in examples:
        weighed = {each.rule.name: each.then for each in one.judgement.weighed}
        ours = weighed.pop(one.rule.name, None)
        on_others.update((one.rule.name, name) for name, then in weighed.items() if ours and _differ(ours, then))
    for first, second in sorted(on_others):
        if first < second and (second, first) in on_others and {first, second} <= live.keys():
            message = f'"{first}" and "{second}" fire on each other\'s examples and disagree, so that both are held'
            hint = f'write under one of them: outranks: [{second}] (or tell them apart by "none of")'
            yield _advice(live[first].where, Kind.DISAGREEMENT, message, hint)


def _differ(one: Then, other: Then) -> bool:
    if Ending.ROUTE not in {one.ending, other.ending} or one.ending is not other.ending:
        return False
    targets = ({(each.kind, each.name) for each in (*then.to, *then.copy)} for then in (one, other))
    first, second = targets
    return one.category != other.category or first != second


def _no_mailbox(ruleset: RuleSet) -> Iterator[Advice]:
    """Names in a register's column of mailboxes that no rule goes by yet: the day one does, they would lead nowhere."""
    for register in ruleset.registers.values():
        names = {row.get("mailbox", "") for row in register.rows} - {"", *ruleset.mailboxes}
        for name in sorted(names):
            message = f'"{name}" in the column "mailbox" is not one of the configuration\'s mailboxes'
            yield _advice(register.where, Kind.NOT_A_MAILBOX, message, "put it right, or add it to the configuration")


def _template_fields(rules: Iterable[Rule], templates: Mapping[str, Shows], ruleset: RuleSet) -> Iterator[Advice]:
    told: set[tuple[str, str]] = set()
    for rule in rules:
        for then in (rule.then, *(subtype.then for subtype in rule.types)):
            shows = templates.get(then.template)
            if shows is None or then.ending is not Ending.ROUTE:
                continue
            for lacks, why in _lacking(then, shows, ruleset):
                if (then.template, lacks) not in told:
                    told.add((then.template, lacks))
                    message = f'the template "{then.template}" does not show {lacks}, {why}'
                    hint = f"the shipped forward.txt and forward.html show how; see {then.template}/body.txt"
                    yield _advice(rule.at("then"), Kind.TEMPLATE_FIELD, message, hint)


def _lacking(then: Then, shows: Shows, ruleset: RuleSet) -> Iterator[tuple[str, str]]:
    if then.acknowledge_within and not shows.clock:
        yield "acknowledge_by", 'though the rule has "acknowledge within"'
    if not shows.because:
        yield "because", "so nobody reads why the message came to them"
    looked_up = [target.name for target in then.to if target.name in ruleset.entities]
    if looked_up and not shows.facts:
        yield "facts", f"though the message goes by its {ruleset.entities[looked_up[0]].title.lower()}"
