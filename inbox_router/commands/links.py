"""`inbox-router links`: what else is known about the same person, report or thread."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from inbox_router.commands.audit import one_message
from inbox_router.commands.held import CONCEALED
from inbox_router.commands.options import config, config_option, open_journal
from inbox_router.commands.recording import consulted
from inbox_router.commands.terminal import Terminal, counted, listed
from inbox_router.core.explain import named
from inbox_router.core.linking import SAME_NOTICE
from inbox_router.core.wording import uk_minute
from inbox_router.edges.attachments import Extractor
from inbox_router.edges.journal import Journal, Link, MessageRecord
from inbox_router.files.config import Config
from inbox_router.workbench import MAIL_SUFFIXES, load_index, open_triage


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A linked message, and where it went."""

    link: Link
    record: MessageRecord
    when: str
    """`before`, `after`, or "" beside a file."""

    @property
    def reference(self) -> str:
        return next((each.reference for each in self.record.deliveries if each.reference), f"#{self.record.id}")

    @property
    def kind(self) -> str:
        decision = self.record.decision
        if decision is None or decision.hold_reason in CONCEALED:
            return ""
        return named(decision.category, decision.type)

    @property
    def mailboxes(self) -> list[str]:
        return [place.mailbox for place in self.record.decision.destinations] if self.record.decision else []


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a linked message, for programs.")
@click.argument("message")
def links(message: str, *, as_json: bool) -> None:
    """Earlier and later messages about the same person, report or thread as MESSAGE.

    MESSAGE is a reference, a number, the start of a SHA-256, or an .eml file. What they share is told by its kind
    (prison number, thread), never by its value. Looking is recorded in the audit log as a consultation; where it
    cannot be, a line says so.
    """
    settings = config()
    with open_journal(settings) as journal:
        number, rows = _rows(settings, journal, message)
    note = consulted(settings, number, "links shown")
    if as_json:
        for row in rows:
            click.echo(json.dumps(_as_object(row), ensure_ascii=True))
        if note:
            click.echo(note, err=True)
        return
    _print(rows, note)


def _rows(settings: Config, journal: Journal, message: str) -> tuple[int | None, list[_Row]]:
    """The number of the message in the journal, where it is there, and what is linked with it, the oldest first."""
    path = Path(message)
    if path.suffix.lower() not in MAIL_SUFFIXES or not path.is_file():
        number: int | None = one_message(journal, message)
        found = journal.links(one_message(journal, message))
    else:
        number, found = None, _links_of_file(settings, journal, path)
    rows = []
    for link in found:
        record = journal.message(link.message_id)
        if record is not None:
            when = "" if number is None else "before" if link.message_id < number else "after"
            rows.append(_Row(link=link, record=record, when=when))
    return number, rows


def _links_of_file(settings: Config, journal: Journal, path: Path) -> list[Link]:
    with Extractor() as extractor:
        triage = open_triage(settings, load_index(settings), extractor)
        read = triage.read(path.read_bytes())
    return journal.naming(triage.decide(read).identifiers, read.references)


def _as_object(row: _Row) -> Mapping[str, object]:
    decision = row.record.decision
    return {
        "message": row.record.id,
        "reference": row.reference,
        "when": row.when,
        "received": row.link.received.isoformat(),
        "category": decision.category if decision and row.kind else None,
        "type": decision.type if decision and row.kind else None,
        "outcome": row.record.state.value,
        "because": decision.because if decision and decision.hold_reason not in CONCEALED else "",
        "to": row.mailboxes,
        "shared": list(row.link.shared),
    }


def _print(rows: list[_Row], note: str) -> None:
    terminal = Terminal()
    if not rows:
        terminal.line("Nothing is linked with it.")
    terminal.table([_cells(terminal, row) for row in rows], indent=0)
    if rows:
        terminal.line()
        terminal.line(terminal.ink(f"{counted(len(rows), 'message')} linked. Times are those of the UK.", "dim"))
    if note:
        terminal.wrapped(note, 0, "yellow")


def _cells(terminal: Terminal, row: _Row) -> list[str]:
    return [
        terminal.ink(row.when, "dim"),
        terminal.ink(row.reference, "bold"),
        terminal.ink(uk_minute(row.link.received)),
        terminal.ink(row.kind or "-"),
        terminal.ink(row.record.state.value, "magenta"),
        terminal.ink(f"to {listed(row.mailboxes)}" if row.mailboxes else "-"),
        terminal.ink(_in_common(row.link.shared), "cyan"),
    ]


def _in_common(shared: tuple[str, ...]) -> str:
    """`same notice, prison number`."""
    first = ["notice"] if SAME_NOTICE in shared else []
    return f"same {listed([*first, *(kind for kind in shared if kind != SAME_NOTICE)])}"
