"""Which messages are linked: those that name the same person or report, and those that a decision drew on."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from inbox_router.core.audit import Action
from inbox_router.core.linking import WORDING
from inbox_router.edges.journal_schema import events, identifiers, messages
from inbox_router.edges.journal_states import chunks
from inbox_router.edges.journal_values import MessageState

Pairs = Sequence[tuple[str, str]]

_MOST_PAIRS = 200
"""Identifiers of one message that are looked up: hostile mail can hold any number of them."""
_MOST = 500
"""Linked messages that are told, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A message that is linked with the one that was asked about."""

    message_id: int
    shared: tuple[str, ...]
    """What both have: kinds of identifier, `thread`, `same notice`. Never the values."""
    received: datetime
    """When the server took it in, UTC."""
    state: MessageState


def links(connection: Connection, message_id: int) -> list[Link]:
    """The messages linked with one of the journal, the oldest first."""
    pairs = [
        (row.kind, row.value)
        for row in connection.execute(select(identifiers).where(identifiers.c.message == message_id))
    ]
    shared = _sharing(connection, pairs)
    for number, kinds in _recorded(connection, message_id):
        shared[number] |= kinds
    shared.pop(message_id, None)
    return _links(connection, shared)


def naming(connection: Connection, pairs: Pairs, message_ids: Iterable[int]) -> list[Link]:
    """The messages that a message from elsewhere would be linked with: by its identifiers, and those of its thread."""
    shared = _sharing(connection, pairs)
    for number in message_ids:
        shared[number] |= {"thread"}
    return _links(connection, shared)


def _sharing(connection: Connection, pairs: Pairs) -> defaultdict[int, frozenset[str]]:
    """By message, the kinds of these identifiers that it names too."""
    shared: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    same = [and_(identifiers.c.kind == kind, identifiers.c.value == value) for kind, value in pairs if kind != WORDING]
    if same:
        alike = select(identifiers.c.message, identifiers.c.kind).where(or_(*same[:_MOST_PAIRS]))
        for row in connection.execute(alike):
            shared[row.message] |= {row.kind}
    return shared


def _recorded(connection: Connection, message_id: int) -> list[tuple[int, frozenset[str]]]:
    """What the log says of the decision on this message, and of those on later ones that drew on it."""
    drew_on = select(events.c.message, events.c.detail).where(events.c.action == Action.COMBINATION.value)
    mine = drew_on.where(events.c.message == message_id)
    # The numbers stand in a text; which of those that hold the digits hold the number is seen below.
    later = drew_on.where(events.c.message > message_id, events.c.detail.contains(str(message_id)))
    found: list[tuple[int, frozenset[str]]] = []
    for row in (*connection.execute(mine), *connection.execute(later)):
        for number, kinds in drawn_on(row.detail):
            if row.message == message_id:
                found.append((number, kinds))
            elif number == message_id:
                found.append((row.message, kinds))
    return found


def drawn_on(detail: str) -> list[tuple[int, frozenset[str]]]:
    """The messages that an event of combination names, and what each of them shares."""
    said = json.loads(detail)
    numbers = [int(number) for number in str(said.get("earlier", "")).split(", ") if number.isdigit()]
    kinds = [frozenset(part.split(", ")) - {""} for part in str(said.get("kind", "")).split("; ")]
    return list(zip(numbers, [*kinds, *[frozenset[str]()] * len(numbers)], strict=False))


def _links(connection: Connection, shared: dict[int, frozenset[str]]) -> list[Link]:
    newest = sorted(shared, reverse=True)[:_MOST]
    rows = [
        row
        for chunk in chunks(newest)
        for row in connection.execute(
            select(messages.c.id, messages.c.since, messages.c.state).where(messages.c.id.in_(chunk))
        )
    ]
    return [
        Link(
            message_id=row.id,
            shared=tuple(sorted(shared[row.id])),
            received=row.since,
            state=MessageState(row.state),
        )
        for row in sorted(rows, key=lambda row: (row.since, row.id))
    ]
