"""The audit log: which events there are, and how each is sealed to the one before.

Every event carries the SHA-256 of its own canonical JSON (RFC 8785), which holds the digest of the event before it, so
that nothing can be changed, taken out, put in or moved without its showing. Cutting off the tail shows against any head
(number and digest of the last entry) that was noted earlier and kept elsewhere. `verification` checks all that.

A log has no room for narrative: there is no field for it, the names in `detail` are a closed set, and every text is one
bounded line without control characters.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from json.encoder import encode_basestring as _text
from operator import itemgetter
from typing import Any, Self

from inbox_router.core.lines import one_line


class AuditError(ValueError):
    """Something cannot be an entry of an audit log; the words say why."""


class Action(StrEnum):
    """Everything that can stand in the log, with its meaning. One table: documentation is held to it by a test."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        action = str.__new__(cls, value)
        action._value_ = value
        action.meaning = meaning
        return action

    # The six operations of the Data Protection Act 2018, section 62(1).
    COLLECTION = "collection", "a message was received from the mailbox and its octets were stored"
    ALTERATION = "alteration", "it was decided what a message is and what is done with it"
    COMBINATION = "combination", "a message was linked with earlier ones, and the decision drew on that"
    CONSULTATION = "consultation", "a person looked at a message or at its record"
    DISCLOSURE = "disclosure", "the mail server accepted a message for one recipient"
    ERASURE = "erasure", "data was erased under the retention rules"
    # Delivery that is not, or not yet, a disclosure: one entry for each recipient.
    DEFERRED = "deferred", "the mail server put a recipient off, or could not be reached; it will be tried again"
    REFUSED = "refused", "the mail server refused a recipient for good"
    UNCERTAIN = "uncertain", "the connection was lost at a point where the mail may or may not have been accepted"
    GIVEN_UP = "given up", "a recipient was put off for so long that it is not tried again"
    # The mailbox.
    FILED = "filed", "a message was moved in the mailbox, or left where it is, and has reached its end"
    GONE = "gone", "the mailbox listed a message and no longer had it before it could be fetched"
    # The service.
    FAILED = "failed", "deciding a message broke off; it is tried again or held"
    QUEUED = "queued", "mail that no decision caused, such as an alarm, was queued"
    RECOVERED = "recovered", "after a restart, submissions were found that had been cut short"
    STARTED = "started", "the service started"
    STOPPED = "stopped", "the service stopped"
    RULES_LOADED = "rules loaded", "a set of rules came into force"
    RULES_REFUSED = "rules refused", "a set of rules failed its check or its examples; the one before stays in force"
    RECONCILED = "reconciled", "the mailbox was compared with the journal"
    SIGNED = "signed", "a person signed for the handover of a shift"
    ENTERED = "entered", "a person entered in a register what came of a case"
    ALARM = "alarm", "something needs a person's attention"
    ALL_CLEAR = "all clear", "what an alarm was about is over"


DETAILS: frozenset[str] = frozenset(
    {"account", "attempts", "category", "code", "count", "duplicate_of", "earlier", "enhanced", "folder", "hold_reason"}
    | {"incident", "kind", "message_id", "new_uid", "next_try", "note", "phase", "priority", "reason", "reference"}
    | {"reply", "size", "trial", "type", "uid", "uidvalidity", "version"}
)
"""The only names that `detail` may use."""

LARGEST_INTEGER = 2**53 - 1
"""RFC 8785 writes numbers as IEEE 754 doubles do: beyond this they would not be exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that happened and is to be recorded."""

    action: Action
    actor: str = ""
    """The person or the service that did it; "" is the service that records it."""
    message: int | None = None
    """The journal's number of the message that it happened to."""
    sha256: str = ""
    """Of the raw octets of that message."""
    rule: str = ""
    rules_version: str = ""
    recipients: tuple[str, ...] = ()
    outcome: str = ""
    """What came of it, in one short phrase: `route`, `accepted`, `moved`."""
    detail: Mapping[str, str | int] = field(default_factory=dict)
    """Further facts under names from DETAILS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An entry of the log: what happened, when (UTC), in which running instance, sealed to the entry before it."""

    sequence: int
    """Counts from 1 without a gap."""
    at: datetime
    instance: str
    action: Action
    actor: str
    message: int | None = None
    sha256: str = ""
    rule: str = ""
    rules_version: str = ""
    recipients: tuple[str, ...] = ()
    outcome: str = ""
    detail: Mapping[str, str | int] = field(default_factory=dict)
    previous: str
    """Digest of the entry before."""
    digest: str
    """SHA-256 of the canonical JSON of everything above, 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a log ends: the number and the digest of its last entry."""

    instance: str
    sequence: int
    digest: str


def genesis(instance: str) -> Head:
    """Where the log of an instance begins: its first entry is sealed to this."""
    return Head(
        instance=instance,
        sequence=0,
        digest=hashlib.sha256(f"inbox-router audit log of {instance}".encode()).hexdigest(),
    )


def seal(occurrence: Occurrence, *, at: datetime, after: Head, by: str = "") -> Event:
    """The entry that records an occurrence, following `after`; `at` is aware, `by` is who did it where none is named.

    Texts are made into bounded lines. Raises AuditError for what may not stand in a log.
    """
    if at.tzinfo is None:
        raise AuditError("The time of an event must carry its time zone.")
    event = Event(
        sequence=after.sequence + 1,
        at=at.astimezone(UTC),
        instance=after.instance,
        action=occurrence.action,
        actor=one_line(occurrence.actor or by),
        message=occurrence.message,
        sha256=occurrence.sha256,
        rule=one_line(occurrence.rule),
        rules_version=occurrence.rules_version,
        recipients=tuple(one_line(recipient) for recipient in occurrence.recipients),
        outcome=one_line(occurrence.outcome),
        detail={name: _detail(name, value) for name, value in sorted(occurrence.detail.items())},
        previous=after.digest,
        digest="",
    )
    return replace(event, digest=digest_of(event))


def _detail(name: str, value: str | int) -> str | int:
    if name not in DETAILS:
        raise AuditError(f"An event has no detail named {one_line(name)!r}.")
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST_INTEGER:
        raise AuditError(f"The detail {name!r} of an event is neither text nor a whole number below 2**53.")
    return value


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC, always with six decimals, so that texts sort as the times do: `2026-11-22T14:03:07.123456Z`."""
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")[:-6] + "Z"


def to_json_line(event: Event) -> str:
    """The event as one line of canonical JSON, without a line end."""
    return _canonical(event, f'"digest":{_text(event.digest)},')


def digest_of(event: Event) -> str:
    """The digest that an event should carry: SHA-256 of its canonical JSON without the digest itself."""
    return hashlib.sha256(_canonical(event).encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(event: Event, digest: str = "") -> str:
    """RFC 8785: names sorted, no space, whole numbers in full, in text only the escapes that are needed.

    Written out because a general encoder takes twice the time, and a log of a million entries has to verify in seconds.
    """
    detail = ",".join([f"{_text(name)}:{_value(value)}" for name, value in sorted(event.detail.items())])
    return (
        f'{{"action":{_text(event.action)},"actor":{_text(event.actor)},"at":"{timestamp(event.at)}",'
        f'"detail":{{{detail}}},{digest}"instance":{_text(event.instance)},'
        f'"message":{"null" if event.message is None else event.message},"outcome":{_text(event.outcome)},'
        f'"previous":{_text(event.previous)},"recipients":[{",".join([_text(each) for each in event.recipients])}],'
        f'"rule":{_text(event.rule)},"rules_version":{_text(event.rules_version)},"sequence":{event.sequence},'
        f'"sha256":{_text(event.sha256)}}}'
    )


def _value(value: str | int) -> str:
    return str(value) if type(value) is int else _text(str(value))


def from_json_line(line: str) -> Event:
    """The event that a line holds. Raises AuditError where it holds none."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise AuditError(f"not a line of an audit log: {error}") from error
    if not isinstance(values, dict):
        raise AuditError("not a line of an audit log: it does not hold an object")
    event = event_from(values)
    if to_json_line(event) != line.rstrip("\r\n"):
        raise AuditError("not a line of an audit log: it is not in canonical form, so it may say two things at once")
    return event


_NAMES = frozenset(each.name for each in fields(Event))
_texts = itemgetter(
    "action", "at", "instance", "actor", "sha256", "rule", "rules_version", "outcome", "previous", "digest"
)
_ACTIONS: Mapping[str, Action] = {action.value: action for action in Action}


def event_from(values: Mapping[str, Any]) -> Event:
    """An event from its fields as they are kept outside the program. Raises AuditError where there is none in them."""
    if values.keys() != _NAMES:
        odd = ", ".join(sorted(one_line(str(name)) for name in values.keys() ^ _NAMES))
        raise AuditError(f"not an entry of an audit log: missing or unknown: {odd}")
    recipients, detail, message = values["recipients"], values["detail"], values["message"]
    if not (
        type(values["sequence"]) is int
        and (message is None or type(message) is int)
        and {*map(type, _texts(values))} == {str}
        and type(recipients) is list
        and {*map(type, recipients)} <= {str}
        and type(detail) is dict
        and {*map(type, detail.values())} <= {str, int}
        and "".join(detail).isascii()
    ):
        raise AuditError("not an entry of an audit log: a value is of the wrong kind")
    action, at = _ACTIONS.get(values["action"]), _time(values["at"])
    if action is None or at is None:
        raise AuditError("not an entry of an audit log: its action is unknown, or its time is not one in UTC")
    return Event(**{**values, "at": at, "action": action, "recipients": tuple(recipients)})


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text.endswith("Z") else None
    except ValueError:
        return None
