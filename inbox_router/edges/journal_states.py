"""Moving messages from state to state: the one place that does so, and refuses what may not be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from inbox_router.edges.journal_schema import messages
from inbox_router.edges.journal_values import TRANSITIONS, JournalError, MessageState

_CHUNK = 500
"""Values in one IN list: databases limit how many a statement may have."""


def chunks(values: Sequence[int]) -> list[Sequence[int]]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]


def advance(connection: Connection, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Changes messages, each given by its id with the columns to set, `state` among them.

    The changes of one call set the same columns. Raises JournalError for a message that is not there, or whose new
    state may not follow the one it has.
    """
    if not changes:
        return
    states = states_of(connection, list(changes))
    for message_id, change in changes.items():
        current, wanted = states.get(message_id), MessageState(change["state"])
        if current is None:
            raise JournalError(f"The journal has no message {message_id}.")
        if wanted not in TRANSITIONS[current]:
            raise JournalError(f"Message {message_id} is {current.value!r} and cannot become {wanted.value!r}.")
    columns = next(iter(changes.values())).keys()
    connection.execute(
        update(messages)
        .where(messages.c.id == bindparam("this_message"))
        .values({name: bindparam(name) for name in columns}),
        [{"this_message": message_id, **change} for message_id, change in changes.items()],
    )


def states_of(connection: Connection, message_ids: Sequence[int]) -> dict[int, MessageState]:
    return {
        row.id: MessageState(row.state)
        for chunk in chunks(message_ids)
        for row in connection.execute(select(messages.c.id, messages.c.state).where(messages.c.id.in_(chunk)))
    }
