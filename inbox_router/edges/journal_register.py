"""What the registers are made of: the messages of a category, who was told of them, and what persons entered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, and_, insert, or_, select

from inbox_router.core.audit import Action, Occurrence
from inbox_router.core.cases import Entry, Filing, Register, Told
from inbox_router.core.decision import PRIORITIES, Outcome, Priority
from inbox_router.core.standings import Standing
from inbox_router.edges.journal_links import drawn_on
from inbox_router.edges.journal_queries import decisions_of, first_references
from inbox_router.edges.journal_schema import case_entries, events, identifiers, messages
from inbox_router.edges.journal_shift import STANDINGS, disclosed
from inbox_router.edges.journal_states import chunks
from inbox_router.edges.journal_values import JournalError, MessageState

_THREAD = frozenset({"thread", "same notice"})


def filings(connection: Connection, register: Register) -> list[Filing]:
    """Every message of the register's category, and every held one that may be of it."""
    rows = connection.execute(
        select(
            *(messages.c.id, messages.c.state, messages.c.category, messages.c.type, messages.c.urgency),
            *(messages.c.since, messages.c.outcome),
        ).where(
            or_(
                and_(messages.c.category == register.category, messages.c.outcome == Outcome.ROUTE.value),
                messages.c.outcome == Outcome.HOLD.value,
            )
        )
    ).all()
    held = [row.id for row in rows if row.outcome == Outcome.HOLD.value]
    claimed = _claimed_types(connection, held, register.category)
    rows = [row for row in rows if row.outcome == Outcome.ROUTE.value or row.id in claimed]
    ids = [row.id for row in rows]
    named, told, marks = first_references(connection, ids), disclosed(connection, ids), _marks(connection, ids)
    earlier = _earlier(connection, ids)
    return [
        Filing(
            message=row.id,
            reference=named.get(row.id, ""),
            received=row.since,
            type=claimed.get(row.id, row.type or ""),
            urgent=PRIORITIES[row.urgency] is Priority.URGENT,
            standing=Standing.HELD if row.id in claimed else STANDINGS.get(MessageState(row.state), Standing.AWAITING),
            told=()
            if row.id in claimed
            else tuple(Told(recipient=recipient, sent=at) for recipient, at in told[row.id]),
            identifiers=frozenset(marks[row.id]),
            earlier=frozenset(earlier[row.id]),
        )
        for row in rows
    ]


def entries(connection: Connection) -> list[Entry]:
    rows = connection.execute(select(case_entries).order_by(case_entries.c.id))
    return [Entry(message=row.message, at=row.at, by=row.by, outcome=row.outcome, closes=row.closes) for row in rows]


def enter(connection: Connection, entry: Entry, register: Register) -> Occurrence:
    sha256 = connection.scalar(select(messages.c.sha256).where(messages.c.id == entry.message))
    if sha256 is None:
        raise JournalError(f"There is no message {entry.message} in the journal.")
    connection.execute(
        insert(case_entries),
        {
            "message": entry.message,
            "at": entry.at,
            "by": entry.by,
            "outcome": entry.outcome,
            "closes": entry.closes,
        },
    )
    return Occurrence(
        action=Action.ENTERED,
        actor=entry.by,
        message=entry.message,
        sha256=sha256,
        outcome="closed" if entry.closes else "open",
        detail={"kind": register.value, "reason": entry.outcome},
    )


def _claimed_types(connection: Connection, ids: Sequence[int], category: str) -> dict[int, str]:
    """Of held messages those that would have been of the category, and of which type."""
    found: dict[int, str] = {}
    for number, decision in decisions_of(connection, ids).items():
        types = [claim.type or "" for claim in decision.claims if claim.category == category]
        if types:
            found[number] = types[0]
    return found


def _marks(connection: Connection, ids: Sequence[int]) -> defaultdict[int, list[tuple[str, str]]]:
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for chunk in chunks(ids):
        for row in connection.execute(select(identifiers).where(identifiers.c.message.in_(chunk))):
            found[row.message].append((row.kind, row.value))
    return found


def _earlier(connection: Connection, ids: Sequence[int]) -> defaultdict[int, set[int]]:
    """Of each message those earlier ones that are of its thread, as the log has it."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for chunk in chunks(ids):
        rows = connection.execute(
            select(events.c.message, events.c.detail).where(
                events.c.message.in_(chunk), events.c.action == Action.COMBINATION.value
            )
        )
        for row in rows:
            found[row.message] |= {number for number, kinds in drawn_on(row.detail) if kinds & _THREAD}
    return found
