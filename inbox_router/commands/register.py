"""`inbox-router register`: the cases of a register, and what came of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from inbox_router.commands.audit import one_message
from inbox_router.commands.failures import DOES_NOT_HOLD, WRONG, Failure
from inbox_router.commands.options import config, config_option, open_journal
from inbox_router.commands.recording import consulted, writing_journal
from inbox_router.commands.sheets import Table, write_sheets
from inbox_router.commands.terminal import Terminal, counted, listed, visible
from inbox_router.core.cases import Case, Entry, Register, cases
from inbox_router.core.register_table import COLUMNS, rows
from inbox_router.edges.journal import Journal
from inbox_router.files.config import Config

_WHICH = click.argument("name", metavar="REGISTER", type=click.Choice([each.value for each in Register]))


@click.group()
def register() -> None:
    """The registers of recalls and of Crimestoppers reports: one row a case."""


@register.command()
@config_option
@_WHICH
@click.option("--all", "everything", is_flag=True, help="The closed cases too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a case.")
def show(name: str, *, everything: bool, as_json: bool) -> None:
    """Prints the open cases, the oldest first. Recorded in the audit log as a consultation."""
    settings, chosen = config(), Register(name)
    with open_journal(settings) as journal:
        found = [each for each in _cases(settings, journal, chosen) if everything or each.closed is None]
    table = _table(settings, chosen, found)
    terminal = Terminal()
    if as_json:
        for row in table[1:]:
            terminal.line(json.dumps(dict(zip(table[0], row, strict=True))))
    elif found:
        header = [terminal.ink(each, "dim") for each in table[0]]
        terminal.table([header, *([terminal.ink(each) for each in row] for row in table[1:])], indent=0)
    else:
        terminal.line("No case is open." if not everything else "There is no case.")
    if unrecorded := consulted(settings, None, f"{name} register shown"):
        click.echo(unrecorded, err=True)


@register.command()
@config_option
@_WHICH
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(name: str, file: Path) -> None:
    """Writes every case, the closed ones too, to FILE: .csv or .xlsx. Recorded as a consultation."""
    settings, chosen = config(), Register(name)
    with open_journal(settings) as journal:
        found = _cases(settings, journal, chosen)
    write_sheets(file, {f"{name} register": _table(settings, chosen, found)})
    click.echo(f"{counted(len(found), 'case')} written to {file}.")
    if unrecorded := consulted(settings, None, f"{name} register exported"):
        click.echo(unrecorded, err=True)


@register.command()
@config_option
@_WHICH
@click.argument("reference")
@click.option("--outcome", required=True, help="What came of the case, in one of the configured phrases.")
@click.option("--close/--open", "closes", required=True, help="Whether the case is over with it.")
@click.option("--as", "by", required=True, help="Who enters it, as the force knows them: a collar number or a name.")
def update(name: str, reference: str, outcome: str, by: str, *, closes: bool) -> None:
    """Enters what came of the case that REFERENCE belongs to; the entry is audited."""
    settings, chosen, now = config(), Register(name), datetime.now(UTC)
    allowed = settings.cases.outcomes[chosen]
    if outcome not in allowed:
        raise Failure(f"{visible(outcome)!r} is not an outcome of this register. It has: {listed(allowed)}.", WRONG)
    if not by.strip():
        raise Failure("Nobody can enter anything without a name: --as NAME.", WRONG)
    with writing_journal(settings) as journal:
        message = one_message(journal, reference)
        case = next((each for each in _cases(settings, journal, chosen) if message in each.messages), None)
        if case is None:
            raise Failure(f"{visible(reference)} is in no case of the {name} register.", DOES_NOT_HOLD)
        journal.enter(Entry(message=message, at=now, by=by, outcome=outcome, closes=closes), chosen, now)
    click.echo(f"{case.reference}: {outcome}, {'closed' if closes else 'open'}, entered by {visible(by)}.")


def _cases(settings: Config, journal: Journal, chosen: Register) -> tuple[Case, ...]:
    clocks = settings.cases.clocks if chosen is Register.RECALL else None
    return cases(chosen, journal.filings(chosen), journal.entries(), clocks)


def _table(settings: Config, chosen: Register, found: tuple[Case, ...] | list[Case]) -> Table:
    names = {address.lower(): name for name, address in settings.mailboxes.items()}
    cells = rows(
        chosen,
        found,
        zone=settings.timezone,
        now=datetime.now(UTC),
        named=lambda address: names.get(address.lower(), address),
    )
    return [tuple(COLUMNS[chosen]), *cells]
