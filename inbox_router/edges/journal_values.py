"""What goes into the journal and what comes out of it, and the states that a message passes through.

Every datetime here is aware; what comes out is UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inbox_router.core.decision import Claim, Decision, HoldReason, Priority
from inbox_router.core.delivery import DeliveryState, Submission, Verdict
from inbox_router.core.message import Message


class JournalError(Exception):
    """The journal cannot do what it was asked; the words say what a person can do."""


class JournalUnavailableError(JournalError):
    """The journal cannot be read or written now (disk full, locked): nothing was recorded; try again later."""


class JournalNewerError(JournalError):
    """The journal was written by a newer version of the program."""


class MessageState(StrEnum):
    """Where a message stands. `routed`, `held` and `filed` are final; all but `gone` count as arrived."""

    RECEIVED = "received"
    """Its octets are safe here; nothing has been decided."""
    OBSERVED = "observed"
    """Decided while the service only observes: nothing is sent and nothing is moved. Counts as awaiting."""
    DELIVERING = "delivering"
    """Decided, with its mail queued; not every recipient has a final answer."""
    READY = "ready to file"
    """Every recipient has a final answer (there may be none); the mailbox has not been touched."""
    ROUTED = "routed"
    HELD = "held"
    """A person must act: so decided, or a recipient was refused."""
    FILED = "filed"
    """Automatic mail, put away."""
    GONE = "gone"
    """The mailbox listed it and then no longer had it, before its octets could be fetched. Not counted as arrived."""


TRANSITIONS: Mapping[MessageState, frozenset[MessageState]] = {
    MessageState.RECEIVED: frozenset({MessageState.OBSERVED, MessageState.DELIVERING}),
    MessageState.OBSERVED: frozenset({MessageState.DELIVERING}),
    MessageState.DELIVERING: frozenset({MessageState.READY}),
    MessageState.READY: frozenset({MessageState.ROUTED, MessageState.HELD, MessageState.FILED}),
    MessageState.ROUTED: frozenset(),
    MessageState.HELD: frozenset(),
    MessageState.FILED: frozenset(),
    MessageState.GONE: frozenset({MessageState.RECEIVED}),
}
"""From each state, the states that may follow. `gone` becomes `received` where the mailbox shows the message again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A message that was fetched, or that could not be: identity in the mailbox, and its octets."""

    account: str
    folder: str
    uidvalidity: int
    uid: int
    internaldate: datetime | None
    """When the server took it in."""
    size: int
    """RFC822.SIZE in octets, 0 where the server did not say."""
    octets: bytes | None
    """None: the server would not give them; `problem` says why, and the message is still received, to be held."""
    problem: str = ""
    gone: bool = False
    """The server listed it and no longer has it (moved by a person): noted, and forgotten should it show up again."""
    pressing: bool = False
    """It looks urgent at a glance, so it is taken from the backlog before the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A message that awaits its decision."""

    id: int
    octets: bytes | None
    sha256: str
    """Of the octets; "" where there are none."""
    received: datetime
    """INTERNALDATE, or when the journal recorded it where the server gave none."""
    problem: str
    attempts: int
    """How often deciding it has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The decision for one message, with the mail that it causes and the folder that the message goes to afterwards."""

    message_id: int
    decision: Decision
    message: Message | None
    """None where it could not be read at all."""
    submissions: tuple[Submission, ...]
    folder: str | None
    """None: the message is left where it is."""
    observed: bool = False
    """Only recorded: `submissions` must be empty, and the folder is ignored."""
    earlier: tuple[int, ...] = ()
    """The earlier messages (journal ids) that the decision drew on: recorded as combination."""
    shared: tuple[str, ...] = ()
    """What each of them has in common with this one, in the same order: kinds (`prison number, thread`), no values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """One submission that is due, with the recipients that still await an answer and may be tried now."""

    submission_id: int
    message_id: int | None
    """The journal's id of the message that caused it; None for an alarm of the service itself."""
    submission: Submission
    """As it was composed: `recipients` names all of them. Only those in `recipients` below are to be tried."""
    recipients: tuple[str, ...]
    attempts: int
    """Tries so far, the most of any of these recipients."""
    queued_at: datetime
    urgency: Priority
    possible_duplicate: bool
    """An earlier try may have been accepted without our hearing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted:
    """What came of trying one submission."""

    submission_id: int
    verdicts: tuple[Verdict, ...]
    next_try: datetime | None
    """When deferred and uncertain recipients are tried again. None: not again; deferred ones are then given up,
    uncertain ones stay uncertain, and a person must act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToFile:
    """A message whose deliveries are all final and that is still to be moved in the mailbox."""

    message_id: int
    account: str
    folder: str
    uidvalidity: int
    uid: int
    target: str
    """The folder that its routing named."""
    ends_as: MessageState
    """`routed`, `held` or `filed`: what it will be once filed."""
    delivery_refused: bool
    """It was to be routed, but a recipient was refused: it ends as `held`, and belongs in the folder of held mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What became of a message in the mailbox: the effect, in the server's words."""

    message_id: int
    new_uid: int | None
    """From COPYUID; None where the server did not say, or the message was not moved."""
    reply: str
    note: str = ""
    """Such as `no longer in the inbox: moved by a person`."""
    folder: str | None = None
    """Where it is now; None: in the target that was asked for; "" where nobody can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCounts:
    """What rules did over a time."""

    messages: int
    """How many were decided."""
    by_rule: Mapping[str, int]
    """A rule counts once a message: it decided it, or would have decided it had it not been held."""
    first: datetime | None
    """When the first message of the whole journal was decided, UTC; None where none was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """How the messages add up: `arrived == routed + held + filed + awaiting`, always."""

    arrived: int
    routed: int
    held: int
    filed: int
    awaiting: int
    """Everything not final, the observed included."""
    observed: int
    """How many of those awaiting were decided while the service only observed."""
    gone: int
    """Seen in the mailbox, and away before they were fetched; not among the arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldItem:
    """A message that a person must look at."""

    message_id: int
    state: MessageState
    """`held`, or a state before it while its notice is under way."""
    sha256: str
    reference: str
    """The reference in the subject of what was sent about it; "" where nothing was."""
    received: datetime
    decided: datetime
    reason: HoldReason | None
    """None where the decision was to route and a recipient was refused."""
    because: str
    urgency: Priority
    rule: str
    claims: tuple[Claim, ...]
    refused: tuple[str, ...]
    """Recipients that have not got their mail and will not get it by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """Where handing one submission to one recipient stands."""

    submission_id: int
    our_message_id: str
    kind: str
    reference: str
    recipient: str
    state: DeliveryState
    code: int | None
    enhanced: str
    reply: str
    attempts: int
    next_try: datetime | None
    changed: datetime
    possible_duplicate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """Everything that the journal knows of one message, except its octets."""

    id: int
    account: str
    folder: str
    uidvalidity: int
    uid: int
    sha256: str
    size: int
    internaldate: datetime | None
    received: datetime
    """When the journal recorded it."""
    state: MessageState
    problem: str
    attempts: int
    last_error: str
    decided: datetime | None
    decision: Decision | None
    deliveries: tuple[DeliveryRecord, ...]
    delivery_refused: bool
    settled: datetime | None
    """When it became routed, held or filed."""
    now_folder: str
    """Where the message is in the mailbox; "" where nobody can say."""
    now_uid: int | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierMessage:
    """A message that was routed before and is tied to the one at hand."""

    message_id: int
    reference: str
    """The reference in the subject of what was sent about it; "" where nothing was."""
    shared: tuple[tuple[str, str], ...]
    """The strong identifiers (kind, value) that both have."""
    referenced: bool
    """The one at hand names its Message-ID, or that of what we sent about it."""
    mailboxes: tuple[str, ...]
    """Names of the mailboxes that it went to, those addressed first and copies after them."""
    to: tuple[str, ...]
    """Of these, the ones that were addressed and not only copied."""
    category: str | None
    type: str | None
    decided: datetime
