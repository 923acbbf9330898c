"""`inbox-router rules versions`: which rules were in force when, and what changed from one set to the next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from inbox_router.commands.audit import moment
from inbox_router.commands.failures import WRONG, Failure
from inbox_router.commands.options import config, config_option, open_journal
from inbox_router.commands.terminal import Terminal
from inbox_router.core.kept_rules import Differences, Installed, differences
from inbox_router.edges.journal import Journal

FEWEST_DIGITS = 4
"""Of a version: fewer would mean too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A set that came into force or was refused, and how it differs from the one in force before."""

    installed: Installed
    differs: Differences | None
    """None for the first, and for one that was refused."""


@click.command()
@config_option
@click.option(
    "--since", help="Only from then on: a moment (2026-11-30 or 2026-11-30T08:00, UTC) or how long ago (30d)."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a set, for programs.")
def versions(since: str | None, *, as_json: bool) -> None:
    """Every set of rules that was in force, the newest first: when it came, and which files changed with it.

    Each is kept with the content of its files: `inbox-router rules explain --rules VERSION MESSAGE` goes by it.
    """
    first = moment(since, datetime.now(UTC)) if since else None
    with open_journal(config()) as journal:
        found = [step for step in steps(journal.rule_sets()) if first is None or step.installed.at >= first]
    if as_json:
        for step in found:
            click.echo(json.dumps(_as_object(step), ensure_ascii=True))
        return
    terminal = Terminal()
    rows = [_row(terminal, step) for step in reversed(found)]
    terminal.table(rows, indent=0)
    if not rows:
        terminal.line("No set of rules is kept of that time.")


def steps(sets: list[Installed]) -> Iterator[Step]:
    """The oldest first."""
    before: Installed | None = None
    for one in sets:
        if one.refused or before is None:
            yield Step(installed=one, differs=None)
        else:
            mailboxes = dict(one.mailboxes) != dict(before.mailboxes)
            yield Step(installed=one, differs=differences(before.files, one.files, mailboxes=mailboxes))
        before = before if one.refused else one


def chosen_set(journal: Journal, version: str) -> Installed:
    """The set whose digest begins with `version`. Raises Failure where there is none, or more than one."""
    start = version.strip().lower()
    if len(start) < FEWEST_DIGITS:
        raise Failure(f"Give at least {FEWEST_DIGITS} digits of the version; see: inbox-router rules versions", WRONG)
    sets = [one for one in journal.rule_sets() if not one.refused and one.version.startswith(start)]
    if not sets:
        raise Failure(
            f"No set of rules is kept whose version begins with {start!r}; see: inbox-router rules versions", WRONG
        )
    if len({one.version for one in sets}) > 1:
        raise Failure(f"More than one version begins with {start!r}: give more digits.", WRONG)
    return sets[-1]


def _row(terminal: Terminal, step: Step) -> list[str]:
    one = step.installed
    when = terminal.ink(f"{one.at:%Y-%m-%d %H:%M:%S} UTC")
    if one.refused:
        said = f"a set was refused, {one.version[:12]} stayed in force: {one.refused}"
        return [when, terminal.ink("refused", "red"), terminal.ink(said)]
    said = "the first that is kept" if step.differs is None else _said(step.differs)
    return [when, terminal.ink(one.version[:12], "bold"), terminal.ink(said)]


def _said(differs: Differences) -> str:
    return "the same again" if not differs.files and not differs.mailboxes else str(differs)


def _as_object(step: Step) -> dict[str, object]:
    one, differs = step.installed, step.differs
    return {
        "version": one.version,
        "at": one.at.isoformat(),
        "refused": one.refused,
        "files": len(one.files),
        **(
            {
                "added": list(differs.added),
                "changed": list(differs.changed),
                "removed": list(differs.removed),
                "mailboxes changed": differs.mailboxes,
            }
            if differs
            else {}
        ),
    }
