"""The audit log's table: appending to the chain inside a transaction, and reading it back page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select

from inbox_router.core.audit import AuditError, Event, Head, Occurrence, event_from, genesis, seal, timestamp
from inbox_router.edges.journal_schema import events, messages
from inbox_router.edges.journal_store import Store

_PAGE = 2000
"""Events read at a time: between pages other calls get their turn."""

_COLUMNS = tuple(events.c.keys())


class Log:
    """Writes the log of one instance, on behalf of the service unless an occurrence names somebody else."""

    def __init__(self, instance: str, actor: str) -> None:
        self._instance = instance
        self._actor = actor

    def append(self, connection: Connection, occurrences: Sequence[Occurrence], now: datetime) -> list[Event]:
        """Seals the occurrences to the end of the log, in the transaction that `connection` is in."""
        head = self.head(connection)
        sealed: list[Event] = []
        for occurrence in occurrences:
            event = seal(occurrence, at=now, after=head, by=self._actor)
            head = Head(instance=event.instance, sequence=event.sequence, digest=event.digest)
            sealed.append(event)
        if sealed:
            connection.execute(insert(events), [_row(event) for event in sealed])
        return sealed

    def head(self, connection: Connection) -> Head:
        """Read from the table each time, because another process may have written to the log since."""
        last = connection.execute(
            select(events.c.sequence, events.c.digest).order_by(events.c.sequence.desc()).limit(1)
        ).one_or_none()
        if last is None:
            return genesis(self._instance)
        return Head(instance=self._instance, sequence=last.sequence, digest=last.digest)


def read(
    store: Store,
    *,
    since: datetime | None,
    until: datetime | None,
    message: int | None,
    category: str | None,
    after_sequence: int,
) -> Iterator[Event]:
    """Events in their order. Raises AuditError for a row that cannot be an event."""
    wanted: list[ColumnElement[bool]] = []
    if since is not None or until is not None:
        first, last = _numbers(store, since, until)
        if first is None or last is None:
            return
        after_sequence = max(after_sequence, first - 1)
        wanted += [events.c.sequence <= last, *_between(since, until)]
    if message is not None:
        wanted.append(events.c.message == message)
    if category is not None:
        wanted.append(events.c.message.in_(select(messages.c.id).where(messages.c.category == category)))
    while True:
        page = (
            select(events).where(events.c.sequence > after_sequence, *wanted).order_by(events.c.sequence).limit(_PAGE)
        )
        with store.reading() as connection:
            rows = connection.execute(page).all()
        for row in rows:
            yield _event(row)
        if len(rows) < _PAGE:
            return
        after_sequence = rows[-1].sequence


def _numbers(store: Store, since: datetime | None, until: datetime | None) -> tuple[int | None, int | None]:
    """Between which numbers the events of a time lie: found by the times alone, so that the rest need not be read."""
    span = select(func.min(events.c.sequence), func.max(events.c.sequence)).where(*_between(since, until))
    with store.reading() as connection:
        first, last = connection.execute(span).one()
    return first, last


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    after = [] if since is None else [events.c.at >= timestamp(since)]
    return after if until is None else [*after, events.c.at < timestamp(until)]


def _row(event: Event) -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "at": timestamp(event.at),
        "instance": event.instance,
        "action": event.action.value,
        "actor": event.actor,
        "message": event.message,
        "sha256": event.sha256,
        "rule": event.rule,
        "rules_version": event.rules_version,
        "recipients": json.dumps(event.recipients, ensure_ascii=False),
        "outcome": event.outcome,
        "detail": json.dumps(dict(event.detail), ensure_ascii=False),
        "previous": event.previous,
        "digest": event.digest,
    }


def _event(row: Row[Any]) -> Event:
    fields = dict(zip(_COLUMNS, row, strict=True))
    try:
        fields["recipients"] = json.loads(fields["recipients"])
        fields["detail"] = json.loads(fields["detail"])
    except (TypeError, ValueError) as error:
        raise AuditError(f"not an entry of an audit log: its recipients or details cannot be read: {error}") from error
    return event_from(fields)
