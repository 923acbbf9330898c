"""Facts and rules -> one decision. Never a guess: what is not decided by exactly one answer is held, with its reason.

The newest words decide. Every phrase that was seen carries the depth of its passage (0 the newest); a rule fires at the
depth at which its last condition came true, and of rules that fire only those at the smallest depth count. So a
cancellation above a quoted recall is a cancellation, and a bare "FYI" leaves the word to the notice below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inbox_router.core.answers import Answer, Destined, destinations_of
from inbox_router.core.chasers import AS_EARLIER, Chased, chased
from inbox_router.core.decision import (
    PRIORITIES,
    Claim,
    Decision,
    Evidence,
    HoldReason,
    KeyFact,
    NearMiss,
    Outcome,
    Priority,
)
from inbox_router.core.evidence import evidence_of, key_facts
from inbox_router.core.firing import Fired, Short, fire, near_misses
from inbox_router.core.index import Index
from inbox_router.core.labels import Standing
from inbox_router.core.markings import OFFICIAL_SENSITIVE
from inbox_router.core.message import Kind, Message, Readability, Trait
from inbox_router.core.observe import Earlier, Observation, observe
from inbox_router.core.rules import Ending, Status, TargetKind

_HOLDS_FIRST = (
    HoldReason.CONFIDENTIAL_SOURCE,
    HoldReason.EXERCISE,
    HoldReason.RESTRICTED_HANDLING,
)
"""Where several rules hold, the reason told is the one that most limits who may see the message."""

_SHUT = frozenset(
    {
        Readability.ENCRYPTED,
        Readability.CORRUPT,
        Readability.IMPLAUSIBLE,
        Readability.TIMED_OUT,
        Readability.TOO_LARGE,
    }
)
"""Attachments that hold words which could not be had."""

_WORDLESS = _SHUT | {Readability.NO_TEXT, Readability.NOT_OPENED}


def decide(message: Message, index: Index, *, tier: str, earlier: Sequence[Earlier] = ()) -> Decision:
    """The decision for one message: a pure function of what it is handed."""
    return judge(message, index, tier=tier, earlier=earlier).decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A decision together with everything that led to it, for those who explain and test rules."""

    decision: Decision
    seen: Observation
    fired: tuple[Fired, ...]
    """Every rule that fired, those on trial and those that gave way included."""
    weighed: tuple[Fired, ...]
    """Of the live ones those that the decision was made from: none that gave way, none of older words."""
    short: tuple[Short, ...]
    """The rules of which something was there, but not enough."""


def judge(message: Message, index: Index, *, tier: str, earlier: Sequence[Earlier] = ()) -> Judgement:
    """The same decision as `decide`, with what it was made from."""
    return _Desk(observe(message, index, tier=tier, earlier=earlier), index).judgement()


class _Desk:
    """One message on the desk: what fired, and the order in which it is judged."""

    def __init__(self, observation: Observation, index: Index) -> None:
        self._seen = observation
        self._index = index
        fired, self._short = fire(observation, index)
        self._all = tuple(fired)
        self._trial = [one for one in fired if one.rule.status is Status.TRIAL]
        live = [one for one in fired if one.rule.status is Status.LIVE]
        self._chasing = [one for one in live if one.then.category == AS_EARLIER]
        self._standing = _standing([one for one in live if one not in self._chasing])
        self._fired = _newest(self._standing)

    def judgement(self) -> Judgement:
        return Judgement(
            decision=self.decision(),
            seen=self._seen,
            fired=self._all,
            weighed=tuple(self._fired),
            short=tuple(self._short),
        )

    def decision(self) -> Decision:
        filing = [one for one in self._fired if one.then.ending is Ending.FILE]
        traits = self._seen.message.traits
        if filing and traits & {Trait.OURS, Trait.BOUNCE}:
            return self._file(filing[0])
        if self._seen.marking.over_tier:
            return self._over_classified()
        if filing:
            return self._file(filing[0])
        if traits & {Trait.UNREADABLE, Trait.ENCRYPTED} or self._seen.overfull:
            return self._unreadable()
        asks = chased(self._chasing[0], self._standing, self._seen, self._index) if self._chasing else None
        question = asks.fired if asks else None
        yielding = question.rule.outranks if question else ()
        holding = [one for one in self._fired if one.then.ending is Ending.HOLD and one.rule.name not in yielding]
        routing = [one for one in self._fired if one.then.ending is Ending.ROUTE]
        if holding:
            return self._held_by_rule(holding, routing)
        if question or routing:
            return self._route([question] if question else routing)
        return self._asks_after_nothing(asks) if asks else self._nothing_fired()

    def _asks_after_nothing(self, asks: Chased) -> Decision:
        evidence = evidence_of(self._chasing[0], self._seen, self._index)
        return self._hold(HoldReason.NO_CATEGORY, asks.because, rule=self._chasing[0].rule.name, evidence=evidence)

    def _file(self, fired: Fired) -> Decision:
        return self._decide(
            Outcome.FILE,
            fired.rule.name,
            fired.title,
            category=fired.then.category,
            subtype=fired.type_name,
            evidence=evidence_of(fired, self._seen, self._index),
        )

    def _over_classified(self) -> Decision:
        marking = self._seen.marking
        seen = Evidence(fact="protective marking", part=marking.part, text=marking.level, span=marking.span)
        because = f"it is marked {marking.level}, above what this system may carry"
        return self._hold(HoldReason.OVER_CLASSIFIED, because, evidence=(seen,))

    def _unreadable(self) -> Decision:
        message = self._seen.message
        shut = "it is encrypted" if Trait.ENCRYPTED in message.traits else "it could not be read"
        if Trait.UNREADABLE in message.traits and message.defects:
            because = f"{shut}: {message.defects[-1]}"
        elif self._seen.overfull:
            because = f"{shut} in full: it holds more names, numbers and words of rules than are weighed"
        else:
            because = shut
        return self._hold(HoldReason.UNREADABLE, because, claims=self._claims(self._fired))

    def _held_by_rule(self, holding: list[Fired], routing: list[Fired]) -> Decision:
        def rank(one: Fired) -> int:
            reason = one.then.hold
            return _HOLDS_FIRST.index(reason) if reason in _HOLDS_FIRST else len(_HOLDS_FIRST)

        first = min(holding, key=rank)
        return self._hold(
            first.then.hold or HoldReason.NO_CATEGORY,
            first.title,
            rule=first.rule.name,
            evidence=evidence_of(first, self._seen, self._index),
            claims=self._claims(routing),
            urgency=first.then.priority,
        )

    def _route(self, routing: list[Fired]) -> Decision:
        evidence = tuple(item for one in routing for item in evidence_of(one, self._seen, self._index))
        claims = self._claims(routing)
        categories = sorted({str(one.then.category) for one in routing})
        untrusted = [one for one in routing if not one.sender_allowed]
        if untrusted:
            return self._hold(
                HoldReason.UNTRUSTED_SENDER, self._why_untrusted(untrusted[0]), evidence=evidence, claims=claims
            )
        if len(categories) > 1:
            because = f"it is both {' and '.join(name.replace('_', ' ') for name in categories)}"
            return self._hold(HoldReason.CONFLICTING_CATEGORIES, because, evidence=evidence, claims=claims)
        several = self._several_subjects(routing)
        if several:
            because = f"it is about more than one person: {', '.join(several)}"
            return self._hold(HoldReason.SEVERAL_SUBJECTS, because, evidence=evidence, claims=claims)
        destined = [destinations_of(one.then, self._seen, self._index) for one in routing]
        troubled = next((one for one in destined if one.answer is not Answer.ONE), None)
        if troubled is not None:
            return self._no_destination(troubled, evidence, claims)
        if len({frozenset(place.mailbox for place in one.destinations) for one in destined}) > 1:
            because = "rules of the same category disagree on where it goes"
            return self._hold(HoldReason.CONFLICTING_CATEGORIES, because, evidence=evidence, claims=claims)
        return self._routed(routing[0], destined[0], evidence)

    def _routed(self, fired: Fired, destined: Destined, evidence: tuple[Evidence, ...]) -> Decision:
        then = fired.then
        if destined.repaired and then.priority is Priority.URGENT:
            because = "its only postcode was damaged and had to be repaired, which may not decide an urgent message"
            return self._hold(HoldReason.NO_PLACE, because, evidence=evidence, claims=self._claims([fired]))
        return self._decide(
            Outcome.ROUTE,
            fired.rule.name,
            fired.title,
            category=then.category,
            subtype=fired.type_name,
            priority=then.priority,
            destined=destined,
            evidence=(*evidence, *destined.evidence),
            fired=fired,
        )

    def _no_destination(
        self, destined: Destined, evidence: tuple[Evidence, ...], claims: tuple[Claim, ...]
    ) -> Decision:
        shut = self._shut_attachment(_SHUT)
        if destined.answer is Answer.NONE and shut:
            because = f"the place it needs may be in the attachment {shut}, which could not be read"
            return self._hold(HoldReason.UNREADABLE, because, evidence=evidence, claims=claims)
        reason = HoldReason.NO_PLACE if destined.answer is Answer.NONE else HoldReason.AMBIGUOUS_PLACE
        return self._hold(reason, destined.because, evidence=(*evidence, *destined.evidence), claims=claims)

    def _nothing_fired(self) -> Decision:
        message = self._seen.message
        shut = self._shut_attachment(_WORDLESS)
        if shut and _says_little(message):
            because = f"what it says is in the attachment {shut}, which could not be read"
            return self._hold(HoldReason.UNREADABLE, because)
        if not any(passage.text.strip() for passage in message.passages if passage.kind is not Kind.SUBJECT) and shut:
            return self._hold(HoldReason.UNREADABLE, "it has no text that can be read")
        return self._hold(HoldReason.NO_CATEGORY, "no rule fits it")

    def _shut_attachment(self, readabilities: frozenset[Readability]) -> str:
        for attachment in self._seen.message.attachments:
            if attachment.readability in readabilities and not attachment.inline:
                return f"{attachment.name or '(no name)'} ({attachment.readability})"
        return ""

    def _several_subjects(self, routing: list[Fired]) -> tuple[str, ...]:
        """The persons named, where there are more than one in the newest words that name any."""
        for name in dict.fromkeys(name for one in routing for name in one.then.one_person_by):
            found = [thing for thing in self._seen.found.get(name, ()) if not thing.suspect]
            newest = min((thing.depth for thing in found), default=0)
            values = sorted({thing.value for thing in found if thing.depth == newest})
            if len(values) > 1:
                return tuple(values)
        return ()

    def _why_untrusted(self, fired: Fired) -> str:
        sender, seen = self._seen.message.sender, self._seen
        who = sender.address or "the sender"
        what = str(fired.then.category).replace("_", " ")
        if len(sender.from_addresses) > 1:
            return f"it has {len(sender.from_addresses)} From addresses, so nobody vouches for any of them"
        if seen.lookalike:
            return f"{who} only looks like {seen.lookalike}"
        if seen.group is None:
            return f"{who} belongs to no group that may send this ({what})"
        if not seen.trusted:
            return f"the force's gateway does not vouch for {sender.domain}: {sender.vouched_by or 'no result'}"
        return f"{seen.group} may not send this ({what})"

    def _claims(self, fired: Sequence[Fired]) -> tuple[Claim, ...]:
        ordered = sorted(fired, key=lambda one: PRIORITIES.index(one.then.priority) if one.then.priority else 9)
        return tuple(self._claim(one) for one in ordered if one.then.ending is Ending.ROUTE)

    def _claim(self, fired: Fired) -> Claim:
        return Claim(
            category=str(fired.then.category),
            type=fired.type_name,
            priority=fired.then.priority,
            destinations=destinations_of(fired.then, self._seen, self._index).destinations,
            template=fired.then.template,
            acknowledge_within=fired.then.acknowledge_within,
            rule=fired.rule.name,
        )

    def _hold(
        self,
        reason: HoldReason,
        because: str,
        *,
        rule: str = "",
        evidence: tuple[Evidence, ...] = (),
        claims: tuple[Claim, ...] = (),
        urgency: Priority | None = None,
    ) -> Decision:
        if urgency and not claims:
            claims = (Claim(category="", type=None, priority=urgency, rule=rule),)
        return self._decide(Outcome.HOLD, rule or str(reason), because, reason=reason, evidence=evidence, claims=claims)

    def _decide(
        self,
        outcome: Outcome,
        rule: str,
        because: str,
        *,
        category: str | None = None,
        subtype: str | None = None,
        priority: Priority | None = None,
        destined: Destined | None = None,
        reason: HoldReason | None = None,
        evidence: tuple[Evidence, ...] = (),
        claims: tuple[Claim, ...] = (),
        fired: Fired | None = None,
    ) -> Decision:
        limited = reason in {HoldReason.OVER_CLASSIFIED, HoldReason.CONFIDENTIAL_SOURCE}
        facts: tuple[KeyFact, ...] = () if limited else key_facts(self._seen, self._index, self._asked())
        missed: tuple[NearMiss, ...] = near_misses(self._short) if outcome is Outcome.HOLD else ()
        return Decision(
            outcome=outcome,
            rule=rule,
            rules_version=self._index.version,
            because=because,
            category=category,
            type=subtype,
            priority=priority,
            destinations=destined.destinations if destined else (),
            hold_reason=reason,
            claims=claims,
            evidence=(*evidence, *self._sender_evidence()),
            key_facts=facts,
            identifiers=self._identifiers(),
            near_misses=missed,
            trial=tuple(self._claim(one) for one in self._trial if one.then.ending is Ending.ROUTE),
            template=fired.then.template if fired else "",
            acknowledge_within=fired.then.acknowledge_within if fired else None,
            marking=self._seen.marking.level or OFFICIAL_SENSITIVE,
        )

    def _asked(self) -> frozenset[str]:
        targets = (target for one in self._fired for target in (*one.then.to, *one.then.copy))
        return frozenset(target.name for target in targets if target.kind is TargetKind.LOOKUP)

    def _sender_evidence(self) -> tuple[Evidence, ...]:
        sender = self._seen.message.sender
        who = f"from <{self._seen.group}>" if self._seen.group else "from nobody on a list"
        traits = ", ".join(sorted(self._seen.sender_traits))
        note = f"{traits} ({sender.vouched_by})" if sender.vouched_by else traits
        return (Evidence(fact=who, part="header", text=sender.address or "(no address)", note=note),)

    def _identifiers(self) -> tuple[tuple[str, str], ...]:
        entities = self._index.ruleset.entities
        strong = {
            (name, thing.value)
            for name, things in self._seen.found.items()
            if entities[name].identifies
            for thing in things
            if not thing.suspect and thing.standing is not Standing.ELSEWHERE
        }
        return tuple(sorted(strong))


def _standing(fired: list[Fired]) -> list[Fired]:
    """Without the rules that give way to another that fired."""
    outranked = {name for one in fired for name in one.rule.outranks}
    return [one for one in fired if one.rule.name not in outranked]


def _newest(standing: list[Fired]) -> list[Fired]:
    """Of those that route only the ones of the newest words.

    A rule that holds or files counts wherever its words stand: a restriction on a quoted report still restricts.
    """
    newest = min((one.depth for one in standing if one.then.ending is Ending.ROUTE), default=0)
    return [one for one in standing if one.then.ending is not Ending.ROUTE or one.depth == newest]


def _says_little(message: Message) -> bool:
    """Whether the words of the message itself are no more than a covering line."""
    spoken = (passage.text for passage in message.passages if passage.kind in {Kind.OWN, Kind.QUOTED})
    words = sum(len(text.split()) for text in spoken)
    return words <= 60
