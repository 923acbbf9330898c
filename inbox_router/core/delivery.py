"""Submission and what came of it, in the words of RFC 5321 and RFC 3464; whether and when to try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryState(StrEnum):
    """Where the handing over of one message to one recipient stands."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    """Written before the connection is used; found at a restart it means *uncertain*."""
    SENT = "sent"
    """The server accepted it with its reply to the final dot."""
    DEFERRED = "deferred"
    """4xx, or no connection: it will be tried again."""
    BOUNCED = "bounced"
    """5xx: it will not be tried again."""
    UNCERTAIN = "uncertain"
    """The connection was lost after DATA began: it may or may not have been accepted."""
    GIVEN_UP = "given up"
    """Deferred for too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A message of ours, ready to be handed to the SMTP server: octets, envelope, and what ties it to its cause."""

    message_id: str
    """Ours (RFC 5322), without angle brackets, derived from the content hash and the decision: a retry has the same."""
    octets: bytes
    sender: str
    """The envelope's MAIL FROM."""
    recipients: tuple[str, ...]
    original_sha256: str
    kind: str
    """`forward`, `notice` (of a held message) or `alarm`."""
    reference: str = ""
    """The short reference that people quote, as it stands in the subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the server said about one recipient of one submission."""

    recipient: str
    state: DeliveryState
    code: int | None
    """The SMTP reply code, or None where there was no reply."""
    enhanced: str
    """RFC 3463 status, `2.0.0` where the server gave none but accepted; never empty."""
    reply: str
    """The server's own words, on one line."""
    phase: str
    """`connect`, `mail`, `rcpt`, `data` or `dot`: how far it got."""
    at: datetime
