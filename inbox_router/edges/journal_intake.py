"""Taking messages in, and handing out those that await a decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from inbox_router.core.audit import Action, Occurrence
from inbox_router.core.lines import one_line
from inbox_router.edges.journal_schema import messages, raws
from inbox_router.edges.journal_states import advance
from inbox_router.edges.journal_text import pack, sha256_of, unpack
from inbox_router.edges.journal_values import Arrival, JournalError, MessageState, Stored

Place = tuple[str, str, int, int]
"""Account, folder, UIDVALIDITY, UID: the identity of a message in the mailbox."""

Contents = Mapping[str, tuple[str, bytes]]
"""By SHA-256: how the octets are packed, and they."""


def known(connection: Connection, account: str, folder: str, uidvalidity: int, least_uid: int) -> frozenset[int]:
    found = connection.scalars(
        select(messages.c.uid).where(
            messages.c.account == account,
            messages.c.folder == folder,
            messages.c.uidvalidity == uidvalidity,
            messages.c.uid >= least_uid,
            messages.c.state != MessageState.GONE.value,
        )
    )
    return frozenset(found)


def prepare(arrivals: Sequence[Arrival]) -> tuple[list[str], Contents]:
    """The SHA-256 of each arrival ("" without octets), and the contents: work that no transaction need wait for."""
    hashes = ["" if arrival.octets is None else sha256_of(arrival.octets) for arrival in arrivals]
    contents = {
        sha256: pack(arrival.octets)
        for sha256, arrival in zip(hashes, arrivals, strict=True)
        if arrival.octets is not None
    }
    return hashes, contents


def receive(
    connection: Connection, arrivals: Sequence[Arrival], hashes: Sequence[str], contents: Contents, now: datetime
) -> tuple[list[int], list[Occurrence]]:
    """Stores what is new; the ids in the order of the arrivals, and what is to be recorded."""
    places = [_place(arrival) for arrival in arrivals]
    present = _present(connection, places)
    _store(connection, contents)
    fresh: dict[Place, dict[str, Any]] = {}
    back: dict[int, dict[str, Any]] = {}
    for arrival, place, sha256 in zip(arrivals, places, hashes, strict=True):
        if place not in present:
            fresh.setdefault(place, _row(arrival, sha256, now))
        elif present[place][1] == MessageState.GONE and not arrival.gone:
            back[present[place][0]] = _row(arrival, sha256, now)
    advance(connection, back)
    ids = {place: message_id for place, (message_id, _) in present.items()}
    if fresh:
        returned = connection.scalars(
            insert(messages).returning(messages.c.id, sort_by_parameter_order=True), list(fresh.values())
        )
        ids |= dict(zip(fresh, returned, strict=True))
    recorded = {ids[place]: row for place, row in fresh.items()} | back
    return [ids[place] for place in places], [_collected(each, recorded[each]) for each in sorted(recorded)]


def awaiting(connection: Connection, limit: int) -> list[Stored]:
    order = (messages.c.attempts, messages.c.unhurried, messages.c.since, messages.c.id)
    rows = connection.execute(
        select(messages, raws.c.packing, raws.c.octets)
        .outerjoin(raws, raws.c.sha256 == messages.c.sha256)
        .where(messages.c.state == MessageState.RECEIVED.value)
        .order_by(*order)
        .limit(limit)
    )
    return [
        Stored(
            id=row.id,
            octets=None if row.octets is None else unpack(row.packing, row.octets),
            sha256=row.sha256,
            received=row.since,
            problem=row.problem,
            attempts=row.attempts,
        )
        for row in rows
    ]


def attempted(connection: Connection, message_id: int, error: str) -> tuple[int, Occurrence]:
    """Counts one more failure; how many there are now, and what is to be recorded."""
    row = connection.execute(
        update(messages)
        .where(messages.c.id == message_id, messages.c.state == MessageState.RECEIVED.value)
        .values(attempts=messages.c.attempts + 1, last_error=one_line(error))
        .returning(messages.c.attempts, messages.c.sha256)
    ).one_or_none()
    if row is None:
        raise JournalError(f"The journal has no message {message_id} that awaits a decision.")
    return row.attempts, Occurrence(
        action=Action.FAILED,
        message=message_id,
        sha256=row.sha256,
        outcome="not decided",
        detail={"attempts": row.attempts},
    )


def _place(arrival: Arrival) -> Place:
    return (arrival.account, arrival.folder, arrival.uidvalidity, arrival.uid)


def _present(connection: Connection, places: Sequence[Place]) -> dict[Place, tuple[int, MessageState]]:
    """Which of these are in the journal already, with their ids and states."""
    uids: dict[tuple[str, str, int], list[int]] = {}
    for account, folder, uidvalidity, uid in places:
        uids.setdefault((account, folder, uidvalidity), []).append(uid)
    if not uids:
        return {}
    rows = connection.execute(
        select(
            messages.c.account,
            messages.c.folder,
            messages.c.uidvalidity,
            messages.c.uid,
            messages.c.id,
            messages.c.state,
        ).where(or_(*(_among(mailbox, numbers) for mailbox, numbers in uids.items())))
    )
    return {
        (row.account, row.folder, row.uidvalidity, row.uid): (row.id, MessageState(row.state))
        for row in rows
    }  # fmt: skip


def _among(mailbox: tuple[str, str, int], uids: Sequence[int]) -> ColumnElement[bool]:
    account, folder, uidvalidity = mailbox
    return and_(
        messages.c.account == account,
        messages.c.folder == folder,
        messages.c.uidvalidity == uidvalidity,
        messages.c.uid.in_(uids),
    )


def _store(connection: Connection, contents: Contents) -> None:
    there = set(connection.scalars(select(raws.c.sha256).where(raws.c.sha256.in_(list(contents)))))
    rows = [
        {"sha256": sha256, "packing": packing, "octets": octets}
        for sha256, (packing, octets) in contents.items()
        if sha256 not in there
    ]
    if rows:
        connection.execute(insert(raws), rows)


def _row(arrival: Arrival, sha256: str, now: datetime) -> dict[str, Any]:
    return {
        "account": arrival.account,
        "folder": arrival.folder,
        "uidvalidity": arrival.uidvalidity,
        "uid": arrival.uid,
        "sha256": sha256,
        "size": arrival.size or len(arrival.octets or b""),
        "internaldate": arrival.internaldate,
        "received_at": now,
        "since": arrival.internaldate or now,
        "unhurried": 0 if arrival.pressing else 1,
        "state": MessageState.GONE.value if arrival.gone else MessageState.RECEIVED.value,
        "problem": one_line(arrival.problem),
        "attempts": 0,
        "last_error": "",
        "refused": False,
        "now_folder": "" if arrival.gone else arrival.folder,
        "now_uid": None if arrival.gone else arrival.uid,
        "note": "",
    }


def _collected(message_id: int, row: Mapping[str, Any]) -> Occurrence:
    detail = {name: row[name] for name in ("account", "folder", "uidvalidity", "uid", "size")}
    if row["problem"]:
        detail["note"] = row["problem"]
    gone = row["state"] == MessageState.GONE.value
    return Occurrence(
        action=Action.GONE if gone else Action.COLLECTION,
        message=message_id,
        sha256=row["sha256"],
        outcome="not there any more" if gone else "received" if row["sha256"] else "octets not to be had",
        detail=detail,
    )
