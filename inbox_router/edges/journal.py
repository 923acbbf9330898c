"""The journal: the one place where the service remembers, and the record of what became of every message.

Every method that writes takes a whole batch and is one durable transaction, with the audit events of what it records in
the same transaction. A method that raises has recorded nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from inbox_router.core.audit import Event, Occurrence
from inbox_router.core.decision import Priority
from inbox_router.core.delivery import Submission
from inbox_router.edges.journal_values import (
    Arrival,
    Attempted,
    EarlierMessage,
    Filed,
    HeldItem,
    JournalError,
    JournalNewerError,
    JournalUnavailableError,
    MessageRecord,
    MessageState,
    Queued,
    Routing,
    Stored,
    Sums,
    ToFile,
)

__all__ = [
    "Arrival",
    "Attempted",
    "EarlierMessage",
    "Filed",
    "HeldItem",
    "Journal",
    "JournalError",
    "JournalNewerError",
    "JournalUnavailableError",
    "MessageRecord",
    "MessageState",
    "Queued",
    "Routing",
    "Stored",
    "Sums",
    "ToFile",
]


class Journal:
    """An open journal. May be used from several threads; calls are served one after the other."""

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        instance: str | None = None,
        actor: str = "",
        mirrors: Sequence[Callable[[Event], None]] = (),
        read_only: bool = False,
    ) -> Self:
        """Opens the journal at `path`, creating it or bringing its tables up to date where needed.

        `instance` names the running service in every event; a journal belongs to one instance for ever. None: the one
        that the journal belongs to. `actor` is who stands in events that name nobody: "" is the program and its version.
        Each of `mirrors` is handed every event once it is durable, in order. `read_only` is for other processes while
        the service runs: nothing is created, changed or migrated, and writing methods raise JournalError.
        Raises JournalError.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Closes the file; a journal that is closed cannot be used again. Closing twice does nothing."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def instance(self) -> str:
        """The instance that the journal belongs to."""
        raise NotImplementedError

    # Taking in.

    def known(self, account: str, folder: str, uidvalidity: int, *, least_uid: int = 0) -> frozenset[int]:
        """The UIDs, from `least_uid` up, that were received already and need not be fetched."""
        raise NotImplementedError

    def receive(self, arrivals: Sequence[Arrival], now: datetime) -> list[int]:
        """Stores what was fetched; returns the journal's ids in the same order. One already stored keeps its id."""
        raise NotImplementedError

    def awaiting(self, limit: int) -> list[Stored]:
        """Messages that await a decision: those that failed least often first, then the pressing ones, then the oldest."""
        raise NotImplementedError

    def attempted(self, message_id: int, error: str, now: datetime) -> int:
        """Notes that deciding a message failed; returns how often it has. `error` is kept here, not in the audit log."""
        raise NotImplementedError

    # Deciding.

    def route(self, routings: Sequence[Routing], now: datetime) -> None:
        """Records decisions with the mail they cause.

        A submission whose Message-ID is here already (the same octets arrived twice, or the mailbox was renumbered) is
        not queued again: the message shares the deliveries of the earlier one.
        """
        raise NotImplementedError

    def queue(
        self,
        submissions: Sequence[Submission],
        now: datetime,
        *,
        message_id: int | None = None,
        urgency: Priority = Priority.URGENT,
    ) -> None:
        """Queues mail that no routing caused, such as alarms. It never holds up a message. Known Message-IDs are skipped."""
        raise NotImplementedError

    # Delivering.

    def due(self, now: datetime, limit: int) -> list[Queued]:
        """Submissions with a recipient to be tried now, the most urgent first, then the oldest."""
        raise NotImplementedError

    def submitting(self, batch: Sequence[Queued], now: datetime) -> None:
        """To be called before the connection is used: what is found so marked after a crash is uncertain."""
        raise NotImplementedError

    def verdicts(self, results: Sequence[Attempted], now: datetime) -> None:
        """Records what the server said of each recipient. A recipient marked as submitting without a verdict is uncertain.

        A message whose recipients all have a final answer becomes ready to file, or final where it is left in place.
        """
        raise NotImplementedError

    def recover(self, now: datetime, *, hold_uncertain: bool = False) -> int:
        """At start: what a crash cut short becomes uncertain; returns how many submissions that were.

        They are due again at once as possible duplicates; with `hold_uncertain` they are not tried again, and a person
        must act.
        """
        raise NotImplementedError

    # Filing.

    def to_file(self, limit: int) -> list[ToFile]:
        """Messages that are to be moved in the mailbox, the oldest first."""
        raise NotImplementedError

    def filed(self, results: Sequence[Filed], now: datetime) -> None:
        """Records what became of messages in the mailbox; each is then routed, held or filed for good."""
        raise NotImplementedError

    # The audit log.

    def record(self, occurrences: Sequence[Occurrence], now: datetime) -> None:
        """Records events that have no effect in the journal itself: started, alarm, consultation."""
        raise NotImplementedError

    def events(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        message: int | None = None,
        category: str | None = None,
        after_sequence: int = 0,
    ) -> Iterator[Event]:
        """Events in their order, `since` included and `until` not. Read page by page: any number of them will do."""
        raise NotImplementedError

    def head(self) -> tuple[int, str]:
        """Number and digest of the last event: the value to keep elsewhere, against which a cut-off tail shows."""
        raise NotImplementedError

    # Questions.

    def sums(self) -> Sums:
        raise NotImplementedError

    def held(self) -> list[HeldItem]:
        """Messages that a person must look at, the most urgent first, then the oldest.

        They include those whose notice is still under way, so there can be more than `sums().held`.
        """
        raise NotImplementedError

    def message(self, message_id: int) -> MessageRecord | None:
        raise NotImplementedError

    def octets(self, message_id: int) -> bytes | None:
        """The message as it was received, bit for bit; None where there is no such message or its octets were never had."""
        raise NotImplementedError

    def find(self, text: str) -> list[int]:
        """Ids of the messages meant by an id, a reference, a Message-ID of ours or the first 6 or more digits of a SHA-256."""
        raise NotImplementedError

    def earlier(
        self, identifiers: Sequence[tuple[str, str]], references: Sequence[str], *, limit: int = 20
    ) -> list[EarlierMessage]:
        """Messages routed before that share a strong identifier or are referenced by Message-ID, the newest first.

        `references` are Message-IDs without angle brackets, of the senders' messages or of ours.
        """
        raise NotImplementedError
