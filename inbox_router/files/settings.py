"""The configuration as the program uses it. `config.example.yaml` says in plain words what each setting does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from inbox_router.core.parse import Limits as ParsingLimits
from inbox_router.core.shifts import Shift
from inbox_router.files.case_settings import CaseSettings
from inbox_router.files.secret import Secret


class Mode(StrEnum):
    OBSERVE = "observe"
    """Decides and records; sends and moves nothing."""
    LIVE = "live"


class WhenUncertain(StrEnum):
    """What to do with a message of ours that the server may or may not have taken."""

    RESEND = "resend"
    """Send it again, with the same Message-ID, marked as a possible duplicate."""
    HOLD = "hold"
    """Leave it to a person."""


Security = Literal["tls", "starttls", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server and how to get in."""

    host: str
    port: int
    security: Security
    username: str = ""
    """"" where the server asks for none."""
    password: Secret | None = None
    timeout: timedelta
    """For connecting, and for each read and write."""
    ca_file: Path | None = None
    """PEM file of the authorities to trust instead of the system's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    name: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where a message goes in the mailbox, by what was decided."""

    routed: str = "Routed"
    held: str = "Held"
    filed: str = "Filed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    address: str
    gateway: str
    """The authserv-id (RFC 8601) of the only server whose Authentication-Results are believed."""
    imap: Server
    folder: str = "INBOX"
    poll_every: timedelta
    idle_for: timedelta
    """The longest that one IDLE lasts."""
    cycle_deadline: timedelta
    """The longest that one round of fetching may take before the connection is given up."""
    folders: Folders = Folders()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitting:
    """How what we send leaves."""

    smtp: Server
    connections: int
    """How many at a time."""
    sender: str
    """The From address."""
    return_path: str
    """The envelope's MAIL FROM: where bounces go."""
    when_uncertain: WhenUncertain
    give_up_after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFile:
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLog:
    folder: Path
    """Where the log's files stand, one a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentLimits:
    """What looking into one attachment may cost."""

    seconds: float = 20.0
    memory: int = 1_000_000_000
    """Octets."""
    output: int = 2_000_000
    """Characters of text kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    parsing: ParsingLimits = field(default_factory=ParsingLimits)
    attachments: AttachmentLimits = field(default_factory=AttachmentLimits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that one installation is told; every path is absolute or relative to the working directory."""

    path: Path
    """The file that this was read from."""
    mode: Mode
    force: Force
    inbox: Inbox
    submission: Submitting
    mailboxes: Mapping[str, str]
    """Name -> address: the only addresses that mail is ever sent to."""
    review: str
    """The mailbox, by name, that is told of whatever is held."""
    duty_manager: str
    """The mailbox, by name, that is told of alarms and of urgent items that nobody acknowledged."""
    handover_to: str
    """The mailbox, by name, that gets the handover of each shift, the duty manager's unless said; "" for none."""
    tier: str
    """The highest protective marking that this system may handle; OFFICIAL includes OFFICIAL-SENSITIVE."""
    rules: Path
    templates: Path
    journal: JournalFile
    audit: AuditLog
    limits: Limits
    cases: CaseSettings
    shifts: tuple[Shift, ...]
    timezone: ZoneInfo
    reference_prefix: str
    """Begins every reference that people quote: `FIR`."""
