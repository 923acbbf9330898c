"""The worst that mail has to offer, as values for trying out templates before they meet real mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from inbox_router.core import wording
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
from inbox_router.core.lines import one_line
from inbox_router.core.message import Attachment, Authentication, Message, Readability, Sender
from inbox_router.core.outgoing import Originator

MARKUP = "<script>steal()</script>"
WORST = f"{MARKUP}\"'>{{{{ 7 * 7 }}}}{{% for %}}\r\nBcc: all@example.org\x00\u202egpj.exe\u200b" + "long" * 2_000

_NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
_MARKING = "OFFICIAL-SENSITIVE"
_REFERENCE = "FI-261122-0042"
_ORIGINATOR = Originator(
    name="Sample Police", address="inbox@force.example", return_path="", loop_token=_REFERENCE, domain="force.example"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    subject: wording.Values
    body: wording.Values


def samples(role: str) -> tuple[Sample, ...]:
    """For a template of this role: one sample has everything, all of it hostile, one lacks all that may lack."""
    if role == "alarm":
        return (_alarm([WORST, WORST]), _alarm([]))
    return tuple(_sample(role, decision, message) for decision, message in ((_WORST, _FULL), (_LEAST, _EMPTY)))


def _sample(role: str, decision: Decision, message: Message) -> Sample:
    values = dict(wording.common_values(decision, originator=_ORIGINATOR, reference=_REFERENCE, marking=_MARKING))
    if role in {"forward", "held"}:
        values |= wording.original_values(message, attached="original.eml" if message is _FULL else "")
    if role == "forward":
        values |= wording.forward_values(decision, message, now=_NOW, earlier=())
        values["earlier"] = [_EARLIER] if message is _FULL else []
    elif role == "held":
        values |= wording.held_values(decision)
    elif role == "security-hold":
        values |= wording.security_values(message)
    return Sample(subject=wording.subject_values(decision), body=values)


def _alarm(lines: list[str]) -> Sample:
    values = wording.alarm_values(
        WORST if lines else "it",
        lines,
        urgent=bool(lines),
        originator=_ORIGINATOR,
        reference=_REFERENCE,
        marking=_MARKING,
        now=_NOW,
    )
    return Sample(subject={"headline": "the mailbox cannot be reached", "urgent": bool(lines)}, body=values)


_DESTINATIONS = (
    Destination(mailbox=WORST, address="a@force.example", why=WORST),
    Destination(mailbox=WORST, address="b@force.example", why=WORST, role="copy"),
)
_WORST = Decision(
    outcome=Outcome.ROUTE,
    rule=WORST,
    rules_version="f" * 64,
    because=WORST,
    category=MARKUP,
    type=MARKUP,
    priority=Priority.URGENT,
    destinations=_DESTINATIONS,
    hold_reason=HoldReason.UNTRUSTED_SENDER,
    claims=(Claim(category=WORST, type=WORST, priority=Priority.URGENT, destinations=_DESTINATIONS),),
    evidence=(Evidence(fact=WORST, part=WORST, text=WORST, note=WORST),),
    key_facts=(KeyFact(label=WORST, value=WORST, note=WORST),),
    near_misses=(NearMiss(rule=WORST, missing=WORST),),
    acknowledge_within=timedelta(minutes=30),
    marking=_MARKING,
)
_LEAST = Decision(
    outcome=Outcome.ROUTE, rule="r", rules_version="0" * 64, because="it", hold_reason=HoldReason.NO_CATEGORY
)
_FULL = Message(
    sha256="e" * 64,
    size=1,
    message_id=WORST,
    subject=WORST,
    sender=Sender(address=WORST, display=WORST, authentication=Authentication.PASS),
    received=_NOW,
    attachments=(
        Attachment(
            name=WORST,
            media_type=WORST,
            size=1,
            sha256="d" * 64,
            depth=0,
            readability=Readability.CORRUPT,
            detail=WORST,
        ),
    ),
)
_EMPTY = Message(sha256="e" * 64, size=0, message_id="", subject="", sender=Sender(address=""))
_EARLIER = wording.Shown(label=one_line(WORST), value=one_line(WORST), note=one_line(WORST))
