"""Our outgoing mail: a decision and the message that it is about, as a submission ready for the server.

Every message is a new one of ours (RFC 5598): our From, our return path, our Message-ID. The original travels as a
file, its octets unaltered; its words never reach a field of the header.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from inbox_router.core import wording
from inbox_router.core.decision import Decision, HoldReason, Priority
from inbox_router.core.delivery import Submission
from inbox_router.core.lines import one_line
from inbox_router.core.markings import OFFICIAL, OFFICIAL_SENSITIVE
from inbox_router.core.message import Message
from inbox_router.core.outgoing import File, Letter, Originator, write
from inbox_router.core.templates import (
    Rendered,
    Role,
    TemplateError,
    TemplateProblem,
    Templates,
    TemplateSet,
    TemplateText,
)

if TYPE_CHECKING:
    from inbox_router.core.observe import Earlier

__all__ = [
    "NotAllowedError",
    "Originator",
    "TemplateError",
    "TemplateProblem",
    "TemplateSet",
    "TemplateText",
    "Templates",
    "alarm",
    "forward",
    "mark_possible_duplicate",
    "notice",
    "reference_for",
    "report",
]

POSSIBLE_DUPLICATE = b"X-Inbox-Router-Possible-Duplicate: yes\r\n"

_NOTICE_TEMPLATES = {HoldReason.CONFIDENTIAL_SOURCE: Role.CONFIDENTIAL, HoldReason.OVER_CLASSIFIED: Role.SECURITY}
_NEVER_ATTACHED = frozenset(
    {HoldReason.CONFIDENTIAL_SOURCE, HoldReason.OVER_CLASSIFIED, HoldReason.RESTRICTED_HANDLING}
)
"""A notice is a dissemination too: what is held for these reasons is read where it is held."""

_MARKING = re.compile(r"[A-Z][A-Z0-9 :/&-]{0,58}[A-Z0-9]")
_REFERENCE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}[A-Za-z0-9])?")


class NotAllowedError(Exception):
    """This may not be sent, whatever a rule says: the caller holds the message."""


def reference_for(received: datetime, journal_id: int, prefix: str) -> str:
    """`FI-261122-0042`: the day it arrived (Europe/London) and its number in the journal; short enough to say aloud."""
    return f"{prefix}-{received.astimezone(wording.LONDON):%y%m%d}-{journal_id:04d}"


def forward(
    decision: Decision,
    message: Message,
    octets: bytes,
    *,
    originator: Originator,
    templates: Templates,
    now: datetime,
    reference: str,
    earlier: Sequence[Earlier] = (),
) -> Submission:
    """The message that takes an item to its destinations, with the original (`octets`) attached.

    Raises TemplateError where the rule's template cannot be filled in, NotAllowedError where a Crimestoppers report
    would leave the force, ValueError where the configuration's addresses are none.
    """
    to = [each.address for each in decision.destinations if each.role == "to"]
    copy = [each.address for each in decision.destinations if each.role == "copy"]
    _within_the_force(decision, [*to, *copy], originator)
    marking = _marking(decision)
    sha256 = hashlib.sha256(octets).hexdigest()
    attached = File(name=f"original-{_reference(reference)}.eml", octets=octets)
    body = {
        **wording.common_values(decision, originator=originator, reference=reference, marking=marking),
        **wording.original_values(message, attached=attached.name),
        **wording.forward_values(decision, message, now=now, earlier=earlier),
        "sha256": sha256,
    }
    words = templates.render(decision.template, wording.subject_values(decision), body)
    cause = _cause("forward", decision, sha256, reference, marking)
    return _submission(cause, words, to or copy, copy if to else [], attached, originator, now)


def notice(
    decision: Decision,
    message: Message,
    octets: bytes | None,
    *,
    to: Sequence[str],
    originator: Originator,
    templates: Templates,
    now: datetime,
    reference: str,
) -> Submission:
    """Tells `to` (review, the duty manager) what is held, why, what would have been done, and what to do now.

    The original is attached where `octets` are given and the reason for holding allows it. Of a confidential source's
    message nothing at all is told, of one marked above the tier only its Message-ID. Raises as `forward` does.
    """
    reason = decision.hold_reason
    role = _NOTICE_TEMPLATES.get(reason, Role.HELD) if reason else Role.HELD
    # Nothing of the message is in these two, so neither is its marking: what we send must be sendable on this system.
    marking = _marking(decision) if role is Role.HELD else OFFICIAL_SENSITIVE
    file = None
    if octets is not None and reason not in _NEVER_ATTACHED:
        file = File(name=f"original-{_reference(reference)}.eml", octets=octets)
    body = dict(wording.common_values(decision, originator=originator, reference=reference, marking=marking))
    if role is Role.HELD:
        body |= wording.original_values(message, attached=file.name if file else "")
        body |= wording.held_values(decision)
    elif role is Role.SECURITY:
        body |= wording.security_values(message)
    words = templates.render(role.value, wording.subject_values(decision), body)
    cause = _cause("notice", decision, message.sha256, reference, marking)
    return _submission(cause, words, to, (), file, originator, now)


def alarm(
    headline: str,
    lines: Sequence[str],
    *,
    to: Sequence[str],
    originator: Originator,
    templates: Templates,
    now: datetime,
    reference: str = "ALARM",
    urgent: bool = True,
) -> Submission:
    """Tells people that the service needs them: sentences of the service's own, never words from mail.

    Raises as `forward` does.
    """
    body = wording.alarm_values(
        headline, lines, urgent=urgent, originator=originator, reference=reference, marking=OFFICIAL, now=now
    )
    subject = {"headline": one_line(headline, 80), "urgent": urgent}
    words = templates.render(Role.ALARM.value, subject, body)
    identity = _digest(headline, *lines, now.isoformat(), reference)
    cause = _Cause(kind="alarm", identity=identity, reference=reference, marking=OFFICIAL, urgent=urgent)
    return _submission(cause, words, to, (), None, originator, now)


def report(
    headline: str,
    lines: Sequence[str],
    *,
    to: Sequence[str],
    originator: Originator,
    templates: Templates,
    now: datetime,
    reference: str,
    identity: str,
    attached: File,
) -> Submission:
    """Sends people a file that the service made, with sentences of its own. What has the same `identity` is the same
    message whenever it is composed. Raises as `forward` does."""
    body = wording.alarm_values(
        headline, lines, urgent=False, originator=originator, reference=reference, marking=OFFICIAL_SENSITIVE, now=now
    )
    words = templates.render(Role.ALARM.value, {"headline": one_line(headline, 80), "urgent": False}, body)
    cause = _Cause(
        kind="report",
        identity=_digest("report", identity),
        reference=reference,
        marking=OFFICIAL_SENSITIVE,
        urgent=False,
    )
    return _submission(cause, words, to, (), attached, originator, now)


def mark_possible_duplicate(submission: Submission) -> Submission:
    """The same message, Message-ID and all, with a field at its top that says it may have come before.

    For a submission whose fate is uncertain: nothing else of it changes, so both copies are known as one.
    """
    if submission.octets.startswith(POSSIBLE_DUPLICATE):
        return submission
    return replace(submission, octets=POSSIBLE_DUPLICATE + submission.octets)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cause:
    """What a message of ours is about, as its own fields state it."""

    kind: str
    identity: str
    """Digest of what makes this message this one: the same on every retry, another for another decision."""
    reference: str
    marking: str
    urgent: bool
    sha256: str = ""
    rules_version: str = ""


def _cause(kind: str, decision: Decision, sha256: str, reference: str, marking: str) -> _Cause:
    destinations = [f"{each.role} {each.address}" for each in decision.destinations]
    decided = [decision.outcome, decision.rule, decision.rules_version, decision.category, decision.type]
    identity = _digest(kind, sha256, reference, *map(str, decided), str(decision.hold_reason), *destinations)
    return _Cause(
        kind=kind,
        identity=identity,
        reference=reference,
        marking=marking,
        urgent=decision.urgency is Priority.URGENT,
        sha256=sha256,
        rules_version=decision.rules_version,
    )


def _submission(
    cause: _Cause,
    words: Rendered,
    to: Sequence[str],
    copy: Sequence[str],
    file: File | None,
    originator: Originator,
    now: datetime,
) -> Submission:
    first = list(dict.fromkeys(to))
    second = [each for each in dict.fromkeys(copy) if each not in first]
    if not first:
        raise NotAllowedError(
            f"{cause.reference}: there is nobody to send it to; give the rule or the notice a mailbox"
        )
    letter = Letter(
        message_id=f"{cause.identity[:40]}@{originator.domain}",
        to=first,
        copy=second,
        subject=f"[{cause.marking}] {words.subject} - ref {_reference(cause.reference)}",
        date=now,
        text=words.text,
        html=words.html,
        urgent=cause.urgent,
        ours=(
            ("Loop", originator.loop_token),
            ("Reference", cause.reference),
            ("Kind", cause.kind),
            ("Rules", cause.rules_version),
            ("Original-SHA256", cause.sha256),
        ),
        file=file,
    )
    return Submission(
        message_id=letter.message_id,
        octets=write(letter, originator),
        sender=originator.return_path,
        recipients=(*first, *second),
        original_sha256=cause.sha256,
        kind=cause.kind,
        reference=cause.reference,
    )


def _within_the_force(decision: Decision, addresses: Sequence[str], originator: Originator) -> None:
    """A Crimestoppers report never leaves the force's own domain, so that its giver stays unknown."""
    if decision.category != "crimestoppers":
        return
    home = originator.domain.lower()
    for each in addresses:
        domain = each.rpartition("@")[2].lower()
        if domain != home and not domain.endswith(f".{home}"):
            raise NotAllowedError(
                f"a Crimestoppers report may not go to {each}, outside {home}; change the rule's mailbox"
            )


def _marking(decision: Decision) -> str:
    """The decision's marking where it reads as one. Whatever else stands there, what we send is handled with care."""
    return decision.marking if _MARKING.fullmatch(decision.marking) else OFFICIAL_SENSITIVE


def _reference(reference: str) -> str:
    if not _REFERENCE.fullmatch(reference):
        raise ValueError(f"{one_line(reference, 60)!r} is not a reference: letters, digits and hyphens, at most 40")
    return reference


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()
