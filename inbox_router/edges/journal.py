"""The journal: the one place where the service remembers, and the record of what became of every message.

Every method that writes takes a whole batch and is one durable transaction, with the audit events of what it records in
the same transaction. A method that raises has recorded nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from inbox_router import __version__
from inbox_router.core.audit import Event, Occurrence
from inbox_router.core.cases import Entry, Filing, Register
from inbox_router.core.decision import Priority
from inbox_router.core.delivery import Submission
from inbox_router.core.handover import Arrived
from inbox_router.core.kept_rules import Installed, SetFiles
from inbox_router.core.reconcile import Known
from inbox_router.edges import (
    journal_deciding,
    journal_delivering,
    journal_events,
    journal_history,
    journal_intake,
    journal_links,
    journal_queries,
    journal_register,
    journal_rules,
    journal_settling,
    journal_shift,
)
from inbox_router.edges.journal_events import Log
from inbox_router.edges.journal_links import Link
from inbox_router.edges.journal_store import Store, belonging_to, may_be_shared
from inbox_router.edges.journal_values import (
    Arrival,
    Attempted,
    DeliveryRecord,
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
    RuleCounts,
    Stored,
    Sums,
    ToFile,
)

PROGRAM = "inbox-router "
"""Begins the actor of every event that no person brought about; its version follows."""

__all__ = [
    "PROGRAM",
    "Arrival",
    "Attempted",
    "DeliveryRecord",
    "EarlierMessage",
    "Filed",
    "HeldItem",
    "Journal",
    "JournalError",
    "JournalNewerError",
    "JournalUnavailableError",
    "Link",
    "MessageRecord",
    "MessageState",
    "Queued",
    "Routing",
    "RuleCounts",
    "Stored",
    "Sums",
    "ToFile",
    "may_be_shared",
]

_LOG = logging.getLogger(__name__)


class Journal:
    """An open journal. May be used from several threads; calls are served one after the other."""

    def __init__(self, store: Store, log: Log, instance: str, mirrors: Sequence[Callable[[Event], None]] = ()) -> None:
        """For `open` only."""
        self._store = store
        self._log = log
        self._instance = instance
        self._mirrors = tuple(mirrors)
        self._telling = threading.Lock()

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
        that the journal belongs to. `actor` stands in events that name nobody: "" is the program and its version.
        Each of `mirrors` is handed every event once it is durable, in order; it must not write to the journal.
        `read_only` is for other processes while
        the service runs: nothing is created, changed or migrated, and writing methods raise JournalError.
        Raises JournalError.
        """
        store = Store(Path(path), read_only=read_only)
        try:
            with store.reading() if read_only else store.writing() as connection:
                owner = belonging_to(connection, instance, may_settle=not read_only)
        except BaseException:
            store.close()
            raise
        return cls(store, Log(owner, actor or f"{PROGRAM}{__version__}"), owner, mirrors)

    def close(self) -> None:
        """Closes the file; a journal that is closed cannot be used again. Closing twice does nothing."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def instance(self) -> str:
        """The instance that the journal belongs to."""
        return self._instance

    # Taking in.

    def known(self, account: str, folder: str, uidvalidity: int, *, least_uid: int = 0) -> frozenset[int]:
        """The UIDs, from `least_uid` up, that were received already and need not be fetched."""
        with self._store.reading() as connection:
            return journal_intake.known(connection, account, folder, uidvalidity, least_uid)

    def receive(self, arrivals: Sequence[Arrival], now: datetime) -> list[int]:
        """Stores what was fetched; returns the journal's ids in the same order. One already stored keeps its id."""
        hashes, contents = journal_intake.prepare(arrivals)
        with self._writing(now) as (connection, happened):
            ids, occurrences = journal_intake.receive(connection, arrivals, hashes, contents, now)
            happened += occurrences
        return ids

    def awaiting(self, limit: int) -> list[Stored]:
        """Messages that await a decision: those that failed least often first, then pressing ones, then the oldest."""
        with self._store.reading() as connection:
            return journal_intake.awaiting(connection, limit)

    def attempted(self, message_id: int, error: str, now: datetime) -> int:
        """Notes that deciding a message failed; returns how often it has. `error` is kept, but not in the audit log."""
        with self._writing(now) as (connection, happened):
            attempts, occurrence = journal_intake.attempted(connection, message_id, error)
            happened.append(occurrence)
        return attempts

    # Deciding.

    def route(self, routings: Sequence[Routing], now: datetime) -> None:
        """Records decisions with the mail they cause.

        A submission whose Message-ID is here already (the same octets arrived twice, or the mailbox was renumbered) is
        not queued again: the message shares the deliveries of the earlier one.
        """
        packed = journal_deciding.prepare([each for routing in routings for each in routing.submissions])
        with self._writing(now) as (connection, happened):
            happened += journal_deciding.route(connection, routings, packed, now)

    def queue(
        self,
        submissions: Sequence[Submission],
        now: datetime,
        *,
        message_id: int | None = None,
        urgency: Priority = Priority.URGENT,
    ) -> None:
        """Queues mail that no decision caused, such as alarms; no message waits for it. What is known is skipped."""
        packed = journal_deciding.prepare(submissions)
        with self._writing(now) as (connection, happened):
            happened += journal_deciding.queue(connection, submissions, packed, now, message_id, urgency)

    # Delivering.

    def due(self, now: datetime, limit: int) -> list[Queued]:
        """Submissions with a recipient to be tried now, the most urgent first, then the oldest."""
        with self._store.reading() as connection:
            return journal_delivering.due(connection, now, limit)

    def submitting(self, batch: Sequence[Queued], now: datetime) -> None:
        """To be called before the connection is used: what is found so marked after a crash is uncertain."""
        with self._store.writing() as connection:
            journal_delivering.submitting(connection, batch, now)

    def verdicts(self, results: Sequence[Attempted], now: datetime) -> None:
        """Records what the server said of each recipient; one being tried of which nothing is said is uncertain.

        A message whose recipients all have a final answer becomes ready to file, or final where it is left in place.
        """
        with self._writing(now) as (connection, happened):
            happened += journal_delivering.verdicts(connection, results, now)

    def recover(self, now: datetime, *, hold_uncertain: bool = False) -> int:
        """At start: what a crash cut short becomes uncertain; returns how many submissions that were.

        They are due again at once as possible duplicates; with `hold_uncertain` they are not tried again, and a person
        must act.
        """
        with self._writing(now) as (connection, happened):
            count, occurrences = journal_delivering.recover(connection, now, hold_uncertain=hold_uncertain)
            happened += occurrences
        return count

    # Filing.

    def to_file(self, limit: int) -> list[ToFile]:
        """Messages that are to be moved in the mailbox, the oldest first."""
        with self._store.reading() as connection:
            return journal_settling.to_file(connection, limit)

    def filed(self, results: Sequence[Filed], now: datetime) -> None:
        """Records what became of messages in the mailbox; each is then routed, held or filed for good."""
        with self._writing(now) as (connection, happened):
            happened += journal_settling.settle(connection, results, now)

    def enter(self, entry: Entry, register: Register, now: datetime) -> None:
        """Records what a person says of a case."""
        with self._writing(now) as (connection, happened):
            happened.append(journal_register.enter(connection, entry, register))

    # The rules.

    def keep_rules(
        self, files: SetFiles, version: str, mailboxes: Mapping[str, str], loaded: Occurrence, now: datetime
    ) -> None:
        """Keeps a set that comes into force with the content of its files, and records that it did."""
        with self._writing(now) as (connection, happened):
            journal_rules.keep(connection, files, version, mailboxes, now)
            happened.append(loaded)

    def refuse_rules(self, version: str, reason: str, refused: Occurrence, now: datetime) -> None:
        """Records that a newer set was refused; that of `version` stays in force."""
        with self._writing(now) as (connection, happened):
            journal_rules.refuse(connection, version, reason, now)
            happened.append(refused)

    def rule_sets(self) -> list[Installed]:
        """Each time that a set came into force or was refused, the oldest first."""
        with self._store.reading() as connection:
            return journal_rules.installed(connection)

    def rules_at(self, until: datetime | None = None, *, in_force: bool = False) -> Installed | None:
        """What was last done with a set before `until`; with `in_force`, the last that was not refused."""
        with self._store.reading() as connection:
            return journal_rules.latest(connection, until=until, in_force=in_force)

    def rule_files(self, one: Installed) -> SetFiles:
        """The files of a set that was in force, as they were."""
        with self._store.reading() as connection:
            return journal_rules.contents(connection, one)

    # The audit log.

    def record(self, occurrences: Sequence[Occurrence], now: datetime) -> None:
        """Records events that have no effect in the journal itself: started, alarm, consultation."""
        with self._writing(now) as (_, happened):
            happened += occurrences

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
        return journal_events.read(
            self._store, since=since, until=until, message=message, category=category, after_sequence=after_sequence
        )

    def head(self) -> tuple[int, str]:
        """Number and digest of the last event: the value to keep elsewhere, against which a cut-off tail shows."""
        with self._store.reading() as connection:
            head = self._log.head(connection)
        return head.sequence, head.digest

    # Questions.

    def sums(self) -> Sums:
        with self._store.reading() as connection:
            return journal_queries.sums(connection)

    def arrived(self, start: datetime, end: datetime) -> list[Arrived]:
        """Messages recorded from `start` to before `end`, as they stand now, the oldest first."""
        with self._store.reading() as connection:
            return journal_shift.arrived(connection, start, end)

    def filings(self, register: Register) -> list[Filing]:
        """The messages that a register is made of."""
        with self._store.reading() as connection:
            return journal_register.filings(connection, register)

    def entries(self) -> list[Entry]:
        """What persons entered in the registers, the oldest first."""
        with self._store.reading() as connection:
            return journal_register.entries(connection)

    def rule_counts(self, since: datetime) -> RuleCounts:
        """How many messages each rule decided from `since` on, or would have decided had they not been held."""
        with self._store.reading() as connection:
            return journal_history.rule_counts(connection, since)

    def began(self) -> datetime:
        """When the first event was recorded; the epoch for a journal without one."""
        with self._store.reading() as connection:
            return journal_shift.began(connection)

    def places(self, account: str) -> list[Known]:
        """Every message of the account that was received, and where it is in the mailbox as far as is known."""
        with self._store.reading() as connection:
            return journal_shift.places(connection, account)

    def held(self) -> list[HeldItem]:
        """Messages that a person must look at, the most urgent first, then the oldest.

        They include those whose notice is still under way, so there can be more than `sums().held`.
        """
        with self._store.reading() as connection:
            return journal_queries.held(connection)

    def message(self, message_id: int) -> MessageRecord | None:
        with self._store.reading() as connection:
            return journal_queries.message(connection, message_id)

    def octets(self, message_id: int) -> bytes | None:
        """The message as it was received, bit for bit; None where it is unknown or its octets were never had."""
        with self._store.reading() as connection:
            return journal_queries.octets(connection, message_id)

    def find(self, text: str) -> list[int]:
        """Ids of the messages meant by an id, a reference, a Message-ID of ours or six or more digits of a SHA-256."""
        with self._store.reading() as connection:
            return journal_queries.find(connection, text)

    def earlier(
        self,
        identifiers: Sequence[tuple[str, str]],
        references: Sequence[str],
        *,
        limit: int = 20,
        before: int | None = None,
    ) -> list[EarlierMessage]:
        """Messages routed before that share a strong identifier or are referenced by Message-ID, the newest first.

        `references` are Message-IDs without angle brackets, of the senders' messages or of ours; `before` leaves out
        the message of that number and what came after it.
        """
        with self._store.reading() as connection:
            return journal_queries.earlier(connection, identifiers, references, limit, before)

    def links(self, message_id: int) -> list[Link]:
        """The messages that are linked with one, before and after it, the oldest first."""
        with self._store.reading() as connection:
            return journal_links.links(connection, message_id)

    def naming(self, identifiers: Sequence[tuple[str, str]], references: Sequence[str]) -> list[Link]:
        """The messages with which one from elsewhere, a file, would be linked, the oldest first."""
        with self._store.reading() as connection:
            thread = [each.message_id for each in journal_queries.earlier(connection, [], references, 20)]
            return journal_links.naming(connection, identifiers, thread)

    @contextmanager
    def _writing(self, now: datetime) -> Iterator[tuple[Connection, list[Occurrence]]]:
        """One transaction, ended by the events of what happened in it; the mirrors hear of them once it is durable."""
        happened: list[Occurrence] = []
        # Held over both, so that the mirrors hear of events in the order of the chain.
        with self._telling:
            with self._store.writing() as connection:
                yield connection, happened
                events = self._log.append(connection, happened, now)
            for event in events:
                self._tell(event)

    def _tell(self, event: Event) -> None:
        for mirror in self._mirrors:
            try:
                mirror(event)
            except Exception:  # noqa: BLE001
                # What happened is durable: a copy that fails must not make it look as though it were not.
                _LOG.exception("A copy of audit event %d could not be written.", event.sequence)
