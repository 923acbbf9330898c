"""`inbox-router status`: whether mail that arrived was accounted for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from inbox_router.commands.failures import DOES_NOT_HOLD
from inbox_router.commands.options import config, config_option, open_journal
from inbox_router.commands.terminal import Terminal, age
from inbox_router.edges.journal import Sums
from inbox_router.service.lock import owner
from inbox_router.service.standing import Standing, read_standing, standing_path

LATE = timedelta(minutes=15)
"""A mailbox that was not read through for so long is not being watched, whatever the process seems to do."""
HANGS = timedelta(minutes=5)
"""A running service says once a minute that it does."""


@click.command()
@config_option
@click.pass_context
def status(context: click.Context) -> None:
    """How the service stands. Exit status 1 where it does not run, or has not read the mailbox for 15 minutes."""
    settings, terminal, now = config(), Terminal(), datetime.now(UTC)
    with open_journal(settings) as journal:
        sums, queue = journal.sums(), journal.awaiting(1)
    waiting = queue[0].received if queue else None
    standing = read_standing(standing_path(settings.journal.path))
    running = owner(settings.journal.path)
    late = standing is None or standing.last_cycle is None or now - standing.last_cycle > LATE
    hangs = standing is not None and standing.written is not None and now - standing.written > HANGS
    rows = [
        ("service", "does not answer: its clock stands still" if running and hangs else _service(running, standing)),
        ("messages", in_words(sums)),
        ("oldest waiting", age(now, waiting) if waiting else "nothing waits"),
        *_cycle_and_rules(standing, now),
    ]
    wrong = {"service"} if running is None or hangs else {"mailbox read"} if late else set()
    for name, text in rows:
        terminal.line(
            terminal.ink(f"{name:<16}", "dim"), terminal.ink(text, *(("bold", "red") if name in wrong else ()))
        )
    if wrong:
        context.exit(DOES_NOT_HOLD)


def _service(running: str | None, standing: Standing | None) -> str:
    if running is None:
        return "not running"
    return f"{running}, mode {standing.mode}, since {standing.started:%Y-%m-%d %H:%M} UTC" if standing else running


def _cycle_and_rules(standing: Standing | None, now: datetime) -> list[tuple[str, str]]:
    if standing is None:
        return [("mailbox read", "never")]
    rows = [
        ("mailbox read", f"{age(now, standing.last_cycle)} ago" if standing.last_cycle else "never"),
        ("rules in force", f"{standing.rules_version[:12]}, since {standing.rules_since:%Y-%m-%d %H:%M:%S} UTC"),
    ]
    if standing.last_reconcile is not None:
        rows.append(("reconciled", f"{age(now, standing.last_reconcile)} ago: {standing.reconciled}"))
    if standing.refused_at is not None:
        first, *others = standing.refused.splitlines()
        more = f" (and {len(others)} more: inbox-router rules check)" if others else ""
        rows.append(("rules refused", f"{standing.refused_at:%Y-%m-%d %H:%M:%S} UTC: {first}{more}"))
    return rows


def in_words(sums: Sums) -> str:
    """`25 arrived = 14 routed + 8 held + 3 filed + 0 awaiting`."""
    observed = f" ({sums.observed} decided, only observed)" if sums.observed else ""
    parts = f"{sums.routed} routed + {sums.held} held + {sums.filed} filed + {sums.awaiting} awaiting"
    return f"{sums.arrived} arrived = {parts}{observed}"
