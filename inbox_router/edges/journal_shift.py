"""What the journal knows of whole stretches of time: what arrived, how it stands now and where it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from inbox_router.core.decision import PRIORITIES
from inbox_router.core.delivery import DeliveryState
from inbox_router.core.handover import Arrived
from inbox_router.core.reconcile import Known
from inbox_router.core.standings import Standing
from inbox_router.edges.journal_queries import first_references
from inbox_router.edges.journal_schema import deliveries, events, message_submissions, messages
from inbox_router.edges.journal_states import chunks
from inbox_router.edges.journal_values import MessageState

STANDINGS = {
    MessageState.ROUTED: Standing.ROUTED,
    MessageState.HELD: Standing.HELD,
    MessageState.FILED: Standing.FILED,
}


def arrived(connection: Connection, start: datetime, end: datetime) -> list[Arrived]:
    """Messages recorded from `start` to before `end`, the oldest first."""
    rows = connection.execute(
        select(messages)
        .where(messages.c.received_at >= start, messages.c.received_at < end)
        .where(messages.c.state != MessageState.GONE.value)
        .order_by(messages.c.id)
    ).all()
    ids = [row.id for row in rows]
    named, sent = first_references(connection, ids), disclosed(connection, ids)
    return [
        Arrived(
            message=row.id,
            reference=named.get(row.id, ""),
            received=row.received_at,
            standing=STANDINGS.get(MessageState(row.state), Standing.AWAITING),
            category=row.category or "",
            type=row.type or "",
            priority=PRIORITIES[row.urgency].value if row.urgency is not None else "",
            hold_reason=row.hold_reason or "",
            recipients=tuple(sorted(recipient for recipient, _ in sent[row.id])),
            accepted=max((at for _, at in sent[row.id]), default=None),
        )
        for row in rows
    ]


def began(connection: Connection) -> datetime:
    first = connection.scalar(select(events.c.at).order_by(events.c.sequence).limit(1))
    return datetime.fromisoformat(first) if first else datetime.fromtimestamp(0, UTC)


def places(connection: Connection, account: str) -> list[Known]:
    """Where each message of an account is, as far as is known, but for those that were gone before they were had."""
    columns = (messages.c.id, messages.c.state, messages.c.now_folder, messages.c.now_uid, messages.c.sha256)
    rows = connection.execute(
        select(*columns, messages.c.received_at)
        .where(messages.c.account == account, messages.c.state != MessageState.GONE.value)
        .order_by(messages.c.id)
    )
    return [
        Known(
            message=row.id,
            standing=STANDINGS.get(MessageState(row.state), Standing.AWAITING).value,
            folder=row.now_folder,
            uid=row.now_uid,
            sha256=row.sha256,
            received=row.received_at,
        )
        for row in rows
    ]


def disclosed(connection: Connection, ids: Sequence[int]) -> defaultdict[int, list[tuple[str, datetime]]]:
    """Who has got what was decided for each message, and when the server accepted it."""
    found: defaultdict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for chunk in chunks(ids):
        # The state is looked at here: given to the database, it would begin with all that was ever sent.
        for row in connection.execute(
            select(message_submissions.c.message, deliveries.c.recipient, deliveries.c.state, deliveries.c.changed_at)
            .join(deliveries, deliveries.c.submission == message_submissions.c.submission)
            .where(message_submissions.c.message.in_(chunk), message_submissions.c.decided)
        ):
            if row.state == DeliveryState.SENT.value and row.recipient not in dict(found[row.message]):
                found[row.message].append((row.recipient, row.changed_at))
    return found
