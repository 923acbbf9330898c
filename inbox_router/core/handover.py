"""The handover of a shift: what arrived, how it adds up, what is open, and what a person has to know of it.

It holds counts, references, rule names and addresses of mailboxes, and nothing out of a message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from inbox_router.core.audit import Action, Event, Head
from inbox_router.core.cases import Case
from inbox_router.core.shifts import Watch
from inbox_router.core.standings import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A message of the shift."""

    message: int
    reference: str
    received: datetime
    standing: Standing
    category: str
    type: str
    priority: str
    hold_reason: str
    recipients: tuple[str, ...]
    """Who has got it."""
    accepted: datetime | None
    """When the mail server had accepted it for the last of them."""

    @property
    def what(self) -> str:
        """`prison recall / standard`, or why it is held."""
        held = f"held: {self.hold_reason}" if self.hold_reason else ""
        words = [word for word in (self.category, self.type) if word] or [held or "not decided"]
        return " / ".join(words).replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A message that is held now, whenever it arrived."""

    reference: str
    received: datetime
    urgency: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Messages of one category, by how they stand."""

    name: str
    counts: tuple[int, int, int, int]
    """Routed, held, filed, awaiting."""

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that happened in the shift and that the next one has to know."""

    at: datetime
    what: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Everything that the handover of one shift says."""

    watch: Watch
    made: datetime
    zone: ZoneInfo
    head: Head
    """The last entry of the audit log when this was made."""
    total: Row
    categories: tuple[Row, ...]
    recipients: tuple[tuple[str, int], ...]
    """Mailbox, and how many messages of the shift it has got; the most first."""
    hours: tuple[tuple[datetime, int], ...]
    """Each hour of the shift, by its start in UTC, and how many messages arrived in it."""
    urgent: tuple[Arrived, ...]
    held: tuple[Open, ...]
    recalls: tuple[Case, ...]
    """Recalls whose clock runs, the first to run out first."""
    reconciled: Note | None
    """How the mailbox last compared with the journal in this shift."""
    troubles: tuple[Note, ...]
    """Refused, given up, uncertain, failed."""
    service: tuple[Note, ...]
    """Alarms, rules, restarts."""
    people: tuple[Note, ...]
    """What persons did: who, and what."""

    def sums(self) -> str:
        """`25 arrived = 14 routed + 8 held + 3 filed + 0 awaiting`."""
        parts = " + ".join(f"{n} {name}" for n, name in zip(self.total.counts, Standing, strict=True))
        return f"{self.total.total} arrived = {parts}"


_TROUBLES = (Action.REFUSED, Action.GIVEN_UP, Action.UNCERTAIN, Action.FAILED)
_SERVICE = (
    *(Action.ALARM, Action.ALL_CLEAR, Action.RULES_LOADED, Action.RULES_REFUSED),
    *(Action.STARTED, Action.STOPPED, Action.RECOVERED),
)
_SAID = ("incident", "hold_reason", "note", "reason", "reply", "count")


def compile_handover(
    watch: Watch,
    arrived: Sequence[Arrived],
    held: Iterable[Open],
    events: Iterable[Event],
    recalls: Iterable[Case],
    *,
    zone: ZoneInfo,
    head: Head,
    made: datetime,
    program: str,
) -> Handover:
    """The handover of `watch`. `events` are those of the shift; no person is an actor that begins with `program`."""
    troubles, running, people = [], [], []
    reconciled: Note | None = None
    for event in events:
        if event.action is Action.RECONCILED:
            reconciled = _note(event)
        if event.action in _TROUBLES:
            troubles.append(_note(event))
        elif event.action in _SERVICE:
            running.append(_note(event))
        if event.actor and not event.actor.startswith(program):
            people.append(_note(event, by=event.actor))
    got = Counter(recipient for one in arrived for recipient in one.recipients)
    return Handover(
        watch=watch,
        made=made,
        zone=zone,
        head=head,
        total=_row("all", arrived),
        categories=_categories(arrived),
        recipients=tuple(sorted(got.items(), key=lambda pair: (-pair[1], pair[0]))),
        hours=_hours(watch, arrived),
        urgent=tuple(one for one in arrived if one.priority == "urgent"),
        held=tuple(held),
        recalls=_running(recalls),
        reconciled=reconciled,
        troubles=tuple(troubles),
        service=tuple(running),
        people=tuple(people),
    )


def _running(recalls: Iterable[Case]) -> tuple[Case, ...]:
    due = [(each.deadline, each) for each in recalls if each.deadline is not None]
    return tuple(each for _, each in sorted(due, key=itemgetter(0)))


def _categories(arrived: Sequence[Arrived]) -> tuple[Row, ...]:
    names = {one.category for one in arrived}
    rows = [_row(_named(name), [one for one in arrived if one.category == name]) for name in names]
    return tuple(sorted(rows, key=lambda row: (-row.total, row.name)))


def _named(category: str) -> str:
    return category.replace("_", " ") or "not decided for one"


def _row(name: str, messages: Iterable[Arrived]) -> Row:
    counts = Counter(one.standing for one in messages)
    routed, held, filed, awaiting = (counts[each] for each in Standing)
    return Row(name=name, counts=(routed, held, filed, awaiting))


def _hours(watch: Watch, arrived: Sequence[Arrived]) -> tuple[tuple[datetime, int], ...]:
    length = -(-(watch.end - watch.start) // timedelta(hours=1))
    counts = Counter((one.received - watch.start) // timedelta(hours=1) for one in arrived)
    return tuple((watch.start + timedelta(hours=hour), counts[hour]) for hour in range(length))


def _note(event: Event, by: str = "") -> Note:
    said = [by, event.outcome, *(str(event.detail[name]) for name in _SAID if name in event.detail)]
    about = f"message {event.message}" if event.message else ""
    to = f"to {', '.join(event.recipients)}" if event.recipients else ""
    return Note(at=event.at, what=event.action.value, text="; ".join(part for part in [*said, to, about] if part))
