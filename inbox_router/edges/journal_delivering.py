"""Handing over mail: what is due, what is being tried, what the server said, and what a crash cut short.

The statements are built once: building them each time would take longer than running them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, or_, select, update

from inbox_router.core.audit import Action, Occurrence, timestamp
from inbox_router.core.decision import PRIORITIES
from inbox_router.core.delivery import DeliveryState, Submission, Verdict
from inbox_router.core.lines import one_line
from inbox_router.edges.journal_schema import deliveries, message_submissions, messages, submissions
from inbox_router.edges.journal_settling import complete_after
from inbox_router.edges.journal_states import chunks
from inbox_router.edges.journal_text import unpack
from inbox_router.edges.journal_values import Attempted, JournalError, Queued

_TO_TRY = [DeliveryState.QUEUED.value, DeliveryState.DEFERRED.value, DeliveryState.UNCERTAIN.value]

_ACTIONS = {
    DeliveryState.SENT: Action.DISCLOSURE,
    DeliveryState.DEFERRED: Action.DEFERRED,
    DeliveryState.BOUNCED: Action.REFUSED,
    DeliveryState.UNCERTAIN: Action.UNCERTAIN,
    DeliveryState.GIVEN_UP: Action.GIVEN_UP,
}

_UNHEARD = "the answer was never recorded"


_OWNER = (
    select(func.min(message_submissions.c.message))
    .where(message_submissions.c.submission == submissions.c.id)
    .scalar_subquery()
)
"""The first message that caused a submission."""

_DUE = (
    select(submissions, _OWNER.label("owner"))
    .where(submissions.c.waiting, submissions.c.due_at <= bindparam("now"))
    .order_by(submissions.c.urgency, submissions.c.id)
    .limit(bindparam("limit"))
)
_DELIVERIES = (
    select(deliveries)
    .where(deliveries.c.submission.in_(bindparam("ids", expanding=True)))
    .order_by(deliveries.c.submission, deliveries.c.id)
)
_WITH_CAUSE = (
    select(
        deliveries,
        submissions.c.kind,
        submissions.c.message_id,
        submissions.c.reference,
        submissions.c.original_sha256,
        messages.c.id.label("owner"),
        messages.c.rule,
        messages.c.rules_version,
    )
    .select_from(
        deliveries.join(submissions, submissions.c.id == deliveries.c.submission).outerjoin(
            messages, messages.c.id == _OWNER
        )
    )
    .order_by(deliveries.c.submission, deliveries.c.id)
)
"""Deliveries, with what events say of their submission, and of the message and the rule that it was sent for."""

_ANSWERED = _WITH_CAUSE.where(deliveries.c.submission.in_(bindparam("ids", expanding=True)))
_CUT_SHORT = _WITH_CAUSE.where(deliveries.c.state == DeliveryState.SUBMITTING.value)
_MARK = (
    update(deliveries)
    .where(
        deliveries.c.submission == bindparam("this_submission"),
        deliveries.c.recipient == bindparam("this_recipient"),
        or_(*(deliveries.c.state == state for state in _TO_TRY)),
    )
    .values(
        state=DeliveryState.SUBMITTING.value,
        attempts=deliveries.c.attempts + 1,
        changed_at=bindparam("changed_at"),
    )
)
_ANSWER = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("this_delivery"))
    .values(
        {
            name: bindparam(name)
            for name in ("state", "code", "enhanced", "reply", "phase", "next_try", "changed_at", "doubtful")
        }
    )
)


def _of_what_may_be_tried(*columns: Any) -> Select[Any]:
    """For each submission: something of those of its deliveries that may be tried now or later."""
    return select(*columns).where(
        deliveries.c.submission == submissions.c.id,
        deliveries.c.state.in_(_TO_TRY),
        deliveries.c.next_try.is_not(None),
    )


_REFRESH = (
    update(submissions)
    .where(submissions.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        waiting=_of_what_may_be_tried(deliveries.c.id).exists(),
        due_at=_of_what_may_be_tried(func.min(deliveries.c.next_try)).scalar_subquery(),
    )
)
"""Makes what submissions say of their deliveries true again."""


def due(connection: Connection, now: datetime, limit: int) -> list[Queued]:
    rows = connection.execute(_DUE, {"now": now, "limit": limit}).all()
    recipients = _deliveries(connection, _DELIVERIES, [row.id for row in rows]) if rows else {}
    return [_queued(row, recipients[row.id], now) for row in rows]


def submitting(connection: Connection, batch: Sequence[Queued], now: datetime) -> None:
    marks = [
        {"this_submission": queued.submission_id, "this_recipient": recipient, "changed_at": now}
        for queued in batch
        for recipient in queued.recipients
    ]
    if not marks:
        return
    connection.execute(_MARK, marks)
    _refresh(connection, [queued.submission_id for queued in batch])


def verdicts(connection: Connection, results: Sequence[Attempted], now: datetime) -> list[Occurrence]:
    numbers = [result.submission_id for result in results]
    known = _deliveries(connection, _ANSWERED, numbers)
    answers: list[tuple[Row[Any], Verdict, datetime | None]] = []
    for result in results:
        rows = {row.recipient: row for row in known[result.submission_id]}
        spoken = {verdict.recipient: verdict for verdict in result.verdicts}
        if strangers := spoken.keys() - rows.keys():
            raise JournalError(f"Submission {result.submission_id} has no recipient {', '.join(sorted(strangers))}.")
        for recipient, row in rows.items():
            verdict = spoken.get(recipient) or _silence(row, now)
            # What was accepted once stays accepted, whatever a second try is told.
            if verdict is not None and row.state != DeliveryState.SENT:
                answers.append((row, verdict, result.next_try))
    return _record(connection, answers, now)


def recover(connection: Connection, now: datetime, *, hold_uncertain: bool) -> tuple[int, list[Occurrence]]:
    """How many submissions had been cut short, and what is to be recorded."""
    rows = connection.execute(_CUT_SHORT).all()
    count = len({row.submission for row in rows})
    if not count:
        return 0, []
    answers = [
        (row, verdict, None if hold_uncertain else now) for row in rows if (verdict := _silence(row, now)) is not None
    ]
    found = Occurrence(action=Action.RECOVERED, outcome="cut short", detail={"count": count})
    return count, [found, *_record(connection, answers, now)]


def _silence(row: Row[Any], now: datetime) -> Verdict | None:
    """What is to be assumed of a recipient that was being tried, and of which nothing was heard."""
    if row.state != DeliveryState.SUBMITTING:
        return None
    return Verdict(
        recipient=row.recipient,
        state=DeliveryState.UNCERTAIN,
        code=None,
        enhanced="4.4.2",
        reply=_UNHEARD,
        phase="",
        at=now,
    )


def _record(
    connection: Connection, answers: Sequence[tuple[Row[Any], Verdict, datetime | None]], now: datetime
) -> list[Occurrence]:
    if not answers:
        return []
    numbers = sorted({row.submission for row, _, _ in answers})
    changes = [_change(row, verdict, next_try) for row, verdict, next_try in answers]
    connection.execute(_ANSWER, changes)
    _refresh(connection, numbers)
    occurrences = [_occurrence(row, change) for (row, _, _), change in zip(answers, changes, strict=True)]
    return occurrences + complete_after(connection, numbers, now)


def _change(row: Row[Any], verdict: Verdict, next_try: datetime | None) -> dict[str, Any]:
    state = verdict.state
    if state is DeliveryState.DEFERRED and next_try is None:
        state = DeliveryState.GIVEN_UP
    again = state in {DeliveryState.DEFERRED, DeliveryState.UNCERTAIN}
    return {
        "this_delivery": row.id,
        "state": state.value,
        "code": verdict.code,
        "enhanced": one_line(verdict.enhanced),
        "reply": one_line(verdict.reply),
        "phase": verdict.phase,
        "next_try": next_try if again else None,
        "changed_at": verdict.at,
        "doubtful": row.doubtful or state is DeliveryState.UNCERTAIN,
    }


def _occurrence(row: Row[Any], change: dict[str, Any]) -> Occurrence:
    state = DeliveryState(change["state"])
    detail: dict[str, str | int] = {
        "attempts": row.attempts,
        "enhanced": change["enhanced"],
        "kind": row.kind,
        "message_id": row.message_id,
        "phase": change["phase"],
        "reference": row.reference,
        "reply": change["reply"],
    }
    if change["code"] is not None:
        detail["code"] = change["code"]
    if change["next_try"] is not None:
        detail["next_try"] = timestamp(change["next_try"])
    if row.doubtful:
        detail["note"] = "possible duplicate"
    return Occurrence(
        action=_ACTIONS[state],
        message=row.owner,
        sha256=row.original_sha256,
        rule=row.rule or "",
        rules_version=row.rules_version or "",
        recipients=(row.recipient,),
        outcome="accepted" if state is DeliveryState.SENT else state.value,
        detail={name: value for name, value in detail.items() if value != ""},
    )


def _queued(row: Row[Any], recipients: Sequence[Row[Any]], now: datetime) -> Queued:
    to_try = [each for each in recipients if each.state in _TO_TRY and each.next_try and each.next_try <= now]
    return Queued(
        submission_id=row.id,
        message_id=row.owner,
        submission=Submission(
            message_id=row.message_id,
            octets=unpack(row.packing, row.octets),
            sender=row.sender,
            recipients=tuple(each.recipient for each in recipients),
            original_sha256=row.original_sha256,
            kind=row.kind,
            reference=row.reference,
        ),
        recipients=tuple(each.recipient for each in to_try),
        attempts=max(each.attempts for each in to_try),
        queued_at=row.queued_at,
        urgency=PRIORITIES[row.urgency],
        possible_duplicate=any(each.doubtful for each in to_try),
    )


def _refresh(connection: Connection, numbers: Sequence[int]) -> None:
    for chunk in chunks(numbers):
        connection.execute(_REFRESH, {"ids": list(chunk)})


def _deliveries(connection: Connection, statement: Select[Any], numbers: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """The rows of each submission, empty for one that is not there."""
    found: dict[int, list[Row[Any]]] = {number: [] for number in numbers}
    for chunk in chunks(numbers):
        for row in connection.execute(statement, {"ids": list(chunk)}):
            found[row.submission].append(row)
    return found
