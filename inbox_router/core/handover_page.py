"""A handover as a page that stands by itself, and as text for a terminal or a mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from jinja2 import Environment, StrictUndefined

from inbox_router.core.cases import Case
from inbox_router.core.handover import Arrived, Handover, Note, Open
from inbox_router.core.register_table import hours_left

_TALLEST = 56
"""Of a bar in the chart by the hour, in its own units."""


def as_page(handover: Handover, *, force: str, template: str) -> str:
    """The page: no script, nothing from elsewhere, every value escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    most = max((count for _, count in handover.hours), default=0) or 1
    bars = [
        {
            "count": count,
            "height": _TALLEST * count // most,
            "label": f"{start.astimezone(handover.zone):%H}",
        }
        for start, count in handover.hours
    ]
    return environment.from_string(template).render(
        h=handover,
        force=force,
        compared=compared(handover),
        bars=bars,
        sections=sections(handover),
        hours_long=f"{(handover.watch.end - handover.watch.start) / timedelta(hours=1):g}",
        local=lambda at: local(handover, at),
        lasted=lasted,
        hours_left=lambda case: hours_left(case.deadline, handover.made),
    )


def sections(handover: Handover) -> tuple[tuple[str, Sequence[Note], str], ...]:
    """Title, what happened, and what to say where nothing did."""
    return (
        ("Not delivered, or not certain", handover.troubles, "Every delivery of this shift was accepted."),
        ("Alarms, rules and the service", handover.service, "Nothing."),
        ("What people did", handover.people, "Nothing is recorded of anybody."),
    )


def as_text(handover: Handover, *, force: str) -> str:
    return "\n".join(_lines(handover, force))


def _lines(handover: Handover, force: str) -> Iterator[str]:
    watch = handover.watch
    yield f"Handover: {watch.name} shift of {watch.day:%A %d %B %Y}, {force}"
    yield f"{local(handover, watch.start)} to {local(handover, watch.end)}"
    yield ""
    yield handover.sums()
    yield compared(handover)
    for row in handover.categories:
        routed, held, filed, awaiting = row.counts
        yield f"  {row.total:>5}  {row.name}: {routed} routed, {held} held, {filed} filed, {awaiting} awaiting"
    yield from _titled("Who has got what arrived", [f"{count:>5}  {name}" for name, count in handover.recipients])
    yield from _titled("Urgent", [_urgent(handover, one) for one in handover.urgent])
    yield from _titled("Recalls whose time runs", [_recall(handover, one) for one in handover.recalls])
    yield from _titled("Held now, for a person", [_open(handover, one) for one in handover.held])
    for title, notes, none in sections(handover):
        yield from _titled(title, [f"{local(handover, note.at)}  {note.what}: {note.text}" for note in notes], none)
    yield from _titled("The audit log ends with", [f"{handover.head.sequence} {handover.head.digest}"])


def in_short(handover: Handover) -> list[str]:
    """The sentences that a reader of a telephone needs."""
    unsent = sum(one.accepted is None for one in handover.urgent)
    late = sum(one.deadline is not None and one.deadline < handover.made for one in handover.recalls)
    return [
        f"{handover.sums()}.",
        f"{compared(handover)}.",
        f"Urgent: {len(handover.urgent)}, of which {unsent} not sent. Held now, for a person: {len(handover.held)}.",
        f"Recalls whose time runs: {len(handover.recalls)}, of which {late} are over it.",
        f"Deliveries refused, given up or uncertain: {len(handover.troubles)}.",
        f"The audit log ends with entry {handover.head.sequence}, digest {handover.head.digest}.",
        "The whole handover, to read, print and sign, is in the attached page.",
    ]


def compared(handover: Handover) -> str:
    if handover.reconciled is None:
        return "The mailbox was not compared with the journal in this shift"
    at, found = local(handover, handover.reconciled.at), handover.reconciled.text
    return f"Compared with the mailbox at {at}: {found.split(' = ')[-1]}"


def _titled(title: str, lines: Sequence[str], none: str = "Nothing.") -> Iterator[str]:
    yield ""
    yield title
    yield from (f"  {line}" for line in lines or [none])


def _urgent(handover: Handover, one: Arrived) -> str:
    name = one.reference or f"#{one.message}"
    sent = f"sent within {lasted(one.received, one.accepted)}" if one.accepted else "NOT SENT"
    return f"{name}  {one.what}  {local(handover, one.received)}  {one.standing.value}, {sent}"


def _recall(handover: Handover, one: Case) -> str:
    due = local(handover, one.deadline) if one.deadline else ""
    state = "HELD, nobody told" if one.held else "told"
    left = hours_left(one.deadline, handover.made)
    return f"{one.reference}  {one.type.replace('_', ' ')}  until {due}  hours left: {left}  {state}"


def _open(handover: Handover, one: Open) -> str:
    return f"{one.reference}  {one.urgency}  {one.reason}  for {lasted(one.received, handover.made)}"


def local(handover: Handover, at: datetime) -> str:
    """With the zone's name, which alone tells the two half past ones of an October night apart."""
    return f"{at.astimezone(handover.zone):%d %b %H:%M %Z}"


def lasted(start: datetime, end: datetime) -> str:
    """`4 s`, `12 min`, `3 h 05 min`."""
    seconds = max(int((end - start).total_seconds()), 0)
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"
