"""Whether an audit log is as it was written; if not, which entry is the first that is not, and what was done to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from inbox_router.core.audit import AuditError, Event, Head, digest_of, genesis


class Tampering(StrEnum):
    """What a broken chain shows to have been done."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    CUT_OFF = "cut off"
    REWRITTEN = "rewritten"
    """All digests fit, but the log is not the one whose head was noted."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The first entry of a log that is not as it was written."""

    kind: Tampering
    sequence: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What came of verifying a log. Without a fault, `head` is its last entry."""

    entries: int
    """How many entries were found good."""
    head: Head | None
    """The last good entry; None for a log that is empty, or whose instance nobody can tell."""
    fault: Fault | None


def verify(events: Iterable[Event], *, after: Head | None = None, noted: Iterable[Head] = ()) -> Verification:
    """Checks that a log is as it was written, reading it once; stops at the first fault, and names it.

    `after` is the entry before the first one, for a log that does not start at its beginning. `noted` are heads that
    were kept elsewhere: the log must contain them, which is how a cut-off tail or a log written anew is found.
    """
    heads = {head.sequence: head.digest for head in noted}
    stream = iter(events)
    head, last, entries = after, None, 0
    try:
        for event in stream:
            if head is None:
                head = genesis(event.instance)
            previous = last.digest if last is not None else head.digest
            number = last.sequence if last is not None else head.sequence
            if (
                event.previous != previous
                or event.sequence != number + 1
                or event.instance != head.instance
                or digest_of(event) != event.digest
            ):
                return _broken(event, stream, last, _head(last) or head, entries, heads)
            if event.sequence in heads and heads[event.sequence] != event.digest:
                return _rewritten(event, _head(last) or head, entries)
            last = event
            entries += 1
    except AuditError as error:
        good = _head(last) or head
        place = good.sequence + 1 if good else 1
        return Verification(
            entries=entries, head=good, fault=Fault(kind=Tampering.UNREADABLE, sequence=place, text=str(error))
        )
    good = _head(last) or head
    reached = good.sequence if good else 0
    if heads and (longest := max(heads)) > reached:
        text = f"The log ends with entry {reached}, but entry {longest} was noted: the tail was cut off."
        return Verification(
            entries=entries, head=good, fault=Fault(kind=Tampering.CUT_OFF, sequence=reached + 1, text=text)
        )
    return Verification(entries=entries, head=good, fault=None)


def _head(event: Event | None) -> Head | None:
    if event is None:
        return None
    return Head(instance=event.instance, sequence=event.sequence, digest=event.digest)


def _rewritten(event: Event, good: Head, entries: int) -> Verification:
    text = f"Entry {event.sequence} is not the one that was noted: it, and perhaps others before it, were written anew."
    return Verification(
        entries=entries, head=good, fault=Fault(kind=Tampering.REWRITTEN, sequence=event.sequence, text=text)
    )


def _broken(
    event: Event, rest: Iterator[Event], last: Event | None, good: Head, entries: int, noted: Mapping[int, str]
) -> Verification:
    """Names what was done, from the entry that does not fit, the good one before it, and what follows.

    The true next entry is the one, wherever it stands now, that was sealed to the last good one.
    """
    place = good.sequence + 1
    claimed = _true_sequence(event) or event.sequence
    follows = event.previous == good.digest and event.instance == good.instance
    found = any(
        later.previous == good.digest and (not follows or digest_of(later) == later.digest) for later in _readable(rest)
    )
    if found and not follows and claimed > place:
        fault = Fault(kind=Tampering.REORDERED, sequence=place, text=f"Entry {place} stands after entry {claimed}.")
    elif found:
        fault = Fault(
            kind=Tampering.INSERTED,
            sequence=place,
            text=f"What stands in place {place} was put in before the true entry {place}.",
        )
    elif follows:
        fault = Fault(kind=Tampering.CHANGED, sequence=place, text=f"Entry {place} does not fit its own digest.")
    elif claimed > place:
        missing = f"Entry {place} is" if claimed == place + 1 else f"Entries {place} to {claimed - 1} are"
        fault = Fault(kind=Tampering.REMOVED, sequence=place, text=f"{missing} missing.")
    elif last is not None and good.sequence not in noted and event.previous == last.previous:
        return _impostor(last, entries, Tampering.INSERTED, f"Two entries claim the place {last.sequence}.")
    elif claimed < place:
        fault = Fault(
            kind=Tampering.INSERTED, sequence=place, text=f"In place {place} stands entry {claimed}, or a copy of it."
        )
    elif last is not None and good.sequence not in noted and digest_of(event) == event.digest:
        text = f"Entry {last.sequence} was changed and sealed anew: entry {place} was sealed to another."
        return _impostor(last, entries, Tampering.CHANGED, text)
    else:
        text = f"Entry {place} is not sealed to the entry before it."
        fault = Fault(kind=Tampering.CHANGED, sequence=place, text=text)
    return Verification(entries=entries, head=good, fault=fault)


def _impostor(last: Event, entries: int, kind: Tampering, text: str) -> Verification:
    """The entry that was taken as the last good one is itself the bad one."""
    good = Head(instance=last.instance, sequence=last.sequence - 1, digest=last.previous)
    return Verification(entries=entries - 1, head=good, fault=Fault(kind=kind, sequence=last.sequence, text=text))


def _readable(events: Iterator[Event]) -> Iterator[Event]:
    """The events up to the first that cannot be read: the fault that is being named comes before that one."""
    try:
        yield from events
    except AuditError:
        return


def _true_sequence(event: Event) -> int | None:
    """The number that an entry was sealed with, should it have been numbered anew; None where its digest fits none."""
    for distance in range(101):
        for sequence in {event.sequence - distance, event.sequence + distance}:
            if digest_of(replace(event, sequence=sequence)) == event.digest:
                return sequence
    return None
