"""A register as a table: the same columns on a terminal, in a spreadsheet and in a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from inbox_router.core.cases import Case, Register

COLUMNS: Mapping[Register, Sequence[str]] = {
    Register.CRIMESTOPPERS: (
        *("reference", "received", "risk", "division told", "when", "how", "acknowledged", "outcome", "closed"),
        "messages",
    ),
    Register.RECALL: (
        *("reference", "type", "received", "deadline", "hours left", "division told", "sent", "acknowledged"),
        *("outcome", "closed", "messages"),
    ),
}


def rows(
    register: Register,
    cases: Iterable[Case],
    *,
    zone: ZoneInfo,
    now: datetime,
    named: Callable[[str], str] = str,
) -> Iterator[tuple[str, ...]]:
    """The cells of each case, in the order of COLUMNS. `named` gives the name of the mailbox that has an address."""
    for case in cases:
        cells = _cells(case, zone, now, named)
        yield tuple(cells[column] for column in COLUMNS[register])


def _cells(case: Case, zone: ZoneInfo, now: datetime, named: Callable[[str], str]) -> dict[str, str]:
    def local(at: datetime | None) -> str:
        """With the zone's name, which alone tells the two half past ones of an October night apart."""
        return "" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"

    return {
        "reference": case.reference,
        "received": local(case.received),
        "type": case.type.replace("_", " "),
        "risk": "high" if case.urgent else "standard",
        "division told": ", ".join(named(each.recipient) for each in case.told) or _nobody(case),
        "when": local(case.sent),
        "sent": local(case.sent),
        "how": "mail" if case.told else "",
        "acknowledged": local(case.acknowledged),
        "deadline": local(case.deadline),
        "hours left": hours_left(case.deadline, now),
        "outcome": case.outcome,
        "closed": local(case.closed),
        "messages": str(len(case.messages)),
    }


def hours_left(deadline: datetime | None, now: datetime) -> str:
    """Whole hours, rounded down; `over by 3` where the deadline has passed."""
    if deadline is None:
        return ""
    left = deadline - now
    return f"over by {-left // timedelta(hours=1)}" if left < timedelta() else str(left // timedelta(hours=1))


def _nobody(case: Case) -> str:
    return "nobody yet: held for a person" if case.held else "nobody yet"
