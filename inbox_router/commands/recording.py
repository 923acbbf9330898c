"""What people do by command goes into the journal like what the service does: in a transaction, with its event."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from inbox_router.commands.failures import NOT_NOW, Failure
from inbox_router.commands.options import open_journal
from inbox_router.core.audit import Action, Occurrence
from inbox_router.edges.journal import Journal, JournalError, may_be_shared
from inbox_router.files.config import Config
from inbox_router.service.lock import InboxLock
from inbox_router.service.refusal import InboxOwnedError

_TOO_OLD = (
    "The service is running, and the SQLite library of this machine is too old for two processes to write to one "
    "journal (3.51.3 is needed). Stop the service for as long as this takes, or install the pysqlite3 package"
)


@contextmanager
def writing_journal(settings: Config) -> Iterator[Journal]:
    """The journal, to record something that a person did, beside a running service or without one.

    Events carry the name of the person at the keyboard. Raises Failure or JournalError where it cannot be written.
    """
    # Opened for reading first: tables are brought up to date by the service, never under it.
    open_journal(settings).close()
    if may_be_shared():
        with Journal.open(settings.journal.path, actor=person()) as journal:
            yield journal
        return
    try:
        with InboxLock(settings.journal.path), Journal.open(settings.journal.path, actor=person()) as journal:
            yield journal
    except InboxOwnedError as error:
        raise Failure(f"{_TOO_OLD}.", NOT_NOW) from error


def person() -> str:
    """Who is at the keyboard, as far as the machine knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def consulted(settings: Config, message: int | None, outcome: str) -> str:
    """Records that somebody looked at a message; returns "" or, where that is not possible, a sentence that says so."""
    try:
        with writing_journal(settings) as journal:
            journal.record(
                [Occurrence(action=Action.CONSULTATION, message=message, outcome=outcome)], datetime.now(UTC)
            )
    except Failure as error:
        return f"This consultation is not recorded in the audit log. {error.format_message()}"
    except (JournalError, OSError):
        return (
            f"This consultation is not recorded in the audit log: {person()} may not write to {settings.journal.path}."
        )
    return ""
