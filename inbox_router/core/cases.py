"""The registers: a row for each case, however many messages speak of it.

A case begins with the first message of its category that names a report (Crimestoppers) or a person (recalls). A later
one belongs to it if it names the same, or is of its thread, while the case is open and not long asleep. What came of a
case no program can know: a person enters it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from inbox_router.core.standings import Standing

Identifiers = frozenset[tuple[str, str]]


class Register(StrEnum):
    """Which register."""

    CRIMESTOPPERS = "crimestoppers"
    RECALL = "recall"

    @property
    def category(self) -> str:
        """The category of the messages in it, as rules name it."""
        return "prison_recall" if self is Register.RECALL else "crimestoppers"

    @property
    def kinds(self) -> frozenset[str]:
        """The identifiers that tell its cases apart. Two reports about one person are two cases."""
        if self is Register.CRIMESTOPPERS:
            return frozenset({"crimestoppers reference", "crimestoppers number"})
        return frozenset({"prison number", "booking number", "pnc id", "cro number", "crn"})


ASLEEP = timedelta(days=90)
"""After so long without a message a case is over, entered as closed or not: a person can be recalled twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A mailbox that was told of a case."""

    recipient: str
    sent: datetime
    """When the mail server accepted it, UTC."""
    acknowledged: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A message of a register's category, routed, or held and so far only claimed to be of it."""

    message: int
    reference: str
    received: datetime
    """When the mail server had it, UTC: clocks start then, not when it was fetched."""
    type: str
    urgent: bool
    standing: Standing
    told: tuple[Told, ...] = ()
    identifiers: Identifiers = frozenset()
    earlier: frozenset[int] = frozenset()
    """Messages of its thread, or that are the same notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a person entered of a case."""

    message: int
    """Any message of the case."""
    at: datetime
    by: str
    outcome: str
    closes: bool
    """Whether the case is over with it. One that was, and is not any more, is open again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """How long a force has from the arrival of a recall until the arrest, by the type of the recall."""

    by_type: Mapping[str, timedelta | None]
    """None for a type that stops the clock: called off, in custody."""
    otherwise: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A row of a register."""

    messages: tuple[int, ...]
    """The first is the one that opened it."""
    reference: str
    received: datetime
    type: str
    """Of the latest message that was not held."""
    urgent: bool
    """Whether any message of it was urgent: for Crimestoppers a high risk."""
    held: bool
    """Nobody was told yet: a person has to decide first."""
    told: tuple[Told, ...]
    deadline: datetime | None
    """UTC. None where no clock runs."""
    outcome: str
    closed: datetime | None
    by: str

    @property
    def sent(self) -> datetime | None:
        """When the first mailbox was told."""
        return min((each.sent for each in self.told), default=None)

    @property
    def acknowledged(self) -> datetime | None:
        """When the first that was told said that it has it."""
        return min((each.acknowledged for each in self.told if each.acknowledged), default=None)


def cases(
    register: Register, filings: Iterable[Filing], entries: Iterable[Entry], clocks: Clocks | None = None
) -> tuple[Case, ...]:
    """The rows of a register, the oldest case first. `clocks` are of the recall register."""
    entered = defaultdict[int, list[Entry]](list)
    for entry in sorted(entries, key=_at):
        entered[entry.message].append(entry)
    grouping = _Grouping(register.kinds, entered)
    for filing in sorted(filings, key=_received):
        grouping.add(filing)
    return tuple(_case(each, entered, clocks) for each in grouping.groups())


class _Grouping:
    """Messages put together to cases, the oldest message first."""

    def __init__(self, kinds: frozenset[str], entered: Mapping[int, Sequence[Entry]]) -> None:
        self._kinds = kinds
        self._entered = entered
        self._groups: dict[int, list[Filing]] = {}
        """By the first message of each."""
        self._of: dict[tuple[str, str] | int, int] = {}
        """The group that last named an identifier, or that a message is in."""

    def groups(self) -> Iterable[list[Filing]]:
        return (
            self._groups[first] for first in sorted(self._groups, key=lambda each: _received(self._groups[each][0]))
        )

    def add(self, filing: Filing) -> None:
        marks = {each for each in filing.identifiers if each[0] in self._kinds}
        near = {self._of[mark] for mark in (*marks, *filing.earlier) if mark in self._of}
        open_still = sorted(first for first in near if self._is_open(self._groups[first], filing.received))
        first = open_still[0] if open_still else filing.message
        # One message that names what two cases name makes them one.
        together = [each for number in open_still for each in self._groups.pop(number)]
        self._groups[first] = sorted([*together, filing], key=_received)
        for each in self._groups[first]:
            self._of[each.message] = first
            self._of |= dict.fromkeys((mark for mark in each.identifiers if mark[0] in self._kinds), first)

    def _is_open(self, group: Sequence[Filing], moment: datetime) -> bool:
        last = _last_entry(group, self._entered, moment)
        return moment - group[-1].received <= ASLEEP and not (last and last.closes)


def _at(entry: Entry) -> datetime:
    return entry.at


def _received(filing: Filing) -> tuple[datetime, int]:
    return filing.received, filing.message


def _last_entry(
    group: Sequence[Filing], entered: Mapping[int, Sequence[Entry]], moment: datetime | None = None
) -> Entry | None:
    """What was last entered of a case, up to a moment."""
    of_case = (entry for filing in group for entry in entered.get(filing.message, ()))
    return max((entry for entry in of_case if moment is None or entry.at <= moment), key=_at, default=None)


def _case(filings: Sequence[Filing], entered: Mapping[int, Sequence[Entry]], clocks: Clocks | None) -> Case:
    decided = [each for each in filings if each.standing is not Standing.HELD] or list(filings)
    last = _last_entry(filings, entered)
    return Case(
        messages=tuple(each.message for each in filings),
        reference=next((each.reference for each in filings if each.reference), f"#{filings[0].message}"),
        received=filings[0].received,
        type=decided[-1].type,
        urgent=any(each.urgent for each in filings),
        held=all(each.standing is Standing.HELD for each in filings),
        told=_told(filings),
        deadline=_deadline(decided, clocks) if clocks and not (last and last.closes) else None,
        outcome=last.outcome if last else "",
        closed=last.at if last and last.closes else None,
        by=last.by if last else "",
    )


def _told(filings: Sequence[Filing]) -> tuple[Told, ...]:
    """Each mailbox once: when it was first told, and when it first said that it has it."""
    found = defaultdict[str, list[Told]](list)
    for each in (told for filing in filings for told in filing.told):
        found[each.recipient].append(each)
    first = [
        Told(
            recipient=recipient,
            sent=min(each.sent for each in tolds),
            acknowledged=min((each.acknowledged for each in tolds if each.acknowledged), default=None),
        )
        for recipient, tolds in found.items()
    ]
    return tuple(sorted(first, key=lambda each: (each.sent, each.recipient)))


def _deadline(filings: Sequence[Filing], clocks: Clocks) -> datetime | None:
    """The earliest that any notice of the case sets. One that calls the recall off stops those before it."""
    due: datetime | None = None
    for filing in filings:
        length = clocks.by_type.get(filing.type, clocks.otherwise)
        ends = None if length is None else filing.received + length
        due = ends if due is None or ends is None else min(due, ends)
    return due
