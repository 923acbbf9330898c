"""`inbox-router audit`: what the log says, and whether it is whole."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from inbox_router.audit_mirror import LEVELS, event_fields
from inbox_router.commands.failures import DOES_NOT_HOLD, Failure
from inbox_router.commands.options import config, config_option, open_journal
from inbox_router.commands.recording import consulted
from inbox_router.commands.terminal import Terminal, counted, listed
from inbox_router.core.audit import Event, Head
from inbox_router.core.spreadsheet_cell import cell
from inbox_router.core.trace import trace
from inbox_router.core.verification import verify
from inbox_router.edges.journal import Journal

_AGO = {"m": "minutes", "h": "hours", "d": "days"}
_LEVEL_STYLES = {"error": ("bold", "red"), "warning": ("yellow",)}
_SHOWN_DETAILS = ("category", "type", "priority", "hold_reason", "folder", "incident", "reply", "note", "reason")


@click.group()
def audit() -> None:
    """The audit log: who did what with which message, and when."""


@audit.command()
@config_option
@click.option("--since", help="A moment (2026-11-30 or 2026-11-30T08:00, UTC) or how long ago (30m, 8h, 7d).")
@click.option("--message", help="Of one message: its reference, its number, or the start of its SHA-256.")
@click.option("--category", help="Of messages decided to be of this category: prison_recall.")
@click.option("--until", help="A moment or how long ago, as for --since; not included.")
@click.option("--action", help="One kind of entry: disclosure, alarm, signed.")
@click.option("--rule", help="Of this rule.")
@click.option("--outcome", help="With this outcome: route, hold, accepted, moved.")
@click.option("--actor", help="Done by this person, or program and version.")
@click.option("--to", "recipient", help="With this mailbox, by its address, among its recipients.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--csv", "as_csv", is_flag=True, help="A table for a spreadsheet, which cannot compute anything in it.")
def show(
    since: str | None,
    until: str | None,
    message: str | None,
    category: str | None,
    *,
    as_json: bool,
    as_csv: bool,
    **wanted: str | None,
) -> None:
    """Prints events, the oldest first."""
    now = datetime.now(UTC)
    with open_journal(config()) as journal:
        number = one_message(journal, message) if message else None
        found = journal.events(
            since=moment(since, now) if since else None,
            until=moment(until, now) if until else None,
            message=number,
            category=category,
        )
        chosen = (event for event in found if _is_wanted(event, wanted))
        if as_csv:
            _print_table(chosen)
            return
        terminal = Terminal()
        for event in chosen:
            if as_json:
                terminal.line(json.dumps({"event": event.action.value} | event_fields(event), default=str))
            else:
                _print(terminal, event)


@audit.command(name="trace")
@config_option
@click.argument("message")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def trace_message(message: str, *, as_json: bool) -> None:
    """Tells one message's whole life, with the time between its steps. Recorded as a consultation."""
    settings = config()
    with open_journal(settings) as journal:
        number = one_message(journal, message)
        steps = list(trace(journal.events(message=number)))
    terminal = Terminal()
    for step in steps:
        if as_json:
            seconds = step.after.total_seconds()
            terminal.line(json.dumps(asdict(step) | {"after": seconds}, default=datetime.isoformat))
        else:
            after = f"+{step.after.total_seconds():.1f} s" if step.sequence != steps[0].sequence else ""
            terminal.line(
                terminal.ink(f"{step.sequence:>6}  {step.at:%Y-%m-%d %H:%M:%S} UTC  {after:>10}  ", "dim"),
                terminal.ink(step.text),
            )
    if unrecorded := consulted(settings, number, "traced in the audit log"):
        click.echo(unrecorded, err=True)


@audit.command(name="verify")
@config_option
@click.option("--head", "noted", help='A head that was noted earlier and kept elsewhere: "NUMBER DIGEST".')
def verify_log(noted: str | None) -> None:
    """Checks that nothing in the log was changed, taken out, put in, moved or cut off."""
    terminal = Terminal()
    with open_journal(config()) as journal:
        heads = [noted_head(noted, journal.instance)] if noted else []
        found = verify(journal.events(), noted=heads)
    last = f"{found.head.sequence} {found.head.digest}" if found.head else "none"
    if found.fault is not None:
        raise Failure(
            f"The audit log is not whole: {found.fault.kind} at entry {found.fault.sequence}. {found.fault.text}\n"
            f"Good before it: {counted(found.entries, 'entry', 'entries')}; last good head: {last}",
            DOES_NOT_HOLD,
        )
    terminal.line(terminal.ink("whole", "bold", "green"), f"  {counted(found.entries, 'entry', 'entries')}")
    terminal.line(f"head   {last}")
    if not noted:
        terminal.wrapped(
            "Keep the head elsewhere; `audit verify --head` then shows whether the tail was cut off.", 0, "dim"
        )


def _is_wanted(event: Event, wanted: Mapping[str, str | None]) -> bool:
    """Whether the event is what every option that was given asks for."""
    fields = {"action": event.action.value, "rule": event.rule, "outcome": event.outcome, "actor": event.actor}
    recipient = wanted["recipient"]
    return all(wanted[name] in (None, value) for name, value in fields.items()) and (
        recipient is None or recipient.lower() in (each.lower() for each in event.recipients)
    )


_COLUMNS = ("sequence", "at", "action", "actor", "message", "sha256", "rule", "rules_version", "recipients", "outcome")


def _print_table(events: Iterable[Event]) -> None:
    table = csv.writer(sys.stdout, lineterminator="\r\n")
    table.writerow([*_COLUMNS, "detail", "digest"])
    for event in events:
        values = {**asdict(event), "at": event.at.isoformat(), "recipients": " ".join(event.recipients)}
        detail = "; ".join(f"{name}: {value}" for name, value in event.detail.items())
        cells = [*(values[name] for name in _COLUMNS), detail, event.digest]
        table.writerow([cell("" if value is None else str(value)) for value in cells])


def noted_head(text: str, instance: str) -> Head:
    number, _, digest = text.strip().partition(" ")
    if not number.isdigit() or not digest:
        raise click.BadParameter(f"{text!r} is no head: give number and digest, as `audit verify` prints them")
    return Head(instance=instance, sequence=int(number), digest=digest.strip())


def one_message(journal: Journal, text: str) -> int:
    """The number of the message that the text means. Raises Failure where it means none, or several."""
    found = journal.find(text)
    if len(found) == 1:
        return found[0]
    if not found:
        raise Failure(f"No message is known by {text!r}: give its reference, its number or its SHA-256.", DOES_NOT_HOLD)
    raise Failure(
        f"{text!r} means {len(found)} messages ({listed(map(str, found))}): give the number of one.", DOES_NOT_HOLD
    )


def moment(text: str, now: datetime) -> datetime:
    """`8h`, or an ISO 8601 date or time, which is UTC where it names no zone."""
    number, unit = text[:-1], text[-1:]
    if number.isdigit() and unit in _AGO:
        return now - timedelta(**{_AGO[unit]: int(number)})
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is neither a moment (2026-11-30T08:00) nor a time ago (8h, 7d)") from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def _print(terminal: Terminal, event: Event) -> None:
    style = _LEVEL_STYLES.get(LEVELS.get(event.action, "info"), ())
    details = [str(event.detail[name]) for name in _SHOWN_DETAILS if name in event.detail]
    said = [event.outcome, *details, *(["to " + listed(event.recipients)] if event.recipients else []), event.rule]
    terminal.line(
        terminal.ink(f"{event.sequence:>6}  {event.at:%Y-%m-%d %H:%M:%S}  ", "dim"),
        terminal.ink(f"{event.action.value:<13}", *style),
        terminal.ink(f"{'#' + str(event.message) if event.message else '':<6}", "cyan"),
        terminal.ink("  ".join(part for part in said if part)),
    )
