"""The nouns: what a message is once it has been read, and where in it a thing was seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a passage of readable text is. Rules look at subject, own words, quoted words and attachments only."""

    SUBJECT = "subject"
    OWN = "own words"
    QUOTED = "quoted"
    ATTACHMENT = "attachment"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    BANNER = "banner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A run of readable text with one voice.

    `depth` says how old the words are: 0 the newest (subject, own words and the attachments of the message itself), 1
    the message quoted, nested or forwarded below, 2 the one below that. Text is plain Unicode with `\\n` line ends; the
    cells of a table row stand in one line, parted by tabs. It never holds NUL or a lone surrogate.
    """

    kind: Kind
    depth: int
    text: str
    name: str = ""
    """The attachment's file name, made safe; "text" or "html" where two versions of a body differ and both are kept."""

    @property
    def part(self) -> str:
        """Where this is, as evidence and explanations name it: `subject`, `own words`, `attachment notice.pdf`."""
        return f"{self.kind} {self.name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A place in a message: characters `start` to `end` of passage number `passage`."""

    passage: int
    start: int
    end: int


class Readability(StrEnum):
    """What came of getting text out of an attachment. A failure is a fact, never an error."""

    READ = "read"
    NO_TEXT = "no text"
    """Opened, but holds no text: a picture, a scan without a text layer."""
    IMPLAUSIBLE = "implausible text"
    """Text came out that is not language: shifted glyphs, wrong encoding."""
    ENCRYPTED = "encrypted"
    CORRUPT = "corrupt"
    TOO_LARGE = "too large"
    TIMED_OUT = "timed out"
    NOT_OPENED = "not opened"
    """Of a kind that is never opened: archives, programs, pictures, sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file in a message, as far as it was looked into; its text, where there is any, is a Passage."""

    name: str
    media_type: str
    size: int
    """Octets, decoded."""
    sha256: str
    depth: int
    readability: Readability
    detail: str = ""
    inline: bool = False
    """A picture that the body shows (logo, signature): says nothing about whether the message could be read."""


class Authentication(StrEnum):
    """What the force's own gateway says of the From domain (RFC 8601); nobody else's word counts."""

    PASS = "pass"  # noqa: S105 - a verdict of RFC 8601, not a password
    FAIL = "fail"
    NONE = "none"
    """The gateway said nothing of the From domain, or gave no result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who a message says it is from, and who vouches for that."""

    address: str
    """The From address in lower case, or "" where there is none or more than one."""
    display: str = ""
    domain: str = ""
    """Lower case, IDNA decoded to Unicode, `x.pnn.police.uk` written `x.police.uk`."""
    authentication: Authentication = Authentication.NONE
    vouched_by: str = ""
    """The gateway's words: `dmarc=pass header.from=justice.gov.uk`."""
    reply_to: tuple[str, ...] = ()
    from_addresses: tuple[str, ...] = ()
    """Every address of every From field (RFC 5322 allows one field)."""
    ignored_claims: tuple[str, ...] = ()
    """Authentication-Results that were not the gateway's own, and so were not believed."""


class Trait(StrEnum):
    """What a message is by its structure, worked out from its fields and parts, never from its words."""

    AUTO_REPLY = "auto-reply"
    """RFC 3834 `Auto-Submitted: auto-replied`, and the marks of vacation responders."""
    AUTO_GENERATED = "auto-generated"
    RECEIPT = "receipt"
    """Disposition notification (RFC 8098)."""
    BOUNCE = "bounce"
    """Delivery status notification (RFC 3464), delays included."""
    OURS = "ours"
    """Sent by this service: carries its loop field."""
    REPLY = "reply"
    FORWARD = "forward"
    LIST = "mailing list"
    CALENDAR = "calendar"
    ENCRYPTED = "encrypted"
    UNREADABLE = "unreadable"
    """Over a limit of size, depth or parts, or broken so that its words cannot be had."""
    RECALLED_BY_SENDER = "withdrawn by its sender"
    """Outlook's "would like to recall the message"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message that has been read. Everything in it is still hostile text."""

    sha256: str
    """Of the raw octets."""
    size: int
    message_id: str
    """As the sender wrote it, without angle brackets; "" where missing. A hint, never identity."""
    subject: str
    """Decoded, on one line, prefixes and tags kept."""
    sender: Sender
    recipients: tuple[str, ...] = ()
    sent: datetime | None = None
    """The sender's Date field: evidence, not the time of anything."""
    received: datetime | None = None
    """When the server took it in (INTERNALDATE), UTC: clocks start here."""
    references: tuple[str, ...] = ()
    """Message-IDs of In-Reply-To and References, and of the message that a bounce or receipt reports on."""
    passages: tuple[Passage, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    traits: frozenset[Trait] = frozenset()
    markings: tuple[str, ...] = ()
    """Protective marking fields found in the header (x-protective-marking, msip_labels), as written."""
    defects: tuple[str, ...] = field(default=())
    """What was wrong with it and what was done about it, one sentence each, without its content."""
