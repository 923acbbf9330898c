"""`inbox-router rules check`: every problem of every rule file, and what a colleague would say of the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import click

from inbox_router.commands.failures import DOES_NOT_HOLD, WRONG
from inbox_router.commands.options import config, config_option
from inbox_router.commands.terminal import Terminal, counted
from inbox_router.core.advice import Advice, History
from inbox_router.core.explain import printable
from inbox_router.edges.attachments import Extractor
from inbox_router.edges.journal import Journal, JournalError
from inbox_router.files.config import Config
from inbox_router.files.problems import Problem, Problems
from inbox_router.workbench import Checked, check_rules

DAYS = 90
"""How far back the journal is asked what the rules did."""


class Format(StrEnum):
    PEOPLE = "people"
    JSON = "json"
    CI = "ci"


@click.command()
@config_option
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Format]),
    default=Format.PEOPLE.value,
    help="For people; as one JSON object, for editors; or one line each as compilers write them, for CI.",
)
@click.option("--strict", is_flag=True, help="Exit status 1 where there is a warning.")
def check(form: str, *, strict: bool) -> None:
    """Read every rule file and name every problem with its line and column, then what a colleague would warn of.

    What the rules did in the last 90 days is read from the journal, where there is one. Exit status 2 where there is a
    problem.
    """
    report = _REPORTS[Format(form)]
    try:
        settings = config()
        now = datetime.now(UTC)
        told, history = _history(settings, now)
        with Extractor() as extractor:
            checked = check_rules(settings, extractor, now=now, history=history)
    except Problems as problems:
        if form == Format.PEOPLE:
            raise
        report(problems.problems, None, "")
        raise SystemExit(WRONG) from problems
    report((), checked, told)
    if strict and checked.advice:
        raise SystemExit(DOES_NOT_HOLD)


def _history(settings: Config, now: datetime) -> tuple[str, History | None]:
    """What is known of the last days and what to say of it: a check of rules never fails for want of a journal."""
    path = settings.journal.path
    if not path.exists():
        return f"There is no journal at {path} yet, so nothing is said of what the rules did with mail.", None
    since = now - timedelta(days=DAYS)
    try:
        with Journal.open(path, read_only=True) as journal:
            counts = journal.rule_counts(since)
    except JournalError as error:
        return f"Nothing is said of what the rules did with mail: {error}", None
    history = History(
        days=DAYS,
        whole=counts.first is not None and counts.first <= since,
        messages=counts.messages,
        by_rule=counts.by_rule,
    )
    shorter = "" if history.whole else f"; it does not reach back {DAYS} days, so no rule is said to be unused"
    return f"The journal holds {counted(counts.messages, 'message')} of the last {DAYS} days{shorter}.", history


def _for_people(_problems: Sequence[Problem], checked: Checked | None, told: str) -> None:
    assert checked is not None  # noqa: S101 - problems are raised: they go to standard error like those of any command
    terminal = Terminal()
    for one in checked.advice:
        terminal.line(terminal.ink("warning ", "yellow"), terminal.ink(printable(str(one))))
    ruleset = checked.index.ruleset
    counts = f"{counted(len(ruleset.rules), 'rule')} and {counted(len(checked.index.phrases), 'phrase')}"
    warnings = f", {counted(len(checked.advice), 'warning')}" if checked.advice else ""
    terminal.line(f"{counts} in {checked.folder}: no problem found{warnings}.")
    terminal.line(terminal.ink(told))
    terminal.line(f"Rules version {checked.index.version[:12]}.")


def _for_editors(problems: Sequence[Problem], checked: Checked | None, told: str) -> None:
    found = {
        "problems": [_as_object(one, "error", "problem") for one in problems],
        "warnings": [_as_object(one, "warning", one.kind) for one in checked.advice] if checked else [],
        "rules": len(checked.index.ruleset.rules) if checked else None,
        "version": checked.index.version if checked else None,
        "history": told,
    }
    click.echo(json.dumps(found, ensure_ascii=True, indent=1))


def _for_ci(problems: Sequence[Problem], checked: Checked | None, _told: str) -> None:
    """The form of compilers' messages, which whatever runs checks can read."""
    warnings = checked.advice if checked else ()
    for problem in problems:
        click.echo(f"{problem.where}: error: {printable(_sentence(problem))}")
    for one in warnings:
        click.echo(f"{one.where}: warning: {printable(_sentence(one))} [{one.kind}]")
    click.echo(f"{counted(len(problems), 'error')}, {counted(len(warnings), 'warning')}")


def _as_object(one: Problem | Advice, severity: str, code: str) -> Mapping[str, object]:
    place = {"file": one.where.file, "line": one.where.line, "column": one.where.column}
    return {**place, "severity": severity, "code": str(code), "message": one.message, "hint": one.hint}


def _sentence(one: Problem | Advice) -> str:
    return one.message + (f" - {one.hint}" if one.hint else "")


_REPORTS: Mapping[Format, Callable[[Sequence[Problem], Checked | None, str], None]] = {
    Format.PEOPLE: _for_people,
    Format.JSON: _for_editors,
    Format.CI: _for_ci,
}
