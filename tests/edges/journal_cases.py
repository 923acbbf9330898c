"""Invented mail and decisions for the tests of the journal."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from inbox_router.core.decision import (
    Claim,
    Decision,
    Destination,
    Evidence,
    HoldReason,
    KeyFact,
    NearMiss,
    Outcome,
    Priority,
)
from inbox_router.core.delivery import DeliveryState, Submission, Verdict
from inbox_router.core.message import Message, Sender, Span
from inbox_router.edges.journal import Arrival, Attempted, Journal, Queued, Routing

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
C_DIVISION = "c.division@pennine.police.example"
OFFENDER = "offender.management@pennine.police.example"
REVIEW = "review@pennine.police.example"

DESTINATIONS = (
    Destination(mailbox="c-division", address=C_DIVISION, why="last known address HX1 1AA"),
    Destination(mailbox="offender-management", address=OFFENDER, why="copied on every recall", role="copy"),
)
ROUTE = Decision(
    outcome=Outcome.ROUTE,
    rule="prison-recall",
    rules_version="cd" * 32,
    because="a person on licence has been recalled to prison",
    category="prison_recall",
    type="standard",
    priority=Priority.HIGH,
    destinations=DESTINATIONS,
    evidence=(
        Evidence(
            fact='says "licence revoked"',
            part="own words",
            text="licence revoked \ud800",
            span=Span(passage=1, start=3, end=18),
            note="repaired",
        ),
        Evidence(fact="from <prisons and probation>", part="header", text="justice.gov.uk"),
    ),
    key_facts=(KeyFact(label="Last known address", value="HX1 1AA"),),
    identifiers=(("prison number", "A1234BC"), ("pnc id", "2001/0000001A"), ("prison number", "A1234BC")),
    near_misses=(NearMiss(rule="rotl", missing='says "rotl"'),),
    trial=(Claim(category="prison_recall", type=None, priority=None, rule="recall-draft"),),
    template="prison-recall",
    acknowledge_within=timedelta(minutes=30, microseconds=1),
    marking="OFFICIAL-SENSITIVE",
)
HOLD = Decision(
    outcome=Outcome.HOLD,
    rule="conflicting_categories",
    rules_version="cd" * 32,
    because="two rules disagree",
    hold_reason=HoldReason.CONFLICTING_CATEGORIES,
    claims=(
        Claim(
            category="prison_recall",
            type="emergency",
            priority=Priority.URGENT,
            destinations=DESTINATIONS,
            acknowledge_within=timedelta(minutes=30),
            rule="prison-recall",
        ),
    ),
)
FILE = Decision(outcome=Outcome.FILE, rule="automatic", rules_version="cd" * 32, because="it is an automatic reply")
DECISIONS = {Outcome.ROUTE: ROUTE, Outcome.HOLD: HOLD, Outcome.FILE: FILE}


def octets(uid: int) -> bytes:
    return f"Message-ID: <{uid}@justice.gov.uk>\r\nSubject: recall {uid}\r\n\r\nLicence revoked.\r\n".encode()


def arrival(uid: int, **changes: object) -> Arrival:
    given: dict[str, object] = {
        "account": "intelligence",
        "folder": "INBOX",
        "uidvalidity": 7,
        "uid": uid,
        "internaldate": NOW - timedelta(minutes=60 - uid % 50),
        "size": len(octets(uid)),
        "octets": octets(uid),
    }
    return Arrival(**(given | changes))  # type: ignore[arg-type]


def message(uid: int) -> Message:
    sender = Sender(address="duty@justice.gov.uk")
    return Message(
        sha256=hashlib.sha256(octets(uid)).hexdigest(),
        size=1,
        message_id=f"{uid}@justice.gov.uk",
        subject="recall",
        sender=sender,
    )


def submission(content: bytes, recipients: tuple[str, ...], kind: str = "forward") -> Submission:
    digest = hashlib.sha256(content).hexdigest()
    return Submission(
        message_id=f"{kind}.{digest[:16]}@pennine.police.example",
        octets=b"Auto-Submitted: auto-generated\r\n\r\n" + content,
        sender="router@pennine.police.example",
        recipients=recipients,
        original_sha256=digest,
        kind=kind,
        reference=f"IR-{digest[:8]}",
    )


def routing(message_id: int, uid: int, outcome: Outcome = Outcome.ROUTE, **changes: object) -> Routing:
    mail = {
        Outcome.ROUTE: (submission(octets(uid), (C_DIVISION, OFFENDER)),),
        Outcome.HOLD: (submission(octets(uid), (REVIEW,), "notice"),),
        Outcome.FILE: (),
    }
    given: dict[str, object] = {
        "message_id": message_id,
        "decision": DECISIONS[outcome],
        "message": message(uid),
        "submissions": mail[outcome],
        "folder": {Outcome.ROUTE: "Routed", Outcome.HOLD: "Held", Outcome.FILE: "Automatic"}[outcome],
    }
    return Routing(**(given | changes))  # type: ignore[arg-type]


def verdict(recipient: str, state: DeliveryState = DeliveryState.SENT, **changes: object) -> Verdict:
    answers: dict[DeliveryState, tuple[int | None, str, str, str]] = {
        DeliveryState.SENT: (250, "2.0.0", "2.0.0 Ok: queued as 4711", "dot"),
        DeliveryState.DEFERRED: (450, "4.2.0", "4.2.0 mailbox busy", "rcpt"),
        DeliveryState.BOUNCED: (550, "5.1.1", "5.1.1 no such user", "rcpt"),
        DeliveryState.UNCERTAIN: (None, "4.4.2", "connection lost", "dot"),
        DeliveryState.GIVEN_UP: (450, "4.2.0", "4.2.0 mailbox busy", "rcpt"),
    }
    code, enhanced, reply, phase = answers[state]
    given: dict[str, object] = {
        "recipient": recipient,
        "state": state,
        "code": code,
        "enhanced": enhanced,
        "reply": reply,
        "phase": phase,
        "at": NOW,
    }
    return Verdict(**(given | changes))  # type: ignore[arg-type]


def answered(
    queued: Queued, *states: DeliveryState, next_try: datetime | None = None, recipients: tuple[str, ...] = ()
) -> Attempted:
    """One state for all recipients, or one for each."""
    names = recipients or queued.recipients
    each = states * len(names) if len(states) == 1 else states
    return Attempted(
        submission_id=queued.submission_id,
        verdicts=tuple(verdict(name, state) for name, state in zip(names, each, strict=True)),
        next_try=next_try,
    )


def deliver(journal: Journal, *states: DeliveryState, now: datetime = NOW, next_try: datetime | None = None) -> None:
    """Tries all that is due, with the same answers for each."""
    due = journal.due(now, 1000)
    journal.submitting(due, now)
    journal.verdicts([answered(each, *states, next_try=next_try) for each in due], now)
