"""`inbox-router held`: what waits for a person to decide."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from inbox_router.commands.audit import one_message
from inbox_router.commands.options import config, config_option, open_journal
from inbox_router.commands.terminal import PRIORITY_STYLES, Terminal, age, counted, listed
from inbox_router.core.decision import Decision, HoldReason
from inbox_router.edges.journal import HeldItem, MessageRecord

CONCEALED = frozenset({HoldReason.OVER_CLASSIFIED, HoldReason.CONFIDENTIAL_SOURCE})
"""Of these nothing is shown but that they are there: their words must not stand on a screen or in a shell's history."""


@click.group()
def held() -> None:
    """Messages that are held for a person to decide."""


@held.command(name="list")
@config_option
def list_held() -> None:
    """The most urgent first, then the oldest."""
    terminal = Terminal()
    with open_journal(config()) as journal:
        items = journal.held()
    if not items:
        terminal.line("Nothing is held.")
        return
    now = datetime.now(UTC)
    terminal.table([_row(terminal, item, now) for item in items], indent=0)
    terminal.line()
    terminal.line(
        terminal.ink(f"{counted(len(items), 'message')} held. One of them: inbox-router held show REFERENCE", "dim")
    )


@held.command()
@config_option
@click.argument("reference")
def show(reference: str) -> None:
    """One message: why it is held, what it would have been, and what was seen in it."""
    terminal = Terminal()
    with open_journal(config()) as journal:
        record = journal.message(one_message(journal, reference))
    if record is not None:
        _show(terminal, record)


def _row(terminal: Terminal, item: HeldItem, now: datetime) -> list[str]:
    name = item.reference or f"#{item.message_id}"
    reason = item.reason.value.replace("_", " ") if item.reason else "not delivered"
    return [
        terminal.ink(item.urgency.value, *PRIORITY_STYLES[item.urgency]),
        terminal.ink(name, "bold"),
        terminal.ink(age(now, item.received)),
        terminal.ink(reason, "magenta"),
        terminal.ink(item.because),
    ]


def _show(terminal: Terminal, record: MessageRecord) -> None:
    decision = record.decision
    rows = [
        ("message", f"#{record.id}  {record.sha256}"),
        ("received", f"{record.received:%Y-%m-%d %H:%M:%S} UTC"),
        ("state", record.state.value),
        ("in the mailbox", record.now_folder or "nobody can say"),
    ]
    if decision is not None:
        rows += [
            ("reason", decision.hold_reason.value if decision.hold_reason else "not delivered"),
            ("because", decision.because),
        ]
    terminal.table([[terminal.ink(name, "dim"), terminal.ink(value)] for name, value in rows], indent=0)
    if decision is not None and decision.hold_reason not in CONCEALED:
        _show_claims(terminal, decision)
    if record.deliveries:
        terminal.heading("What was sent about it")
        terminal.table(
            [
                [
                    terminal.ink(each.state.value),
                    terminal.ink(each.kind),
                    each.recipient,
                    terminal.ink(each.reply, "dim"),
                ]
                for each in record.deliveries
            ]
        )


def _show_claims(terminal: Terminal, decision: Decision) -> None:
    if decision.claims:
        terminal.heading("What it would have been")
        for claim in decision.claims:
            to = listed(each.mailbox for each in claim.destinations)
            kind = " / ".join(word for word in (claim.category, claim.type) if word)
            whither = f", to {to}" if to else ""
            terminal.wrapped(f"{claim.priority or 'routine'} {kind}{whither} (rule {claim.rule})")
    if decision.evidence:
        terminal.heading("What was seen")
        seen = decision.evidence
        terminal.table(
            [[terminal.ink(one.fact), terminal.ink(one.part, "dim"), terminal.ink(one.text)] for one in seen]
        )
