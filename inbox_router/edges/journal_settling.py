"""When a message has come to its end: all its deliveries final, then the mailbox done with.

The statements are built once: building them each time would take longer than running them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Exists, Row, Select, and_, bindparam, or_, select

from inbox_router.core.audit import Action, Occurrence
from inbox_router.core.decision import Outcome
from inbox_router.core.delivery import DeliveryState
from inbox_router.core.lines import one_line
from inbox_router.edges.journal_schema import deliveries, message_submissions, messages
from inbox_router.edges.journal_states import advance, chunks
from inbox_router.edges.journal_values import Filed, JournalError, MessageState, ToFile

_UNANSWERED = [DeliveryState.QUEUED.value, DeliveryState.SUBMITTING.value, DeliveryState.DEFERRED.value]

STILL_OPEN: ColumnElement[bool] = or_(
    deliveries.c.state.in_(_UNANSWERED),
    and_(deliveries.c.state == DeliveryState.UNCERTAIN.value, deliveries.c.next_try.is_not(None)),
)
"""Of a delivery: an answer may still come. An uncertain one that is not tried again is closed, without success."""


def _has_delivery(condition: ColumnElement[bool]) -> Exists:
    """Of a message: one of the deliveries that it waits for is such."""
    return (
        select(deliveries.c.id)
        .join(message_submissions, message_submissions.c.submission == deliveries.c.submission)
        .where(message_submissions.c.message == messages.c.id, message_submissions.c.decided, condition)
        .exists()
    )


# The state is looked at afterwards: asked for here, it would have the database go through all that are being delivered.
_WAITING_FOR_NOTHING = select(
    messages.c.id,
    messages.c.state,
    messages.c.target,
    _has_delivery(deliveries.c.state != DeliveryState.SENT.value).label("refused"),
).where(~_has_delivery(STILL_OPEN))
_BY_MESSAGE = _WAITING_FOR_NOTHING.where(messages.c.id.in_(bindparam("ids", expanding=True)))
_BY_SUBMISSION = _WAITING_FOR_NOTHING.where(
    messages.c.id.in_(
        select(message_submissions.c.message).where(
            message_submissions.c.submission.in_(bindparam("ids", expanding=True))
        )
    )
)
_TO_FILE = (
    select(messages)
    .where(messages.c.state == MessageState.READY.value, messages.c.target.is_not(None))
    .order_by(messages.c.id)
    .limit(bindparam("limit"))
)
_MESSAGES = select(messages).where(messages.c.id.in_(bindparam("ids", expanding=True)))


def complete(connection: Connection, message_ids: Iterable[int], now: datetime) -> list[Occurrence]:
    """Makes those of the messages that wait for no delivery ready to file, or final where they stay in place."""
    return _complete(connection, _BY_MESSAGE, sorted(message_ids), now)


def complete_after(connection: Connection, submission_ids: Iterable[int], now: datetime) -> list[Occurrence]:
    """The same for the messages that these submissions were sent because of."""
    return _complete(connection, _BY_SUBMISSION, sorted(submission_ids), now)


def to_file(connection: Connection, limit: int) -> list[ToFile]:
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
        for row in connection.execute(_TO_FILE, {"limit": limit})
    ]


def settle(connection: Connection, results: Sequence[Filed], now: datetime) -> list[Occurrence]:
    """Gives each message the state that it ends with, and notes where it is."""
    rows = {
        row.id: row
        for chunk in chunks([result.message_id for result in results])
        for row in connection.execute(_MESSAGES, {"ids": list(chunk)})
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


def _complete(connection: Connection, statement: Select[Any], ids: Sequence[int], now: datetime) -> list[Occurrence]:
    ready = {
        row.id: row
        for chunk in chunks(ids)
        for row in connection.execute(statement, {"ids": list(chunk)})
        if row.state == MessageState.DELIVERING
    }
    if not ready:
        return []
    advance(connection, {each: {"state": MessageState.READY.value, "refused": ready[each].refused} for each in ready})
    staying = [each for each, row in ready.items() if row.target is None]
    if not staying:
        return []
    return settle(connection, [Filed(message_id=each, new_uid=None, reply="") for each in staying], now)


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
        rule=row.rule or "",
        rules_version=row.rules_version or "",
        outcome=change["state"],
        detail=detail,
    )
