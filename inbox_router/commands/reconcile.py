"""`inbox-router reconcile`: whether every message in the mailbox is one that the journal accounts for."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click

from inbox_router.commands.audit import moment
from inbox_router.commands.failures import DOES_NOT_HOLD, NOT_NOW, Failure
from inbox_router.commands.options import config, config_option, open_journal
from inbox_router.commands.terminal import Terminal, counted
from inbox_router.core.reconcile import Reconciliation
from inbox_router.edges.imap import MailboxError
from inbox_router.files.config import SecretError
from inbox_router.service.reconciling import reconcile_now


@click.command()
@config_option
@click.option("--since", help="Only what arrived since: 2026-11-30, 2026-11-30T08:00 (UTC) or 30m, 8h, 7d ago.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def reconcile(context: click.Context, since: str | None, *, as_json: bool) -> None:
    """Compares every message in the inbox and its folders with the journal; changes neither.

    Exit status 1 where a message is in the mailbox that the journal does not account for.
    """
    settings = config()
    with open_journal(settings) as journal:
        start = moment(since, datetime.now(UTC)) if since else None
        try:
            found = reconcile_now(settings, journal, start)
        except (MailboxError, SecretError) as error:
            raise Failure(f"The mailbox cannot be read now. {error}", NOT_NOW) from error
    if as_json:
        click.echo(json.dumps({"sum": str(found), **asdict(found)}, default=datetime.isoformat))
    else:
        _print(found)
    if found.unaccounted:
        context.exit(DOES_NOT_HOLD)


def _print(found: Reconciliation) -> None:
    terminal = Terminal()
    terminal.line(terminal.ink(str(found), "bold", *(("red",) if found.unaccounted else ())))
    for one in found.unaccounted:
        arrived = f", arrived {one.arrived:%Y-%m-%d %H:%M} UTC" if one.arrived else ""
        terminal.line(
            terminal.ink(f"  unaccounted  {one.folder}, UID {one.uid}{arrived}, SHA-256 {one.sha256[:12] or 'unknown'}")
        )
    for moved in found.moved:
        where = f"found in {moved.found}" if moved.found else "in none of the folders; the journal has its octets"
        said = moved.said or "a place that nobody could tell"
        terminal.line(terminal.ink(f"  moved        #{moved.message}: filed in {said}, {where}"))
    if found.older:
        terminal.line(terminal.ink(f"  {counted(found.older, 'message')} in the folders older than the journal", "dim"))
