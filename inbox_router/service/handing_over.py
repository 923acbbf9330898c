"""The handover of a shift, compiled from the journal; and sent by itself when the shift has ended."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from inbox_router.core.audit import Head
from inbox_router.core.cases import Register, cases
from inbox_router.core.compose import Originator, report
from inbox_router.core.delivery import Submission
from inbox_router.core.handover import Handover, Open, compile_handover
from inbox_router.core.handover_page import as_page, in_short
from inbox_router.core.outgoing import File
from inbox_router.core.shifts import Watch
from inbox_router.core.templates import Templates
from inbox_router.edges.journal import PROGRAM, HeldItem, Journal
from inbox_router.files.config import Config

_PAGE = "handover.html"


def handover_of(settings: Config, journal: Journal, chosen: Watch, now: datetime) -> Handover:
    """How the shift stands `now`: what was held and open is told as it is, what arrived is the shift's own."""
    sequence, digest = journal.head()
    recalls = cases(Register.RECALL, journal.filings(Register.RECALL), journal.entries(), settings.cases.clocks)
    return compile_handover(
        chosen,
        journal.arrived(chosen.start, chosen.end),
        map(_open, journal.held()),
        journal.events(since=chosen.start, until=chosen.end),
        recalls,
        zone=settings.timezone,
        head=Head(instance=journal.instance, sequence=sequence, digest=digest),
        made=now,
        program=PROGRAM,
    )


def page_of(handover: Handover, force: str) -> str:
    template = files("inbox_router.pages").joinpath(_PAGE).read_text(encoding="utf-8")
    return as_page(handover, force=force, template=template)


def handover_mail(
    settings: Config, handover: Handover, originator: Originator, templates: Templates, now: datetime
) -> Submission:
    """The handover on its way to the mailbox that gets them: in short, with the whole page attached.

    Of one shift it always has the same Message-ID, so that however often it is queued it is sent once.
    """
    page = File(
        name=f"handover-{handover.watch.day.isoformat()}-{_plain(handover.watch.name)}.html",
        octets=page_of(handover, settings.force.name).encode(),
    )
    return report(
        f"Handover: {handover.watch.name} shift of {handover.watch.day:%A %d %B %Y}",
        in_short(handover),
        to=(settings.mailboxes[settings.handover_to],),
        originator=originator,
        templates=templates,
        now=now,
        reference=f"HANDOVER-{handover.watch.day:%y%m%d}",
        identity=f"{handover.head.instance} {handover.watch}",
        attached=page,
    )


def is_due(handover: Watch, began: datetime) -> bool:
    """Not of shifts that ended before there was a service."""
    return handover.end > began


def _plain(name: str) -> str:
    return "".join(character if character.isascii() and character.isalnum() else "-" for character in name)


def _open(item: HeldItem) -> Open:
    reason = item.reason.value.replace("_", " ") if item.reason else f"not delivered to {', '.join(item.refused)}"
    return Open(
        reference=item.reference or f"#{item.message_id}",
        received=item.received,
        urgency=item.urgency.value,
        reason=reason,
    )
