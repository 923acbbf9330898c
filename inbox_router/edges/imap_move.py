"""Moving messages to another folder: many in one command, never a plain EXPUNGE, and a result for each message."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import chain
from typing import Any

from imapclient import DELETED

from inbox_router.edges.imap_errors import Declined, FolderMissing, words
from inbox_router.edges.imap_session import Session, present_uids

MOVE_AT_ONCE = 250
"""Messages in one command; at ten digits a UID its line stays under 3,000 octets."""

_COPYUID = re.compile(rb"^\d{1,10} ([\d:,]+) ([\d:,]+)$")

Operation = Callable[[str, Callable[[Session], Any]], Any]
"""Runs one step on the session under a deadline, with its errors put into words."""


class MoveOutcome(StrEnum):
    """What became of one message of a move."""

    MOVED = "moved"
    COPIED = "copied"
    """It is in the target, and still in the source folder, marked as deleted: the server has neither MOVE nor UIDPLUS,
    and a plain EXPUNGE would destroy what others have marked."""
    GONE = "gone"
    """It was no longer in the source folder: somebody moved or deleted it, or an earlier move that was cut off did."""
    STAYED = "stayed"
    """The server did not move it: `reply` says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What became of one message."""

    outcome: MoveOutcome
    new_uid: int | None
    """Its UID in the target, where the server told (RFC 4315 COPYUID)."""
    reply: str
    """The server's own words, on one line."""


_GONE = Moved(outcome=MoveOutcome.GONE, new_uid=None, reply="")


class Mover:
    """Moves one batch by what the server can do: MOVE (RFC 6851), or COPY, mark and UID EXPUNGE (RFC 4315)."""

    def __init__(self, operation: Operation, *, has_move: bool, has_uidplus: bool) -> None:
        self._operation = operation
        self._has_move = has_move
        self._has_uidplus = has_uidplus

    def move(self, uids: Sequence[int], target: str) -> dict[int, Moved]:
        """Moves at most `MOVE_AT_ONCE` messages.

        Raises FolderMissing, OverQuota, ReadOnly or Declined with nothing changed, or Lost with the outcome unknown.
        """
        present = self._still_there(uids)
        results = {uid: _GONE for uid in uids if uid not in present}
        try:
            return results | self._attempt(present, target)
        except FolderMissing:
            raise
        except Declined:
            # Some servers decline the whole because one message is gone meanwhile (RFC 5530 EXPUNGEISSUED).
            remaining = self._still_there(present)
            if remaining == present:
                raise
        results |= {uid: _GONE for uid in present if uid not in remaining}
        return results | self._attempt(remaining, target)

    def _attempt(self, uids: list[int], target: str) -> dict[int, Moved]:
        if not uids:
            return {}
        return self._by_move(uids, target) if self._has_move else self._by_copy(uids, target)

    def _by_move(self, uids: list[int], target: str) -> dict[int, Moved]:
        reply, new_uids = self._transfer("move", uids, target)
        remaining = self._still_there([uid for uid in uids if uid not in new_uids])
        results = {}
        for uid in uids:
            if uid in remaining:
                outcome = MoveOutcome.STAYED
            elif uid in new_uids or not new_uids:
                # They were there a moment ago; a server may keep COPYUID to itself.
                outcome = MoveOutcome.MOVED
            else:
                outcome = MoveOutcome.GONE
            results[uid] = Moved(outcome=outcome, new_uid=new_uids.get(uid), reply=reply)
        return results

    def _by_copy(self, uids: list[int], target: str) -> dict[int, Moved]:
        """Only what COPYUID proves to be in the target is removed; without such proof it is marked, and stays."""
        reply, new_uids = self._transfer("copy", uids, target)
        remove = self._has_uidplus and bool(new_uids)
        copied = [uid for uid in uids if uid in new_uids or not new_uids]
        what = f"removing {len(copied)} messages that were copied to {target}"
        self._operation(what, lambda session: session.add_flags(copied, [DELETED], silent=True))
        if remove:
            self._operation(what, lambda session: session.uid_expunge(copied))
        outcome = MoveOutcome.MOVED if remove else MoveOutcome.COPIED
        results = {uid: Moved(outcome=outcome, new_uid=new_uids.get(uid), reply=reply) for uid in copied}
        others = [uid for uid in uids if uid not in results]
        remaining = self._still_there(others)
        for uid in others:
            outcome = MoveOutcome.STAYED if uid in remaining else MoveOutcome.GONE
            results[uid] = Moved(outcome=outcome, new_uid=None, reply=reply)
        return results

    def _transfer(self, command: str, uids: list[int], target: str) -> tuple[str, dict[int, int]]:
        """The server's words, and the new UID of each message that it says it transferred."""

        def transfer(session: Session) -> tuple[str, dict[int, int]]:
            session.untagged("COPYUID")
            reply = session.move(uids, target) if command == "move" else session.copy(uids, target)
            new_uids = copied_uids(session.untagged("COPYUID"), len(uids))
            return words(reply), {uid: new_uids[uid] for uid in uids if uid in new_uids}

        answer: tuple[str, dict[int, int]] = self._operation(f"moving {len(uids)} messages to {target}", transfer)
        return answer

    def _still_there(self, uids: Sequence[int]) -> list[int]:
        if not uids:
            return []
        found = self._operation(f"looking for {len(uids)} messages", partial(present_uids, uids=uids))
        return [uid for uid in uids if uid in found]


def copied_uids(codes: Sequence[bytes], most: int) -> dict[int, int]:
    """Old UID to new UID, out of COPYUID response codes (RFC 4315, section 3).

    A code that is malformed, or that speaks of more than `most` messages, says nothing.
    """
    pairs: dict[int, int] = {}
    for code in codes:
        match = _COPYUID.match(code)
        if match is None:
            continue
        old, new = _numbers(match.group(1), most), _numbers(match.group(2), most)
        if old and len(old) == len(new):
            pairs.update(zip(old, new, strict=True))
    return pairs


def _numbers(uid_set: bytes, most: int) -> list[int]:
    """The numbers of a set such as `3,7:9`, in its order; none where it is malformed or has more than `most`."""
    ranges = []
    for item in uid_set.split(b","):
        ends = item.split(b":")
        if len(ends) > 2 or not all(end.isdigit() and len(end) <= 10 for end in ends):
            return []
        low, high = sorted((int(ends[0]), int(ends[-1])))
        ranges.append(range(low, high + 1))
        if sum(map(len, ranges)) > most:
            return []
    return list(chain.from_iterable(ranges))
