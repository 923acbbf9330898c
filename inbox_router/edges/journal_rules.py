"""The sets of rules that were in force, each file's content kept once, so that an old decision can be explained."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from inbox_router.core.kept_rules import Contents, Installed, SetFiles, digests
from inbox_router.edges.journal_schema import rule_files, rule_sets
from inbox_router.edges.journal_states import chunks
from inbox_router.edges.journal_text import pack, unpack
from inbox_router.edges.journal_values import JournalError


def keep(
    connection: Connection, files: SetFiles, version: str, mailboxes: Mapping[str, str], now: datetime
) -> Installed:
    """Notes that a set came into force; one that is in force already is not noted twice in a row."""
    named, by_name = files.named(), digests(files)
    known = latest(connection)
    if known and not known.refused and (known.version, known.files) == (version, by_name):
        return known
    _keep_files(connection, {by_name[name]: octets for name, octets in named.items()})
    number = _insert(connection, version=version, at=now, files=by_name, mailboxes=mailboxes)
    return Installed(number=number, version=version, at=now, files=by_name, mailboxes=mailboxes)


def refuse(connection: Connection, version: str, reason: str, now: datetime) -> None:
    """Notes that a newer set was refused, and that of `version` stays in force."""
    _insert(connection, version=version, at=now, files={}, mailboxes={}, refused=reason)


def installed(connection: Connection) -> list[Installed]:
    """Each time that a set came into force or was refused, the oldest first."""
    return [_installed(row) for row in connection.execute(select(rule_sets).order_by(rule_sets.c.id))]


def latest(connection: Connection, *, until: datetime | None = None, in_force: bool = False) -> Installed | None:
    """The last of them, before `until` where that is given; with `in_force` without those that were refused."""
    query = select(rule_sets).order_by(rule_sets.c.id.desc()).limit(1)
    if until is not None:
        query = query.where(rule_sets.c.at < until)
    if in_force:
        query = query.where(rule_sets.c.refused == "")
    row = connection.execute(query).one_or_none()
    return _installed(row) if row else None


def contents(connection: Connection, one: Installed) -> SetFiles:
    """The files of a set. Raises JournalError where one of them is not here any more."""
    kept: dict[str, bytes] = {}
    for some in chunks(list(set(one.files.values()))):
        rows = connection.execute(select(rule_files).where(rule_files.c.sha256.in_(some)))
        kept.update({row.sha256: unpack(row.packing, row.octets) for row in rows})
    missing = sorted(name for name, digest in one.files.items() if digest not in kept)
    if missing:
        raise JournalError(f"The journal does not hold the file {missing[0]} of the rules {one.version[:12]}.")
    return SetFiles.of({name: kept[digest] for name, digest in one.files.items()})


def _keep_files(connection: Connection, by_digest: Contents) -> None:
    known: set[str] = set()
    for some in chunks(list(by_digest)):
        known.update(connection.scalars(select(rule_files.c.sha256).where(rule_files.c.sha256.in_(some))))
    rows = []
    for digest, octets in by_digest.items():
        if digest not in known:
            packing, packed = pack(octets)
            rows.append({"sha256": digest, "packing": packing, "octets": packed})
    if rows:
        connection.execute(insert(rule_files), rows)


def _insert(
    connection: Connection,
    *,
    version: str,
    at: datetime,
    files: Mapping[str, str],
    mailboxes: Mapping[str, str],
    refused: str = "",
) -> int:
    values = {
        "version": version,
        "at": at,
        "files": json.dumps(dict(files), ensure_ascii=True, separators=(",", ":")),
        "mailboxes": json.dumps(dict(mailboxes), ensure_ascii=True, separators=(",", ":")),
        "refused": refused,
    }
    (number,) = connection.execute(insert(rule_sets).values(values)).inserted_primary_key or (0,)
    return int(number)


def _installed(row: Row[tuple[object, ...]]) -> Installed:
    return Installed(
        number=row.id,
        version=row.version,
        at=row.at,
        files=json.loads(row.files),
        mailboxes=json.loads(row.mailboxes),
        refused=row.refused,
    )
