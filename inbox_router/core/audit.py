"""The audit log: which events there are, how each is sealed to the one before, and how a log is verified.

Every event carries the SHA-256 of its own canonical JSON (RFC 8785), which holds the digest of the event before it, so
that nothing can be changed, taken out, put in or moved without its showing. Cutting off the tail shows against any head
(number and digest of the last entry) that was noted earlier and kept elsewhere.

A log has no room for narrative: there is no field for it, the names in `detail` are a closed set, and every text is one
bounded line without control characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self


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
    RECOVERED = "recovered", "after a restart, submissions were found that had been cut short"
    STARTED = "started", "the service started"
    STOPPED = "stopped", "the service stopped"
    RULES_LOADED = "rules loaded", "a set of rules came into force"
    RULES_REFUSED = "rules refused", "a set of rules failed its check or its examples; the one before stays in force"
    ALARM = "alarm", "something needs a person's attention"
    ALL_CLEAR = "all clear", "what an alarm was about is over"


DETAILS: frozenset[str] = frozenset(
    {
        "account", "attempts", "category", "code", "count", "duplicate_of", "earlier", "enhanced", "folder", "hold_reason",
        "incident", "kind", "message_id", "new_uid", "next_try", "note", "phase", "priority", "reason", "reference", "reply",
        "size", "trial", "type", "uid", "uidvalidity", "version",
    }
)  # fmt: skip
"""The only names that `detail` may use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that happened and is to be recorded."""

    action: Action
    actor: str = ""
    """The person or the service that did it; "" stands for the service itself."""
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
