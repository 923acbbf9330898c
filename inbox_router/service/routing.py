"""One message from the journal to the decision and the mail it causes. Reads the journal, writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inbox_router.core.compose import NotAllowedError, forward, notice, reference_for
from inbox_router.core.decision import Decision, HoldReason, Outcome, Priority
from inbox_router.core.delivery import Submission
from inbox_router.core.message import Message, Sender, Trait
from inbox_router.core.observe import Earlier
from inbox_router.edges.journal import Journal, Routing, Stored
from inbox_router.service.in_force import InForce
from inbox_router.service.linking import Linked, Links

SECURITY = frozenset({HoldReason.OVER_CLASSIFIED, HoldReason.CONFIDENTIAL_SOURCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where things go that no rule names."""

    routed_folder: str
    held_folder: str
    filed_folder: str
    review: str
    """Address that is told of everything held."""
    duty_manager: str
    """Address that is told of urgent and security holds as well."""
    reference_prefix: str
    observe: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A routing, and what else should be known of it."""

    routing: Routing
    bounced: str = ""
    """For a bounce of something of ours: the reference of what came back, or its Message-ID."""

    @property
    def keys(self) -> frozenset[str]:
        """What ties this message to others: where two share one, the second is decided after the first is recorded."""
        message = self.routing.message
        identifiers = {f"{kind} {value}" for kind, value in self.routing.decision.identifiers}
        threads = {message.sha256, message.message_id, *message.references} if message else set()
        return frozenset(identifiers | threads) - {""}


class Router:
    """Decides and composes for one state of the rules."""

    def __init__(self, in_force: InForce, journal: Journal, desk: Desk) -> None:
        self._in_force = in_force
        self._journal = journal
        self._links = Links(in_force.triage, journal)
        self._desk = desk

    def prepare(self, stored: Stored, now: datetime) -> Prepared:
        """Raises whatever a message can break: the caller counts that, and holds the message in the end."""
        if stored.octets is None:
            return self.unreadable(stored, stored.problem or "the mail server did not give out its content", now)
        message = self._in_force.triage.read(stored.octets, stored.received)
        again = self._links.same_octets(stored)
        if again is not None:
            return Prepared(routing=self._routing(stored, again, message, ()))
        linked = self._links.decide(message)
        reference = reference_for(stored.received, stored.id, self._desk.reference_prefix)
        try:
            submissions = self._mail(linked.decision, message, stored.octets, linked.told, reference, now)
        except NotAllowedError as error:
            linked = replace(linked, decision=self._not_allowed(linked.decision, str(error)))
            submissions = self._mail(linked.decision, message, stored.octets, linked.told, reference, now)
        return Prepared(
            routing=self._routing(stored, linked, message, submissions),
            bounced=self._bounced(message),
        )

    def unreadable(self, stored: Stored, why: str, now: datetime) -> Prepared:
        """Holds a message that cannot be read, or that breaks whatever reads it. Nothing of it is looked at."""
        decision = Decision(
            outcome=Outcome.HOLD,
            rule=HoldReason.UNREADABLE.value,
            rules_version=self._in_force.version,
            because=f"it cannot be read: {why}",
            hold_reason=HoldReason.UNREADABLE,
        )
        message = Message(
            sha256=stored.sha256,
            size=len(stored.octets or b""),
            message_id="",
            subject="",
            sender=Sender(address=""),
            received=stored.received,
        )
        reference = reference_for(stored.received, stored.id, self._desk.reference_prefix)
        notices = () if self._desk.observe else (self._notice(decision, message, None, reference, now),)
        return Prepared(routing=self._routing(stored, Linked(decision=decision), None, notices))

    def _mail(
        self,
        decision: Decision,
        message: Message,
        octets: bytes,
        earlier: Sequence[Earlier],
        reference: str,
        now: datetime,
    ) -> tuple[Submission, ...]:
        if self._desk.observe or decision.outcome is Outcome.FILE:
            return ()
        if decision.outcome is Outcome.HOLD:
            return (self._notice(decision, message, octets, reference, now),)
        composed = forward(
            decision,
            message,
            octets,
            originator=self._in_force.originator,
            templates=self._in_force.templates,
            now=now,
            reference=reference,
            earlier=earlier,
        )
        return (composed,)

    def _notice(
        self, decision: Decision, message: Message, octets: bytes | None, reference: str, now: datetime
    ) -> Submission:
        return notice(
            decision,
            message,
            octets,
            to=told_of(decision, self._desk),
            originator=self._in_force.originator,
            templates=self._in_force.templates,
            now=now,
            reference=reference,
        )

    def _not_allowed(self, decision: Decision, why: str) -> Decision:
        """What would have gone where it may not is held instead."""
        return Decision(
            outcome=Outcome.HOLD,
            rule=decision.rule,
            rules_version=decision.rules_version,
            because=why,
            hold_reason=HoldReason.RESTRICTED_HANDLING,
            evidence=decision.evidence,
            identifiers=decision.identifiers,
            marking=decision.marking,
        )

    def _routing(
        self,
        stored: Stored,
        linked: Linked,
        message: Message | None,
        submissions: tuple[Submission, ...],
    ) -> Routing:
        return Routing(
            message_id=stored.id,
            decision=linked.decision,
            message=message,
            submissions=submissions,
            folder=self._folder(linked.decision),
            observed=self._desk.observe,
            earlier=linked.numbers,
            shared=linked.shared,
        )

    def _folder(self, decision: Decision) -> str | None:
        """None leaves it in the inbox: what is marked above the tier is not to be carried about, not even by us."""
        if decision.hold_reason is HoldReason.OVER_CLASSIFIED:
            return None
        folders = {
            Outcome.ROUTE: self._desk.routed_folder,
            Outcome.HOLD: self._desk.held_folder,
            Outcome.FILE: self._desk.filed_folder,
        }
        return folders[decision.outcome]

    def _bounced(self, message: Message) -> str:
        if Trait.BOUNCE not in message.traits:
            return ""
        for message_id in message.references:
            for number in self._journal.find(message_id):
                return f"message #{number}"
            if message_id.lower().endswith("@" + self._in_force.originator.domain.lower()):
                return "a message that is not in the journal"
        return ""


def told_of(decision: Decision, desk: Desk) -> tuple[str, ...]:
    """Who gets the notice of a held message."""
    if decision.urgency is Priority.URGENT or decision.hold_reason in SECURITY:
        return (desk.review, desk.duty_manager)
    return (desk.review,)
