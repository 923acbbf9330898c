"""`inbox-router handover`: what the next shift has to know of the one that ended."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import click

from inbox_router.commands.failures import WRONG, Failure
from inbox_router.commands.options import config, config_option, open_journal
from inbox_router.commands.recording import consulted, writing_journal
from inbox_router.commands.sheets import write_sheets
from inbox_router.commands.terminal import listed, visible
from inbox_router.core.audit import Action, Occurrence
from inbox_router.core.handover_page import as_text
from inbox_router.core.handover_sheets import sheets as tables
from inbox_router.core.shifts import Watch, just_ended, watch
from inbox_router.files.config import Config
from inbox_router.service.handing_over import handover_of, page_of


@click.group(invoke_without_command=True)
@config_option
@click.option("--shift", help="The name of a shift. Without it the one that ended last.")
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day on which that shift started.")
@click.option("--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write a page to this file.")
@click.option(
    "--sheets", type=click.Path(path_type=Path, dir_okay=False), help="Write tables to this file: .xlsx or .csv."
)
@click.pass_context
def handover(
    context: click.Context, shift: str | None, day: datetime | None, page: Path | None, sheets: Path | None
) -> None:
    """The handover of the shift that just ended: how its mail adds up, what is urgent, held, open, and who did what."""
    if context.invoked_subcommand is not None:
        return
    settings, now = config(), datetime.now(UTC)
    chosen = _watch(settings, shift, day.date() if day else None, now)
    with open_journal(settings) as journal:
        made = handover_of(settings, journal, chosen, now)
    if page is not None:
        page.write_text(page_of(made, settings.force.name), encoding="utf-8")
    if sheets is not None:
        write_sheets(sheets, tables(made, force=settings.force.name))
    written = [str(path) for path in (page, sheets) if path is not None]
    if written:
        click.echo(f"{made.sums()}. Written to {listed(written)}.")
    else:
        click.echo(visible(as_text(made, force=settings.force.name)))
    if unrecorded := consulted(settings, None, f"handover of {chosen}"):
        click.echo(unrecorded, err=True)


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
