"""Getting messages out of a folder without changing it, and telling "gone" from "cannot be had"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from inbox_router.edges.imap_errors import Declined, MailboxError
from inbox_router.edges.imap_session import Session, present_uids

ATTEMPTS = 3
"""How often one message may break the connection before it is reported as one that cannot be fetched."""

SIZES_AT_ONCE = 500
HEADER_OCTETS = 65_536
"""How much of the header of a message over the size limit is fetched."""

_PLACEHOLDER = re.compile(rb"^subject:\s*retrieval\s+using\s+the\s+imap4\s+protocol\s+failed", re.I | re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of fetching one message."""

    uid: int
    internaldate: datetime | None = None
    """When the server took it in, UTC; None where the server gave no date that could be read."""
    size: int = 0
    """Octets, as the server says (RFC822.SIZE); Exchange only estimates."""
    octets: bytes | None = None
    """The message as it is stored, or None where it could not be had."""
    header: bytes = b""
    """The header, or its first 64 KiB, of a message that is over the size limit."""
    problem: str = ""
    """Why a person has to look at it in the mailbox; "" where all is well or where it is gone."""
    gone: bool = False
    """It was no longer in the folder: moved or deleted by somebody since the search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """Bounds of one FETCH, so that memory is bounded and a lost connection costs little."""

    octets: int = 40_000_000
    """A larger message is not fetched but for its header."""
    batch_messages: int = 100
    batch_octets: int = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """What the folder says of a message, before its octets are fetched."""

    uid: int
    size: int = 0
    internaldate: datetime | None = None


_Data = dict[bytes, Any]
"""The items of one FETCH response, as IMAPClient names them."""

Operation = Callable[[str, Callable[[Session], Any]], Any]
"""Runs one step on the session under a deadline, with its errors put into words."""


class Fetcher:
    """Fetches in batches, and isolates the message that breaks the connection.

    Messages that were being asked for when a connection broke are asked for one by one after reconnecting, so the one
    at fault is found, and the others are not held up by it.
    """

    def __init__(self, operation: Operation, limits: FetchLimits) -> None:
        self._operation = operation
        self._limits = limits
        self._broke: Counter[int] = Counter()

    def forget(self) -> None:
        """UIDs mean other messages now."""
        self._broke.clear()

    def batches(self, uids: Sequence[int]) -> Iterator[list[Fetched]]:
        suspects = [uid for uid in uids if self._broke[uid]]
        others = [uid for uid in uids if not self._broke[uid]]
        for start in range(0, len(others), SIZES_AT_ONCE):
            yield from self._listed_and_fetched(others[start : start + SIZES_AT_ONCE])
        for uid in suspects:
            if self._broke[uid] < ATTEMPTS:
                yield from self._listed_and_fetched([uid])
                del self._broke[uid]
            else:
                yield [_problem(_Listed(uid=uid), f"Fetching it broke the connection {ATTEMPTS} times.")]

    def _listed_and_fetched(self, uids: Sequence[int]) -> Iterator[list[Fetched]]:
        with self._blaming(uids):
            found, refused = self._ask_again(uids, ["RFC822.SIZE", "INTERNALDATE"], b"RFC822.SIZE", int)
            missing = [_Listed(uid=uid) for uid in uids if uid not in found]
            explained = self._explain(missing, refused) if missing else []
        if explained:
            yield explained
        for batch in self._split([_listed(uid, found[uid]) for uid in uids if uid in found]):
            with self._blaming([one.uid for one in batch]):
                fetched = [self._header(batch[0])] if self._is_over(batch[0]) else self._bodies(batch)
            yield fetched

    def _split(self, listed: list[_Listed]) -> Iterator[list[_Listed]]:
        """Batches within the limits; those over the size limit alone."""
        batch: list[_Listed] = []
        octets = 0
        for one in listed:
            if self._is_over(one):
                yield [one]
                continue
            if batch and (len(batch) >= self._limits.batch_messages or octets + one.size > self._limits.batch_octets):
                yield batch
                batch, octets = [], 0
            batch.append(one)
            octets += one.size
        if batch:
            yield batch

    def _is_over(self, one: _Listed) -> bool:
        return one.size > self._limits.octets

    @contextmanager
    def _blaming(self, uids: Sequence[int]) -> Iterator[None]:
        """Remembers what was being asked for where the connection breaks."""
        try:
            yield
        except MailboxError as error:
            if not error.connected:
                self._broke.update(uids)
            raise

    def _bodies(self, batch: list[_Listed]) -> list[Fetched]:
        found, refused = self._ask_again([one.uid for one in batch], ["BODY.PEEK[]"], b"BODY[]", bytes)
        fetched = [_body(one, found[one.uid][b"BODY[]"]) for one in batch if one.uid in found]
        lacking = [one for one in batch if one.uid not in found]
        return fetched + (self._explain(lacking, refused) if lacking else [])

    def _explain(self, lacking: list[_Listed], refused: dict[int, str]) -> list[Fetched]:
        """Why these could not be had: gone only if a search does not find them, for otherwise they would be lost."""
        uids = [one.uid for one in lacking]
        there = self._operation("looking for missing messages", partial(present_uids, uids=uids))
        answers = []
        for one in lacking:
            if one.uid not in there:
                answers.append(Fetched(uid=one.uid, gone=True))
            elif one.uid in refused:
                answers.append(_problem(one, f"The server does not give it out, and said: {refused[one.uid]}."))
            else:
                answers.append(_problem(one, "The server lists this message but does not give it out."))
        return answers

    def _header(self, one: _Listed) -> Fetched:
        found, _ = self._ask([one.uid], [f"BODY.PEEK[HEADER]<0.{HEADER_OCTETS}>"])
        header = next((part for key, part in found.get(one.uid, {}).items() if key.startswith(b"BODY[HEADER]")), None)
        return Fetched(
            uid=one.uid,
            internaldate=one.internaldate,
            size=one.size,
            header=header if isinstance(header, bytes) else b"",
            problem=f"It has {one.size:,} octets and is over the limit of {self._limits.octets:,}: not fetched.",
        )

    def _ask_again(
        self, uids: Sequence[int], items: list[str], key: bytes, kind: type
    ) -> tuple[dict[int, _Data], dict[int, str]]:
        """What FETCH gives, where it has a `kind` under `key`; asked for once more where it has not.

        Another client's change of flags may come in place of the answer; a server may not yet have told of a message.
        """
        found, refused = self._ask(uids, items)
        whole = {uid: data for uid, data in found.items() if isinstance(data.get(key), kind)}
        lacking = [uid for uid in uids if uid not in whole]
        if lacking:
            self._operation("asking for news", lambda session: session.noop())
            found, refused = self._ask(lacking, items)
            whole |= {uid: data for uid, data in found.items() if isinstance(data.get(key), kind)}
        return whole, refused

    def _ask(self, uids: Sequence[int], items: list[str]) -> tuple[dict[int, _Data], dict[int, str]]:
        """What FETCH gives by UID, and the server's words for each message that it refuses.

        Where it declines the whole because of some (RFC 5530 EXPUNGEISSUED), each is asked for by itself, after a NOOP,
        which lets the server tell which are gone.
        """
        try:
            return self._fetch(uids, items), {}
        except Declined:
            self._operation("asking for news", lambda session: session.noop())
        found: dict[int, _Data] = {}
        refused: dict[int, str] = {}
        for uid in uids:
            try:
                found |= self._fetch([uid], items)
            except Declined as error:
                refused[uid] = error.reply
        return found, refused

    def _fetch(self, uids: Sequence[int], items: list[str]) -> dict[int, _Data]:
        def fetch(session: Session) -> dict[int, _Data]:
            session.untagged("FETCH")
            found: dict[int, _Data] = session.fetch(list(uids), items)
            return found

        what = f"fetching message {uids[0]}" if len(uids) == 1 else f"fetching {len(uids)} messages"
        answer: dict[int, _Data] = self._operation(what, fetch)
        return answer


def _listed(uid: int, data: _Data) -> _Listed:
    when = data.get(b"INTERNALDATE")
    internaldate = when.astimezone(UTC) if isinstance(when, datetime) and when.tzinfo is not None else None
    return _Listed(uid=uid, size=data[b"RFC822.SIZE"], internaldate=internaldate)


def _body(one: _Listed, octets: bytes) -> Fetched:
    problem = ""
    if _PLACEHOLDER.search(octets[:HEADER_OCTETS].partition(b"\r\n\r\n")[0]):
        problem = "The server sent a placeholder instead of this message. Open it in Outlook: its content was not seen."
    return Fetched(uid=one.uid, internaldate=one.internaldate, size=one.size, octets=octets, problem=problem)


def _problem(one: _Listed, why: str) -> Fetched:
    text = f"{why} Open it in the mailbox: its content was not seen."
    return Fetched(uid=one.uid, internaldate=one.internaldate, size=one.size, problem=text)
