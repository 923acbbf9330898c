"""The values that templates may show: what was decided, in words, each on one line and of bounded length.

There is one set of names for each kind of template, and a template that asks for another name fails its check. That is
what keeps a person's name out of every subject, and a source's words out of a notice: they are not among the values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from inbox_router.core.decision import Claim, Decision, Destination, Evidence, HoldReason, KeyFact
from inbox_router.core.lines import one_line
from inbox_router.core.message import Attachment, Authentication, Message
from inbox_router.core.outgoing import Originator

if TYPE_CHECKING:
    from inbox_router.core.observe import Earlier

Values = Mapping[str, object]

LONDON = ZoneInfo("Europe/London")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_MOST_FACTS = 40
_MOST_EVIDENCE = 12
_MOST_ATTACHMENTS = 12
_MOST_EARLIER = 8
_MOST_NEAR_MISSES = 6

HELD_BECAUSE: Mapping[HoldReason, str] = {
    HoldReason.NO_CATEGORY: "no rule recognises it",
    HoldReason.CONFLICTING_CATEGORIES: "it could be two different things",
    HoldReason.SEVERAL_SUBJECTS: "it is about more than one person",
    HoldReason.NO_PLACE: "the address that would decide the division is missing",
    HoldReason.AMBIGUOUS_PLACE: "its addresses point to more than one division",
    HoldReason.UNTRUSTED_SENDER: "the sender is not one who may send this, or could not be confirmed",
    HoldReason.OVER_CLASSIFIED: "it is marked above what this system may carry",
    HoldReason.UNREADABLE: "it could not be read",
    HoldReason.RESTRICTED_HANDLING: "its handling conditions forbid passing it on without a decision",
    HoldReason.EXERCISE: "it says that it is an exercise or a test",
    HoldReason.CONFIDENTIAL_SOURCE: "the sender may be a confidential source",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One row of a table: a label, what stands beside it, and why it may be doubted."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownClaim:
    """What would have been done with a held message."""

    what: str
    priority: str
    to: tuple[Shown, ...]


def subject_values(decision: Decision) -> Values:
    """For the subjects of forwards and notices: closed words only, nothing that came with the message."""
    return {
        "urgent": decision.urgency.value == "urgent",
        "priority": decision.urgency.value,
        "category": _words(decision.category or ""),
        "type": _words(decision.type or ""),
        "reason": HELD_BECAUSE[decision.hold_reason] if decision.hold_reason else "",
    }


def common_values(decision: Decision, *, originator: Originator, reference: str, marking: str) -> Values:
    """For every body: who we are, how urgent, and what ties the message to its records."""
    return {
        **subject_values(decision),
        "force": one_line(originator.name, 120),
        "inbox": originator.address,
        "reference": reference,
        "marking": marking,
        "rule": one_line(decision.rule, 80),
        "rules_version": decision.rules_version[:12],
    }


def original_values(message: Message, *, attached: str) -> Values:
    """The original as the body describes it; `attached` is the name it is attached under, "" where it is not."""
    return {
        "sender": one_line(message.sender.address, 200) or "(no usable From address)",
        "sender_confirmed": message.sender.authentication is Authentication.PASS,
        "original_subject": one_line(message.subject, 200) or "(no subject)",
        "received": uk_time(message.received) if message.received else "",
        "attachments": [_attachment(each) for each in message.attachments if not each.inline][:_MOST_ATTACHMENTS],
        "attached": attached,
        "sha256": message.sha256,
    }


def forward_values(decision: Decision, message: Message, *, now: datetime, earlier: Sequence[Earlier]) -> Values:
    """What was found, why it goes where it goes, and by when it wants an answer."""
    return {
        "because": one_line(decision.because),
        "facts": _facts(decision.key_facts),
        "reasons": _reasons(decision.evidence),
        "to": _destinations(decision.destinations, "to"),
        "copies": _destinations(decision.destinations, "copy"),
        "earlier": [_earlier(each) for each in earlier][:_MOST_EARLIER],
        **_clock(decision, message.received or now, now),
    }


def held_values(decision: Decision) -> Values:
    """Why it is held, what would have been done, and what nearly fitted."""
    return {
        "because": one_line(decision.because),
        "facts": _facts(decision.key_facts),
        "reasons": _reasons(decision.evidence),
        "claims": [_claim(each) for each in decision.claims],
        "near_misses": [
            Shown(label=one_line(miss.rule, 80), value=one_line(miss.missing)) for miss in decision.near_misses
        ][:_MOST_NEAR_MISSES],
    }


def uk_time(moment: datetime) -> str:
    """`14:30 GMT on Sunday 22 November 2026`: the zone's name tells the two 01:30s of a clock-change night apart."""
    local = moment.astimezone(LONDON)
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{local:%H:%M} {local.tzname()} on {day}"


def uk_minute(moment: datetime) -> str:
    """`14 November 2026 16:05`, Europe/London."""
    local = moment.astimezone(LONDON)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {local:%H:%M}"


def duration(length: timedelta) -> str:
    """`30 minutes`, `1 hour 30 minutes`, `48 hours`: elapsed time, so never in days."""
    hours, minutes = divmod(int(length.total_seconds()) // 60, 60)
    shown = [_counted(number, unit) for number, unit in ((hours, "hour"), (minutes, "minute")) if number]
    return " ".join(shown) or "0 minutes"


def size(octets: int) -> str:
    if octets < 1_000_000:
        return f"{max(1, round(octets / 1000))} kB"
    return f"{octets / 1_000_000:.1f} MB"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _words(name: str) -> str:
    return one_line(name.replace("_", " "), 60)


def _clock(decision: Decision, start: datetime, now: datetime) -> Values:
    """The clock starts when the message reached the server, not when it was composed."""
    within = decision.acknowledge_within
    if within is None:
        return {"acknowledge_by": "", "acknowledge_within": "", "acknowledge_late": False}
    by = start + within
    return {"acknowledge_by": uk_time(by), "acknowledge_within": duration(within), "acknowledge_late": by <= now}


def _facts(facts: Iterable[KeyFact]) -> list[Shown]:
    shown = [
        Shown(label=one_line(each.label, 40), value=one_line(each.value), note=one_line(each.note, 80))
        for each in facts
    ]
    return [fact for fact in shown if fact.value][:_MOST_FACTS]


def _reasons(evidence: Iterable[Evidence]) -> list[Shown]:
    """Where, the words themselves, and the doubt; the same words in the same place only once."""
    shown = [
        Shown(label=one_line(each.part, 60), value=one_line(each.text, 160), note=one_line(each.note, 80))
        for each in evidence
        if each.part != "header"
    ]
    return list(dict.fromkeys(each for each in shown if each.value))[:_MOST_EVIDENCE]


def _destinations(destinations: Iterable[Destination], role: str) -> list[Shown]:
    return [
        Shown(label=one_line(each.mailbox, 60), value=one_line(each.why, 200))
        for each in destinations
        if each.role == role
    ]


def _claim(claim: Claim) -> ShownClaim:
    kind = f" ({_words(claim.type)})" if claim.type else ""
    priority = claim.priority.value if claim.priority else ""
    to = (*_destinations(claim.destinations, "to"), *_destinations(claim.destinations, "copy"))
    return ShownClaim(what=f"{_words(claim.category)}{kind}", priority=priority, to=to)


def _earlier(earlier: Earlier) -> Shown:
    """`14 November 2026 16:05, prison recall / emergency, to c-division`, under its reference."""
    kind = " / ".join(_words(name) for name in (earlier.category, earlier.type) if name)
    went = f"to {one_line(', '.join(earlier.mailboxes), 120)}" if earlier.mailboxes else ""
    when = uk_minute(earlier.received) if earlier.received else ""
    value = ", ".join(part for part in (when, kind, went) if part)
    return Shown(label=one_line(earlier.reference, 40), value=value, note=one_line(f"same {earlier.shared}", 60))


def _attachment(attachment: Attachment) -> Shown:
    detail = "" if attachment.readability.value == "read" else attachment.readability.value
    return Shown(label=one_line(attachment.name, 100) or "(no name)", value=size(attachment.size), note=detail)


def security_values(message: Message) -> Values:
    """For a message marked above the tier: its Message-ID, by which the gateway's records find it, and no more."""
    return {"message_id": one_line(message.message_id, 200) or "(it has none)"}


def alarm_values(
    headline: str,
    lines: Sequence[str],
    *,
    urgent: bool,
    originator: Originator,
    reference: str,
    marking: str,
    now: datetime,
) -> Values:
    """What is wrong with the service, in sentences of its own."""
    return {
        "headline": one_line(headline, 200),
        "lines": [one_line(line, 500) for line in lines],
        "urgent": urgent,
        "priority": "urgent" if urgent else "routine",
        "force": one_line(originator.name, 120),
        "inbox": originator.address,
        "reference": reference,
        "marking": marking,
        "raised": uk_time(now),
    }
