"""Questions that the journal answers: how it adds up, what is held, what is known of one message, what was earlier."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, union

from inbox_router.core.decision import PRIORITIES, Decision, Outcome
from inbox_router.core.delivery import DeliveryState
from inbox_router.core.lines import one_line
from inbox_router.edges.journal_deciding import MESSAGE_ID_CHARACTERS
from inbox_router.edges.journal_schema import (
    decisions,
    deliveries,
    identifiers,
    message_submissions,
    messages,
    raws,
    submissions,
)
from inbox_router.edges.journal_settling import STILL_OPEN
from inbox_router.edges.journal_states import chunks
from inbox_router.edges.journal_text import decision_from_text, unpack
from inbox_router.edges.journal_values import (
    DeliveryRecord,
    EarlierMessage,
    HeldItem,
    MessageRecord,
    MessageState,
    Sums,
)

_HEX = frozenset("0123456789abcdef")
_SHORTEST_HASH = 6
_MOST_PAIRS = 200
"""Identifiers of one message that are looked up: hostile mail can hold any number of them."""


def sums(connection: Connection) -> Sums:
    rows = connection.execute(select(messages.c.state, func.count()).group_by(messages.c.state))
    counts = defaultdict(int, {MessageState(state): count for state, count in rows})
    gone = counts.pop(MessageState.GONE, 0)
    routed, held, filed = (counts[each] for each in (MessageState.ROUTED, MessageState.HELD, MessageState.FILED))
    arrived = sum(counts.values())
    return Sums(
        arrived=arrived,
        routed=routed,
        held=held,
        filed=filed,
        awaiting=arrived - routed - held - filed,
        observed=counts[MessageState.OBSERVED],
        gone=gone,
    )


def held(connection: Connection) -> list[HeldItem]:
    under_way = and_(
        messages.c.state.in_([MessageState.DELIVERING.value, MessageState.READY.value]),
        or_(messages.c.outcome == Outcome.HOLD.value, messages.c.refused),
    )
    rows = connection.execute(
        select(messages)
        .where(or_(messages.c.state == MessageState.HELD.value, under_way))
        .order_by(messages.c.urgency, messages.c.since, messages.c.id)
    ).all()
    ids = [row.id for row in rows]
    decided = decisions_of(connection, ids)
    references, refused = first_references(connection, ids), _refused(connection, ids)
    return [_held(row, decided[row.id], references.get(row.id, ""), refused[row.id]) for row in rows]


def message(connection: Connection, message_id: int) -> MessageRecord | None:
    row = connection.execute(select(messages).where(messages.c.id == message_id)).one_or_none()
    if row is None:
        return None
    return MessageRecord(
        id=row.id,
        account=row.account,
        folder=row.folder,
        uidvalidity=row.uidvalidity,
        uid=row.uid,
        sha256=row.sha256,
        size=row.size,
        internaldate=row.internaldate,
        received=row.received_at,
        state=MessageState(row.state),
        problem=row.problem,
        attempts=row.attempts,
        last_error=row.last_error,
        decided=row.decided_at,
        decision=decisions_of(connection, [message_id]).get(message_id),
        deliveries=_deliveries(connection, message_id),
        delivery_refused=row.refused,
        settled=row.settled_at,
        now_folder=row.now_folder,
        now_uid=row.now_uid,
        note=row.note,
    )


def octets(connection: Connection, message_id: int) -> bytes | None:
    row = connection.execute(
        select(raws.c.packing, raws.c.octets)
        .join(messages, messages.c.sha256 == raws.c.sha256)
        .where(messages.c.id == message_id)
    ).one_or_none()
    return None if row is None else unpack(row.packing, row.octets)


def find(connection: Connection, text: str) -> list[int]:
    sought = one_line(text).removeprefix("<").removesuffix(">")
    if not sought:
        return []
    by_mail = (
        select(message_submissions.c.message)
        .join(submissions, submissions.c.id == message_submissions.c.submission)
        .where(or_(submissions.c.reference == sought, submissions.c.message_id == sought))
    )
    ways: list[Select[Any]] = [by_mail]
    digits = sought.lower()
    if len(digits) >= _SHORTEST_HASH and _HEX.issuperset(digits):
        # A range finds a prefix with the index, whatever the database makes of LIKE.
        ways.append(select(messages.c.id).where(messages.c.sha256 >= digits, messages.c.sha256 < digits + "g"))
    if sought.isascii() and sought.isdigit() and len(sought) < 19:
        ways.append(select(messages.c.id).where(messages.c.id == int(sought)))
    return sorted(connection.scalars(union(*ways)))


def earlier(
    connection: Connection,
    pairs: Sequence[tuple[str, str]],
    references: Sequence[str],
    limit: int,
    before: int | None = None,
) -> list[EarlierMessage]:
    wanted = list(dict.fromkeys((kind, one_line(value)) for kind, value in pairs))[:_MOST_PAIRS]
    names = list(dict.fromkeys(one_line(name, MESSAGE_ID_CHARACTERS) for name in references if name))[:_MOST_PAIRS]
    ways = [*_sharing(wanted), *_referenced(names)]
    if not ways:
        return []
    rows = connection.execute(
        select(messages)
        .where(
            messages.c.id.in_(union(*ways)),
            messages.c.outcome == Outcome.ROUTE.value,
            messages.c.state != MessageState.OBSERVED.value,
            *(() if before is None else (messages.c.id < before,)),
        )
        .order_by(messages.c.decided_at.desc(), messages.c.id.desc())
        .limit(limit)
    ).all()
    ids = [row.id for row in rows]
    decided = decisions_of(connection, ids)
    shared = _shared(connection, ids, wanted)
    referenced = set(connection.scalars(union(*_referenced(names)))) if names else set()
    quoted = first_references(connection, ids)
    return [
        _earlier(row, decided[row.id], quoted.get(row.id, ""), shared[row.id], row.id in referenced) for row in rows
    ]


def _sharing(pairs: Sequence[tuple[str, str]]) -> list[Select[Any]]:
    return [select(identifiers.c.message).where(_any_of(pairs))] if pairs else []


def _any_of(pairs: Iterable[tuple[str, str]]) -> ColumnElement[bool]:
    return or_(*(and_(identifiers.c.kind == kind, identifiers.c.value == value) for kind, value in pairs))


def _referenced(names: Sequence[str]) -> list[Select[Any]]:
    if not names:
        return []
    ours = (
        select(message_submissions.c.message)
        .join(submissions, submissions.c.id == message_submissions.c.submission)
        .where(submissions.c.message_id.in_(names))
    )
    return [select(messages.c.id).where(messages.c.sender_message_id.in_(names)), ours]


def _shared(
    connection: Connection, ids: Sequence[int], pairs: Sequence[tuple[str, str]]
) -> defaultdict[int, list[tuple[str, str]]]:
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    if pairs:
        for row in connection.execute(
            select(identifiers).where(identifiers.c.message.in_(ids), _any_of(pairs)).order_by(identifiers.c.kind)
        ):
            found[row.message].append((row.kind, row.value))
    return found


def _earlier(
    row: Row[Any], decision: Decision, reference: str, shared: Sequence[tuple[str, str]], referenced: bool
) -> EarlierMessage:
    to = tuple(each.mailbox for each in decision.destinations if each.role == "to")
    copies = tuple(each.mailbox for each in decision.destinations if each.role != "to")
    return EarlierMessage(
        message_id=row.id,
        reference=reference,
        shared=tuple(shared),
        referenced=referenced,
        mailboxes=tuple(dict.fromkeys(to + copies)),
        to=to,
        category=decision.category,
        type=decision.type,
        decided=row.decided_at,
    )


def _held(row: Row[Any], decision: Decision, reference: str, refused: Sequence[str]) -> HeldItem:
    return HeldItem(
        message_id=row.id,
        state=MessageState(row.state),
        sha256=row.sha256,
        reference=reference,
        received=row.since,
        decided=row.decided_at,
        reason=decision.hold_reason,
        because=decision.because,
        urgency=PRIORITIES[row.urgency],
        rule=decision.rule,
        claims=decision.claims,
        refused=tuple(refused),
    )


def decisions_of(connection: Connection, ids: Sequence[int]) -> dict[int, Decision]:
    """The decision in force for each message that has one: the last."""
    return {
        row.message: decision_from_text(row.decision)
        for chunk in chunks(ids)
        for row in connection.execute(
            select(decisions.c.message, decisions.c.decision).where(
                decisions.c.id.in_(
                    select(func.max(decisions.c.id)).where(decisions.c.message.in_(chunk)).group_by(decisions.c.message)
                )
            )
        )
    }


def first_references(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The reference of the first mail that was sent about each message."""
    return {
        row.message: row.reference
        for chunk in chunks(ids)
        for row in connection.execute(
            select(message_submissions.c.message, submissions.c.reference)
            .join(submissions, submissions.c.id == message_submissions.c.submission)
            .where(message_submissions.c.message.in_(chunk), submissions.c.reference != "")
            .order_by(submissions.c.id.desc())
        )
    }


def _refused(connection: Connection, ids: Sequence[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for chunk in chunks(ids):
        for row in connection.execute(
            select(message_submissions.c.message, deliveries.c.recipient)
            .join(deliveries, deliveries.c.submission == message_submissions.c.submission)
            .where(
                message_submissions.c.message.in_(chunk),
                message_submissions.c.decided,
                deliveries.c.state != DeliveryState.SENT.value,
                ~STILL_OPEN,
            )
            .order_by(deliveries.c.id)
        ):
            found[row.message].append(row.recipient)
    return found


def _deliveries(connection: Connection, message_id: int) -> tuple[DeliveryRecord, ...]:
    rows = connection.execute(
        select(deliveries, submissions.c.message_id.label("ours"), submissions.c.kind, submissions.c.reference)
        .join(submissions, submissions.c.id == deliveries.c.submission)
        .join(message_submissions, message_submissions.c.submission == submissions.c.id)
        .where(message_submissions.c.message == message_id)
        .order_by(deliveries.c.id)
    )
    return tuple(
        DeliveryRecord(
            submission_id=row.submission,
            our_message_id=row.ours,
            kind=row.kind,
            reference=row.reference,
            recipient=row.recipient,
            state=DeliveryState(row.state),
            code=row.code,
            enhanced=row.enhanced,
            reply=row.reply,
            attempts=row.attempts,
            next_try=row.next_try,
            changed=row.changed_at,
            possible_duplicate=row.doubtful,
        )
        for row in rows
    )
