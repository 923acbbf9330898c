"""Handing over mail: what is due, what is being tried, what the server said, and what a crash cut short."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, or_, select, update

from inbox_router.core.audit import Action, Occurrence, timestamp
from inbox_router.core.decision import PRIORITIES
from inbox_router.core.delivery import DeliveryState, Submission, Verdict
from inbox_router.core.lines import one_line
from inbox_router.edges.journal_schema import deliveries, message_submissions, messages, submissions
from inbox_router.edges.journal_settling import complete
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


def due(connection: Connection, now: datetime, limit: int) -> list[Queued]:
    rows = connection.execute(
        select(submissions)
        .where(submissions.c.waiting, submissions.c.due_at <= now)
        .order_by(submissions.c.urgency, submissions.c.id)
        .limit(limit)
    ).all()
    numbers = [row.id for row in rows]
    owners = _owners(connection, numbers)
    recipients = _deliveries(connection, numbers)
    return [_queued(row, recipients[row.id], owners.get(row.id), now) for row in rows]


def submitting(connection: Connection, batch: Sequence[Queued], now: datetime) -> None:
    marks = [
        {"this_submission": queued.submission_id, "this_recipient": recipient, "changed_at": now}
        for queued in batch
        for recipient in queued.recipients
    ]
    if not marks:
        return
    connection.execute(
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
        ),
        marks,
    )
    _refresh(connection, [queued.submission_id for queued in batch])


def verdicts(connection: Connection, results: Sequence[Attempted], now: datetime) -> list[Occurrence]:
    numbers = [result.submission_id for result in results]
    known = _deliveries(connection, numbers)
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
    rows = connection.execute(
        select(deliveries).where(deliveries.c.state == DeliveryState.SUBMITTING.value).order_by(deliveries.c.id)
    ).all()
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
    causes = _causes(connection, numbers)
    changes = [_change(row, verdict, next_try) for row, verdict, next_try in answers]
    columns = changes[0].keys() - {"this_delivery"}
    connection.execute(
        update(deliveries)
        .where(deliveries.c.id == bindparam("this_delivery"))
        .values({name: bindparam(name) for name in columns}),
        changes,
    )
    _refresh(connection, numbers)
    occurrences = [
        _occurrence(row, change, causes[row.submission]) for (row, _, _), change in zip(answers, changes, strict=True)
    ]
    return occurrences + complete(connection, _awaited_by(connection, numbers), now)


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


def _occurrence(row: Row[Any], change: dict[str, Any], cause: Row[Any]) -> Occurrence:
    state = DeliveryState(change["state"])
    detail: dict[str, str | int] = {
        "attempts": row.attempts,
        "enhanced": change["enhanced"],
        "kind": cause.kind,
        "message_id": cause.message_id,
        "phase": change["phase"],
        "reference": cause.reference,
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
        message=cause.message,
        sha256=cause.original_sha256,
        rule=cause.rule or "",
        rules_version=cause.rules_version or "",
        recipients=(row.recipient,),
        outcome="accepted" if state is DeliveryState.SENT else state.value,
        detail={name: value for name, value in detail.items() if value != ""},
    )


def _queued(row: Row[Any], recipients: Sequence[Row[Any]], owner: int | None, now: datetime) -> Queued:
    to_try = [each for each in recipients if each.state in _TO_TRY and each.next_try and each.next_try <= now]
    return Queued(
        submission_id=row.id,
        message_id=owner,
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
    """Makes what the submissions say of their deliveries true again."""
    first = {
        row.submission: row.first
        for chunk in chunks(numbers)
        for row in connection.execute(
            select(deliveries.c.submission, func.min(deliveries.c.next_try).label("first"))
            .where(deliveries.c.submission.in_(chunk), deliveries.c.state.in_(_TO_TRY))
            .group_by(deliveries.c.submission)
        )
    }
    connection.execute(
        update(submissions)
        .where(submissions.c.id == bindparam("this_submission"))
        .values(waiting=bindparam("waiting"), due_at=bindparam("due_at")),
        [
            {"this_submission": number, "waiting": first.get(number) is not None, "due_at": first.get(number)}
            for number in numbers
        ],
    )


def _deliveries(connection: Connection, numbers: Sequence[int]) -> defaultdict[int, list[Row[Any]]]:
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for chunk in chunks(numbers):
        rows = select(deliveries).where(deliveries.c.submission.in_(chunk)).order_by(deliveries.c.id)
        for row in connection.execute(rows):
            found[row.submission].append(row)
    return found


def _owners(connection: Connection, numbers: Sequence[int]) -> dict[int, int]:
    """The first message that caused each submission."""
    rows = connection.execute(
        select(message_submissions.c.submission, func.min(message_submissions.c.message).label("message"))
        .where(message_submissions.c.submission.in_(numbers))
        .group_by(message_submissions.c.submission)
    )
    return {row.submission: row.message for row in rows}


def _causes(connection: Connection, numbers: Sequence[int]) -> dict[int, Row[Any]]:
    """What events say of each submission: its own marks, and the message and the rule that it was sent for."""
    owner = (
        select(func.min(message_submissions.c.message))
        .where(message_submissions.c.submission == submissions.c.id)
        .scalar_subquery()
    )
    columns = (
        submissions.c.id,
        submissions.c.kind,
        submissions.c.message_id,
        submissions.c.reference,
        submissions.c.original_sha256,
        messages.c.id.label("message"),
        messages.c.rule,
        messages.c.rules_version,
    )
    return {
        row.id: row
        for chunk in chunks(numbers)
        for row in connection.execute(
            select(*columns)
            .select_from(submissions.outerjoin(messages, messages.c.id == owner))
            .where(submissions.c.id.in_(chunk))
        )
    }


def _awaited_by(connection: Connection, numbers: Sequence[int]) -> Collection[int]:
    return {
        message_id
        for chunk in chunks(numbers)
        for message_id in connection.scalars(
            select(message_submissions.c.message).where(
                message_submissions.c.submission.in_(chunk), message_submissions.c.decided
            )
        )
    }
