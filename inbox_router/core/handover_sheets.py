"""A handover as tables for a spreadsheet: what the page says, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inbox_router.core.handover import Handover, Note
from inbox_router.core.handover_page import lasted, local, sections
from inbox_router.core.register_table import hours_left

Table = Sequence[Sequence[str]]


def sheets(handover: Handover, *, force: str) -> Mapping[str, Table]:
    """By the name of the sheet; the first row of each names its columns."""
    watch = handover.watch
    summary = [
        ("what", "value"),
        ("force", force),
        ("shift", str(watch)),
        ("from", local(handover, watch.start)),
        ("to", local(handover, watch.end)),
        ("made", local(handover, handover.made)),
        ("sum", handover.sums()),
        ("compared with the mailbox", handover.reconciled.text if handover.reconciled else "not in this shift"),
        ("log ends with entry", str(handover.head.sequence)),
        ("digest", handover.head.digest),
    ]
    categories = [(row.name, str(row.total), *map(str, row.counts)) for row in (*handover.categories, handover.total)]
    return {
        "summary": summary,
        "categories": [("category", "arrived", "routed", "held", "filed", "awaiting"), *categories],
        "hours": [("hour", "arrived"), *((local(handover, start), str(count)) for start, count in handover.hours)],
        "mailboxes": [("mailbox", "messages"), *((name, str(count)) for name, count in handover.recipients)],
        "urgent": _urgent(handover),
        "recalls": _recalls(handover),
        "held": _held(handover),
        **{title[:31]: _notes(handover, notes) for title, notes, _ in sections(handover)},
    }


def _urgent(handover: Handover) -> Table:
    rows = [
        (
            one.reference or f"#{one.message}",
            one.what,
            local(handover, one.received),
            one.standing.value,
            lasted(one.received, one.accepted) if one.accepted else "not sent",
            ", ".join(one.recipients),
        )
        for one in handover.urgent
    ]
    return [("reference", "what", "received", "stands", "sent within", "to"), *rows]


def _recalls(handover: Handover) -> Table:
    rows = [
        (
            case.reference,
            case.type.replace("_", " "),
            local(handover, case.received),
            local(handover, case.deadline) if case.deadline else "",
            hours_left(case.deadline, handover.made),
            "held" if case.held else "told",
        )
        for case in handover.recalls
    ]
    return [("reference", "type", "received", "deadline", "hours left", "stands"), *rows]


def _held(handover: Handover) -> Table:
    rows = [
        (one.reference, one.urgency, one.reason, local(handover, one.received), lasted(one.received, handover.made))
        for one in handover.held
    ]
    return [("reference", "urgency", "reason", "received", "age"), *rows]


def _notes(handover: Handover, notes: Sequence[Note]) -> Table:
    return [("when", "what", "text"), *((local(handover, note.at), note.what, note.text) for note in notes)]
