"""When a message has come to its end: all its deliveries final, then the mailbox done with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from inbox_router.core.audit import Action, Occurrence
from inbox_router.core.decision import Outcome
from inbox_router.core.delivery import DeliveryState
from inbox_router.core.lines import one_line
from inbox_router.edges.journal_schema import deliveries, message_submissions, messages
from inbox_router.edges.journal_states import advance, chunks
from inbox_router.edges.journal_values import Filed, JournalError, MessageState, ToFile

_UNANSWERED = [DeliveryState.QUEUED.value, DeliveryState.SUBMITTING.value, DeliveryState.DEFERRED.value]

FINALS = [MessageState.ROUTED.value, MessageState.HELD.value, MessageState.FILED.value]


def still_open() -> ColumnElement[bool]:
    """Of a delivery: an answer may still come. An uncertain one that is not tried again is closed, without success."""
    return or_(
        deliveries.c.state.in_(_UNANSWERED),
        and_(deliveries.c.state == DeliveryState.UNCERTAIN.value, deliveries.c.next_try.is_not(None)),
    )


def complete(connection: Connection, message_ids: Collection[int], now: datetime) -> list[Occurrence]:
    """Makes those of the messages that wait for no delivery ready to file, or final where they stay in place."""
    ready = [row for chunk in chunks(sorted(message_ids)) for row in _waiting_for_nothing(connection, chunk)]
    if not ready:
        return []
    refused = _refused(connection, [row.id for row in ready])
    advance(connection, {row.id: {"state": MessageState.READY.value, "refused": row.id in refused} for row in ready})
    staying = [row.id for row in ready if row.target is None]
    return settle(connection, [Filed(message_id=each, new_uid=None, reply="") for each in staying], now)


def to_file(connection: Connection, limit: int) -> list[ToFile]:
    rows = connection.execute(
        select(messages)
        .where(messages.c.state == MessageState.READY.value, messages.c.target.is_not(None))
        .order_by(messages.c.id)
        .limit(limit)
    )
    return [
        ToFile(
            message_id=row.id,
            account=row.account,
            folder=row.folder,
            uidvalidity=row.uidvalidity,
            uid=row.uid,
            target=row.target,
            ends_as=_end(row),
            delivery_refused=row.refused,
        )
        for row in rows
    ]


def settle(connection: Connection, results: Sequence[Filed], now: datetime) -> list[Occurrence]:
    """Gives each message the state that it ends with, and notes where it is."""
    rows = {
        row.id: row
        for chunk in chunks([result.message_id for result in results])
        for row in connection.execute(select(messages).where(messages.c.id.in_(chunk)))
    }
    changes: dict[int, dict[str, Any]] = {}
    occurrences = []
    for result in results:
        row = rows.get(result.message_id)
        if row is None:
            raise JournalError(f"The journal has no message {result.message_id}.")
        change = _change(row, result, now)
        changes[result.message_id] = change
        occurrences.append(_occurrence(row, result, change))
    advance(connection, changes)
    return occurrences


def _waiting_for_nothing(connection: Connection, message_ids: Sequence[int]) -> Sequence[Row[Any]]:
    open_deliveries = (
        select(deliveries.c.id)
        .join(message_submissions, message_submissions.c.submission == deliveries.c.submission)
        .where(message_submissions.c.message == messages.c.id, message_submissions.c.decided, still_open())
    )
    return connection.execute(
        select(messages.c.id, messages.c.target).where(
            messages.c.id.in_(message_ids),
            messages.c.state == MessageState.DELIVERING.value,
            ~open_deliveries.exists(),
        )
    ).all()


def _refused(connection: Connection, message_ids: Sequence[int]) -> frozenset[int]:
    """Those of the messages, all deliveries closed, with a recipient that did not get its mail."""
    return frozenset(
        message_id
        for chunk in chunks(message_ids)
        for message_id in connection.scalars(
            select(message_submissions.c.message)
            .join(deliveries, deliveries.c.submission == message_submissions.c.submission)
            .where(
                message_submissions.c.message.in_(chunk),
                message_submissions.c.decided,
                deliveries.c.state != DeliveryState.SENT.value,
            )
        )
    )


def _end(row: Row[Any]) -> MessageState:
    if row.outcome == Outcome.HOLD or row.refused:
        return MessageState.HELD
    return MessageState.ROUTED if row.outcome == Outcome.ROUTE else MessageState.FILED


def _change(row: Row[Any], result: Filed, now: datetime) -> dict[str, Any]:
    wanted = row.folder if row.target is None else row.target
    folder = wanted if result.folder is None else result.folder
    return {
        "state": _end(row).value,
        "settled_at": now,
        "now_folder": folder,
        "now_uid": row.uid if row.target is None and result.new_uid is None else result.new_uid,
        "note": one_line(result.note),
    }


def _occurrence(row: Row[Any], result: Filed, change: dict[str, Any]) -> Occurrence:
    detail: dict[str, str | int] = {"folder": change["now_folder"]} if change["now_folder"] else {}
    if change["now_uid"] is not None:
        detail["new_uid"] = change["now_uid"]
    if result.reply:
        detail["reply"] = result.reply
    note = change["note"] or ("left where it is" if row.target is None else "")
    if note:
        detail["note"] = note
    if row.refused:
        detail["reason"] = "delivery refused"
    return Occurrence(
        action=Action.FILED,
        message=row.id,
        sha256=row.sha256,
        rule=row.rule,
        rules_version=row.rules_version,
        outcome=change["state"],
        detail=detail,
    )
