"""`inbox-router handover`: what the next shift has to know of the one that ended."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import click

from inbox_router.commands.failures import WRONG, Failure
from inbox_router.commands.options import config, config_option, open_journal
from inbox_router.commands.recording import writing_journal
from inbox_router.commands.terminal import listed, visible
from inbox_router.core.audit import Action, Head, Occurrence
from inbox_router.core.handover import Handover, Open, compile_handover
from inbox_router.core.handover_page import as_page, as_text
from inbox_router.core.shifts import Watch, just_ended, watch
from inbox_router.edges.journal import PROGRAM, HeldItem, Journal
from inbox_router.files.config import Config

_PAGE = "handover.html"


@click.group(invoke_without_command=True)
@config_option
@click.option("--shift", help="The name of a shift. Without it the one that ended last.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day on which that shift started.")
@click.option("--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write a page to this file.")
@click.pass_context
def handover(context: click.Context, shift: str | None, day: datetime | None, page: Path | None) -> None:
    """The handover of the shift that just ended: how its mail adds up, what is urgent, held, open, and who did what."""
    if context.invoked_subcommand is not None:
        return
    settings, now = config(), datetime.now(UTC)
    chosen = _watch(settings, shift, day.date() if day else None, now)
    with open_journal(settings) as journal:
        made = _compiled(settings, journal, chosen, now)
    if page is None:
        click.echo(visible(as_text(made, force=settings.force.name)))
        return
    template = files("inbox_router.pages").joinpath(_PAGE).read_text(encoding="utf-8")
    page.write_text(as_page(made, force=settings.force.name, template=template), encoding="utf-8")
    click.echo(f"{made.sums()}. Written to {page}.")


@handover.command()
@config_option
@click.option("--as", "name", required=True, help="Who signs, as the force knows them: a collar number or a name.")
@click.option("--shift", help="The name of a shift. Without it the one that ended last.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day on which that shift started.")
@click.option("--incoming", is_flag=True, help="Signs as the officer who takes over, not the one who hands over.")
def sign(name: str, shift: str | None, day: datetime | None, *, incoming: bool) -> None:
    """Records in the audit log that a person handed a shift over, or took it over."""
    settings, now = config(), datetime.now(UTC)
    chosen = _watch(settings, shift, day.date() if day else None, now)
    if not name.strip():
        raise Failure("Nobody can sign without a name: --as NAME.", WRONG)
    how = "taken over" if incoming else "handed over"
    with writing_journal(settings) as journal:
        sequence, _ = journal.head()
        done = Occurrence(
            action=Action.SIGNED,
            actor=name,
            outcome=f"{how}: {chosen}",
            detail={"count": sequence, "note": "the log up to that entry"},
        )
        journal.record([done], now)
        number, digest = journal.head()
    click.echo(f"{visible(name)} has {how} {chosen}. The audit log now ends with {number} {digest}")


def _compiled(settings: Config, journal: Journal, chosen: Watch, now: datetime) -> Handover:
    sequence, digest = journal.head()
    return compile_handover(
        chosen,
        journal.arrived(chosen.start, chosen.end),
        map(_open, journal.held()),
        journal.events(since=chosen.start, until=chosen.end),
        zone=settings.timezone,
        head=Head(instance=journal.instance, sequence=sequence, digest=digest),
        made=now,
        program=PROGRAM,
    )


def _open(item: HeldItem) -> Open:
    reason = item.reason.value.replace("_", " ") if item.reason else f"not delivered to {listed(item.refused)}"
    return Open(
        reference=item.reference or f"#{item.message_id}",
        received=item.received,
        urgency=item.urgency.value,
        reason=reason,
    )


def _watch(settings: Config, name: str | None, day: date | None, now: datetime) -> Watch:
    if not settings.shifts:
        raise Failure("The configuration names no shifts: add them under `shifts:`.", WRONG)
    shifts = [shift for shift in settings.shifts if name in (None, shift.name)]
    if not shifts:
        known = listed(shift.name for shift in settings.shifts)
        raise Failure(f"There is no shift {name!r}: the configuration names {known}.", WRONG)
    if day is None:
        return just_ended(shifts, settings.timezone, now)
    if name is None:
        raise Failure("A date names three shifts: say which with --shift NAME.", WRONG)
    chosen = watch(shifts[0], day, settings.timezone)
    if chosen.start > now:
        raise Failure(f"{chosen} has not begun yet.", WRONG)
    return chosen
