"""Moving messages from state to state: the one place that does so, and refuses what may not be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Update, bindparam, or_, select, update

from inbox_router.edges.journal_schema import messages
from inbox_router.edges.journal_values import TRANSITIONS, JournalError, MessageState

T = TypeVar("T")

_CHUNK = 500
"""Values in one IN list: databases limit how many a statement may have."""

_STATES = select(messages.c.id, messages.c.state).where(messages.c.id.in_(bindparam("ids", expanding=True)))


def chunks(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]


def advance(connection: Connection, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Changes messages, each given by its id with the columns to set, `state` among them.

    All changes of one state set the same columns. Raises JournalError for a message that is not there, or whose new
    state may not follow the one it has.
    """
    by_state: dict[MessageState, list[dict[str, Any]]] = {}
    for message_id, change in changes.items():
        by_state.setdefault(MessageState(change["state"]), []).append({"this_message": message_id, **change})
    for wanted, rows in by_state.items():
        columns = tuple(sorted(rows[0].keys() - {"this_message"}))
        if connection.execute(_move(wanted, columns), rows).rowcount != len(rows):
            raise _refusal(connection, wanted, [row["this_message"] for row in rows])


@cache
def _move(wanted: MessageState, columns: tuple[str, ...]) -> Update:
    before = [state.value for state, following in TRANSITIONS.items() if wanted in following]
    return (
        update(messages)
        .where(messages.c.id == bindparam("this_message"), or_(*(messages.c.state == state for state in before)))
        .values({name: bindparam(name) for name in columns})
    )


def _refusal(connection: Connection, wanted: MessageState, message_ids: Sequence[int]) -> JournalError:
    """Which message was in the way. What did move has the new state by now, and this is about to be undone."""
    states = {
        row.id: row.state for chunk in chunks(message_ids) for row in connection.execute(_STATES, {"ids": list(chunk)})
    }
    for message_id in message_ids:
        if message_id not in states:
            return JournalError(f"The journal has no message {message_id}.")
        if states[message_id] != wanted:
            return JournalError(f"Message {message_id} is {states[message_id]!r} and cannot become {wanted.value!r}.")
    named = ", ".join(str(message_id) for message_id in message_ids)
    return JournalError(f"Message {named}: {wanted.value!r} already, and nothing becomes so twice.")
