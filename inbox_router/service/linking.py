"""What came before a message: found in the journal, told to the rules, and the same notice recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inbox_router.core.decide import Judgement
from inbox_router.core.decision import Decision, Outcome, Priority
from inbox_router.core.delivery import DeliveryState
from inbox_router.core.linking import (
    SAME_NOTICE,
    Notice,
    decided_alike,
    differing_kinds,
    same_notice,
    shared_kinds,
    to_be_told,
    wording,
)
from inbox_router.core.message import Message
from inbox_router.core.observe import Earlier
from inbox_router.edges.journal import EarlierMessage, Journal, MessageRecord, MessageState, Stored
from inbox_router.triage import Triage

UNDECIDED = frozenset({MessageState.RECEIVED, MessageState.OBSERVED, MessageState.GONE})

_MOST_COMPARED = 6
"""Earlier messages whose words are read again to see whether this is the same notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A decision, and the earlier messages that it drew on."""

    decision: Decision
    numbers: tuple[int, ...] = ()
    """In the journal."""
    shared: tuple[str, ...] = ()
    """What each of them has in common with this one, in the same order."""
    told: tuple[Earlier, ...] = ()
    """Those that the forwarded message speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    record: MessageRecord
    decision: Decision
    earlier: Earlier

    @property
    def is_linked(self) -> bool:
        """Not only found by its words, which are no more than a hint."""
        return self.earlier.thread or bool(self.earlier.kinds)


class Links:
    """Decides messages in the light of those before them."""

    def __init__(self, triage: Triage, journal: Journal) -> None:
        self._triage = triage
        self._journal = journal

    def decide(self, message: Message) -> Linked:
        """Decided on the message alone first: that says what to look for in earlier mail."""
        alone = self._triage.decide(message)
        if not alone.identifiers and alone.outcome is Outcome.ROUTE:
            alone = replace(alone, identifiers=wording(message))
        if not alone.identifiers and not message.references:
            return Linked(decision=alone)
        found = self._journal.earlier(alone.identifiers, message.references)
        known = [one for each in found if (one := self._known(each, alone)) is not None]
        linked = [one for one in known if one.is_linked]
        decision = alone
        if linked:
            decision = self._triage.decide(message, [one.earlier for one in linked])
            decision = replace(decision, identifiers=alone.identifiers)
        first = self._first_of(message, decision, known)
        if first is not None:
            return self._again(decision, first, [one for one in linked if one is not first])
        return _linked(decision, linked)

    def judge(self, message: Message, before: int) -> Judgement:
        """What the rules make of a message of the journal, in the light of those before it; for showing, not acting."""
        alone = self._triage.judge(message)
        found = self._journal.earlier(alone.decision.identifiers, message.references, before=before)
        known = [one for each in found if (one := self._known(each, alone.decision)) is not None]
        linked = [one.earlier for one in known if one.is_linked]
        return self._triage.judge(message, linked) if linked else alone

    def same_octets(self, stored: Stored) -> Linked | None:
        """The decision on the same octets, had they come before: renumbered by the server, or sent twice."""
        for number in sorted(self._journal.find(stored.sha256)):
            if number >= stored.id:
                break
            record = self._journal.message(number)
            if record and record.decision and record.state not in UNDECIDED:
                return self._as_before(record, record.decision)
        return None

    def _as_before(self, record: MessageRecord, decision: Decision) -> Linked:
        """What was routed is not sent again; what was held or filed is held or filed with it."""
        if decision.outcome is Outcome.ROUTE:
            decision = _filed(decision, _reference(record))
        return Linked(decision=decision, numbers=(record.id,), shared=(SAME_NOTICE,))

    def _known(self, found: EarlierMessage, alone: Decision) -> _Known | None:
        record = self._journal.message(found.message_id)
        if record is None or record.decision is None:
            return None
        theirs = record.decision.identifiers
        kinds = shared_kinds(alone.identifiers, theirs)
        return _Known(
            record=record,
            decision=record.decision,
            earlier=Earlier(
                reference=found.reference or f"#{found.message_id}",
                category=found.category or "",
                type=found.type,
                mailboxes=found.mailboxes,
                shared=", ".join((*kinds, "thread") if found.referenced else kinds),
                to=found.to,
                kinds=kinds,
                differs=differing_kinds(alone.identifiers, theirs),
                thread=found.referenced,
                received=record.internaldate or record.received,
            ),
        )

    def _first_of(self, message: Message, decision: Decision, known: Sequence[_Known]) -> _Known | None:
        """The earliest message that this one is the same notice as, if it is safe to leave it at that."""
        alike = [one for one in known if decided_alike(decision, one.decision) and _may_stand_for(one.record, decision)]
        notice = Notice(message=message, decision=decision)
        for one in reversed(alike[:_MOST_COMPARED]):
            octets = self._journal.octets(one.record.id)
            if octets is None:
                continue
            before = self._triage.read(octets, one.earlier.received)
            if same_notice(notice, Notice(message=before, decision=one.decision)):
                return one
        return None

    def _again(self, decision: Decision, first: _Known, others: Sequence[_Known]) -> Linked:
        linked = _linked(_filed(decision, first.earlier.reference), others)
        shared = ", ".join(part for part in (SAME_NOTICE, first.earlier.shared) if part)
        return replace(linked, numbers=(first.record.id, *linked.numbers), shared=(shared, *linked.shared))


def _linked(decision: Decision, linked: Sequence[_Known]) -> Linked:
    same_person = [one.earlier for one in linked if one.earlier.kinds or not one.earlier.differs]
    return Linked(
        decision=decision,
        numbers=tuple(one.record.id for one in linked),
        shared=tuple(one.earlier.shared for one in linked),
        told=to_be_told(decision, same_person),
    )


def _filed(decision: Decision, reference: str) -> Decision:
    return Decision(
        outcome=Outcome.FILE,
        rule=SAME_NOTICE,
        rules_version=decision.rules_version,
        because=f"it is the same notice as {reference}, already routed",
        category=decision.category,
        type=decision.type,
        evidence=decision.evidence,
        key_facts=decision.key_facts,
        identifiers=decision.identifiers,
        marking=decision.marking,
    )


def _reference(record: MessageRecord) -> str:
    return next((each.reference for each in record.deliveries if each.reference), f"#{record.id}")


def _may_stand_for(record: MessageRecord, decision: Decision) -> bool:
    """Whether what became of the first will do for this one: an urgent notice must have reached everybody."""
    if record.delivery_refused:
        return False
    if decision.priority is not Priority.URGENT:
        return True
    reached = {each.recipient for each in record.deliveries if each.state is DeliveryState.SENT}
    return all(place.address in reached for place in decision.destinations)
