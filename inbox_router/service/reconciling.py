"""Compares the mailbox with the journal, changing neither. Everything here blocks: the service runs it in a thread."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from inbox_router.core.audit import Action, Occurrence
from inbox_router.core.reconcile import Reconciliation, Seen, reconcile, strangers
from inbox_router.edges.imap import FolderMissing
from inbox_router.edges.journal import Journal
from inbox_router.files.config import Config, Mode
from inbox_router.service.connections import mailbox_account, mailbox_maker

LOOKS, BETWEEN = 3, 3.0
"""What does not add up is looked at again, so many times and seconds apart: a running service may have been at it."""

SKEW = timedelta(minutes=1)
"""So far may the clock of the mail server be behind ours."""


def reconcile_now(settings: Config, journal: Journal, since: datetime | None = None) -> Reconciliation:
    """`since` leaves out what arrived before. Raises MailboxError, JournalError or SecretError."""
    found = _look(settings, journal, since)
    for _ in range(LOOKS - 1):
        if not found.unaccounted and not found.moved:
            break
        time.sleep(BETWEEN)
        found = _look(settings, journal, since)
    return found


def reconciled(found: Reconciliation) -> Occurrence:
    """The event of it."""
    return Occurrence(action=Action.RECONCILED, outcome=str(found), detail={"count": len(found.unaccounted)})


def _look(settings: Config, journal: Journal, since: datetime | None) -> Reconciliation:
    account, began = mailbox_account(settings), journal.began() - SKEW
    before = journal.places(account)
    seen = [one for folder in _folders(settings) for one in _listed(settings, folder)]
    after = journal.places(account)
    identified = list(_identified(settings, strangers([*before, *after], seen)))
    if since is not None:
        began = max(began, since)
        after = [one for one in after if one.received >= since]
        identified = [one for one in identified if one.arrived is None or one.arrived >= since]
    steady = {(one.message, one.folder) for one in before}
    return reconcile(after, seen, identified, steady=steady, began=began, inbox=settings.inbox.folder)


def _folders(settings: Config) -> list[str]:
    folders = settings.inbox.folders
    ours = [folders.routed, folders.held, folders.filed] if settings.mode is Mode.LIVE else []
    return list(dict.fromkeys([settings.inbox.folder, *ours]))


def _listed(settings: Config, folder: str) -> Iterator[Seen]:
    with closing(mailbox_maker(settings, read_only=True, folder=folder)()) as mailbox:
        try:
            mailbox.connect()
        except FolderMissing:
            return
        for uid in mailbox.search():
            yield Seen(folder=folder, uid=uid)


def _identified(settings: Config, unknown: Iterable[Seen]) -> Iterator[Seen]:
    by_folder: dict[str, dict[int, Seen]] = {}
    for one in unknown:
        by_folder.setdefault(one.folder, {})[one.uid] = one
    for folder, wanted in by_folder.items():
        with closing(mailbox_maker(settings, read_only=True, folder=folder)()) as mailbox:
            mailbox.connect()
            for batch in mailbox.fetch_batches(sorted(wanted)):
                for got in batch:
                    if got.gone:
                        continue
                    digest = hashlib.sha256(got.octets).hexdigest() if got.octets is not None else ""
                    arrived = got.internaldate.astimezone(UTC) if got.internaldate else None
                    yield replace(wanted[got.uid], sha256=digest, arrived=arrived)
