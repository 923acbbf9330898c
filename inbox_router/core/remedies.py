"""What would change that a message is held: in the rules, in the registers, or outside of both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from inbox_router.core.decide import Judgement
from inbox_router.core.decision import HoldReason
from inbox_router.core.exercise import lacking
from inbox_router.core.firing import Fired, Short, shortfalls
from inbox_router.core.index import Index
from inbox_router.core.rules import Ending, Entity, ListKind, Rule, TargetKind, Where

_MOST = 3


def remedies(judgement: Judgement, index: Index) -> tuple[str, ...]:
    """Sentences for the person who wonders why it was held; none for a message that is not."""
    reason = judgement.decision.hold_reason
    if reason is None:
        return ()
    holding = next((one for one in judgement.weighed if one.rule.name == judgement.decision.rule), None)
    if holding is not None and holding.then.ending is Ending.HOLD:
        return tuple(_held_by_rule(holding, judgement))
    return tuple(_BY_REASON.get(reason, _nothing_helps)(judgement, index))


def near(judgement: Judgement, index: Index) -> tuple[Short, ...]:
    """The rules that were one test short, or vetoed."""
    return tuple(one for one in shortfalls(judgement.seen, index) if one.said and len(one.missing) == 1)


def _held_by_rule(holding: Fired, judgement: Judgement) -> Iterator[str]:
    rule = holding.rule
    places = dict.fromkeys(proof.test.where for proof in holding.proofs)
    yield f"{rule.name} holds it, because of the words above: {_listed(places)}"
    yield f'a message that it must leave alone is told apart under "none of" or "ignore" of {rule.name} ({rule.where})'
    for claim in judgement.decision.claims:
        if claim.category:
            yield f"were it not for {rule.name}, {claim.rule} would have it"


def _no_category(judgement: Judgement, index: Index) -> Iterator[str]:
    missed = near(judgement, index)
    for one in missed[:_MOST]:
        yield f"{one.rule.name} would fire, but {lacking(one.missing[0])} ({one.places[0]})"
    if not missed:
        yield (
            "no rule has enough of what it looks for: add words of this message to a rule or to a list that it names, "
            "or write a rule: docs/rules.md says how"
        )


def _untrusted(judgement: Judgement, index: Index) -> Iterator[str]:
    seen = judgement.seen
    sender = seen.message.sender
    refused = [one.rule for one in judgement.weighed if not one.sender_allowed]
    if len(sender.from_addresses) > 1:
        yield "a message has one From address: ask who really sent it, and release it by hand"
    elif seen.lookalike:
        yield f"nothing, unless {sender.domain} is known to you: it is written so as to look like {seen.lookalike}"
    elif seen.group is None:
        for rule in refused:
            lists = _listed(_lists_of(rule, index))
            yield f"if {sender.domain} may send this, add it to a list that {rule.name} names: {lists}"
    elif not seen.trusted:
        yield (
            f"the force's own mail gateway must vouch for {sender.domain} (SPF, DKIM and DMARC): tell whoever runs it; "
            "until then such mail is released by hand"
        )
    else:
        for rule in refused:
            yield f'if <{seen.group}> may send this, add it under "from" of {rule.name} ({rule.at("from")})'


def _lists_of(rule: Rule, index: Index) -> Iterator[str]:
    for each in index.ruleset.lists:
        if each.kind is ListKind.SENDERS and f"<{each.name}>" in rule.senders:
            yield f"<{each.name}> ({each.where})"


def _conflict(judgement: Judgement, index: Index) -> Iterator[str]:  # noqa: ARG001 - one shape for all reasons
    routing = [one.rule for one in judgement.weighed if one.then.ending is Ending.ROUTE]
    for number, first in enumerate(routing[:_MOST]):
        for second in routing[number + 1 : _MOST]:
            yield f"{first.name} decides, if it says outranks: [{second.name}] ({_outranks(first)})"
            yield f"{second.name} decides, if it says outranks: [{first.name}] ({_outranks(second)})"


def _outranks(rule: Rule) -> Where:
    return rule.at("outranks") if "outranks" in rule.keys else rule.at("then")


def _several(judgement: Judgement, index: Index) -> Iterator[str]:
    yield "a message about several persons is sent on by hand, once for each of them"
    for one in judgement.weighed:
        for name in one.then.one_person_by:
            values = sorted({thing.value for thing in judgement.seen.found.get(name, ()) if not thing.suspect})
            if len(values) > 1:
                entity = index.ruleset.entities[name]
                yield (
                    f"if one of {', '.join(values)} is no {entity.title} of a person, say which words before it mean "
                    f'another: "not after" of {name} ({entity.where})'
                )


def _no_place(judgement: Judgement, index: Index) -> Iterator[str]:
    for entity in _looked_up(judgement, index):
        found = [thing for thing in judgement.seen.found.get(entity.name, ()) if thing.row is not None]
        nowhere = [thing.value for thing in found if not any(list((thing.row or {}).values())[1:])]
        register = index.ruleset.registers[str(entity.register)]
        if nowhere:
            yield (
                f"{nowhere[0]} leads nowhere, as {register.where.file} says: release it by hand; "
                "such messages are routed once that row has a mailbox"
            )
        elif any(thing.repaired for thing in found):
            yield f"its postcode was damaged: {found[0].value} is a guess; look it up and release it by hand"
        else:
            yield (
                f"an address with a label that says whose it is ({entity.title}): the labels are {entity.name} in "
                f"{entity.where}; and a row for its place in {register.where.file}"
            )


def _ambiguous(judgement: Judgement, index: Index) -> Iterator[str]:
    for entity in _looked_up(judgement, index):
        values = list(dict.fromkeys(thing.value for thing in judgement.seen.found.get(entity.name, ())))
        if len(values) > 1:
            yield (
                f"a label that says which of {', '.join(values[:4])} is the {entity.title.lower()}: if the message has "
                f'one, add it under "after" or "not after" of {entity.name} ({entity.where})'
            )


def _looked_up(judgement: Judgement, index: Index) -> Iterator[Entity]:
    names = dict.fromkeys(
        target.name for one in judgement.weighed for target in one.then.to if target.kind is TargetKind.LOOKUP
    )
    return (index.ruleset.entities[name] for name in names)


def _over_tier(judgement: Judgement, index: Index) -> Iterator[str]:  # noqa: ARG001
    yield 'nothing in the rules: it is marked above what the configuration calls "tier", and is dealt with where it is'


def _unreadable(judgement: Judgement, index: Index) -> Iterator[str]:  # noqa: ARG001
    yield "nothing in the rules: a person has to open it, or the sender has to send it so that it can be read"


def _nothing_helps(judgement: Judgement, index: Index) -> Iterator[str]:  # noqa: ARG001
    yield "nothing in the rules: a person has to read it"


def _listed(things: Iterable[object]) -> str:
    return ", ".join(str(each) for each in things)


_BY_REASON: Mapping[HoldReason, Callable[[Judgement, Index], Iterator[str]]] = {
    HoldReason.NO_CATEGORY: _no_category,
    HoldReason.UNTRUSTED_SENDER: _untrusted,
    HoldReason.CONFLICTING_CATEGORIES: _conflict,
    HoldReason.SEVERAL_SUBJECTS: _several,
    HoldReason.NO_PLACE: _no_place,
    HoldReason.AMBIGUOUS_PLACE: _ambiguous,
    HoldReason.OVER_CLASSIFIED: _over_tier,
    HoldReason.UNREADABLE: _unreadable,
}
