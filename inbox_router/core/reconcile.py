"""Reconciliation: every message that is in the mailbox against every message that the journal knows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A message that the journal knows, and where it says that it is."""

    message: int
    standing: str
    """`routed`, `held`, `filed` or `awaiting`."""
    folder: str
    """"" where nobody can say."""
    uid: int | None
    sha256: str
    received: datetime
    """When the journal recorded it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A message in the mailbox. What it holds is looked at only where its place is not one that the journal names."""

    folder: str
    uid: int
    sha256: str = ""
    arrived: datetime | None = None
    """When the server took it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A message that is not where the journal says."""

    message: int
    said: str
    found: str
    """The folder; "" where it is in none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """How the mailbox and the journal add up."""

    counts: tuple[int, int, int, int]
    """Routed, held, filed, awaiting."""
    unaccounted: tuple[Seen, ...]
    """In the mailbox, and unknown to the journal."""
    moved: tuple[Moved, ...]
    """Known, routed, held or filed, and moved or deleted by a person since; the journal still has their octets."""
    older: int
    """In the folders since before the service kept a journal."""

    def __str__(self) -> str:
        names = ("routed", "held", "filed", "awaiting")
        parts = " + ".join(f"{count} {name}" for count, name in zip(self.counts, names, strict=True))
        return (
            f"{sum(self.counts) + len(self.unaccounted)} arrived = {parts}; "
            f"{len(self.unaccounted)} unaccounted; {len(self.moved)} moved by a person"
        )


def strangers(known: Iterable[Known], seen: Iterable[Seen]) -> list[Seen]:
    """Those that are in no place that the journal names: to be identified by what they hold."""
    places = {(one.folder, one.uid) for one in known}
    return [one for one in seen if (one.folder, one.uid) not in places]


def reconcile(
    known: Sequence[Known],
    seen: Sequence[Seen],
    identified: Sequence[Seen],
    *,
    steady: Collection[tuple[int, str]],
    began: datetime,
    inbox: str,
) -> Reconciliation:
    """`seen` is all that the mailbox holds; `identified` are its strangers, with the hash of what they hold.

    `steady` are the messages, each with its folder, that the service did not move while the mailbox was read.
    `began` is when the journal began: a stranger outside the inbox that arrived before is older than the service.
    """
    places = {(one.folder, one.uid) for one in seen}
    elsewhere: defaultdict[str, list[Seen]] = defaultdict(list)
    for stranger in identified:
        elsewhere[stranger.sha256].append(stranger)
    moved = []
    for each in known:
        if (each.folder, each.uid) in places or (each.message, each.folder) not in steady:
            continue
        found = elsewhere[each.sha256].pop() if elsewhere.get(each.sha256) else None
        if found is not None and each.folder == found.folder:
            # The server never said its new number: it is where the journal says all the same.
            continue
        moved.append(Moved(message=each.message, said=each.folder, found=found.folder if found else ""))
    contents = {each.sha256 for each in known}
    unaccounted, older = [], 0
    for one in (one for left in elsewhere.values() for one in left):
        if one.folder == inbox:
            unaccounted.append(one)
        elif one.sha256 in contents:
            # A copy that a person made, known by what it holds.
            continue
        elif one.arrived is None or one.arrived >= began:
            unaccounted.append(one)
        else:
            older += 1
    counts = Counter(one.standing for one in known)
    return Reconciliation(
        counts=(counts["routed"], counts["held"], counts["filed"], counts["awaiting"]),
        unaccounted=tuple(sorted(unaccounted, key=lambda one: (one.folder, one.uid))),
        moved=tuple(moved),
        older=older,
    )
