"""`inbox-router rules explain`: what would become of a message, and why; or why it was decided as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from inbox_router.commands.audit import one_message
from inbox_router.commands.failures import DOES_NOT_HOLD, WRONG, Failure
from inbox_router.commands.options import config, config_option, open_journal
from inbox_router.commands.recording import consulted
from inbox_router.commands.rules_versions import chosen_set
from inbox_router.commands.terminal import Terminal
from inbox_router.core.decide import Judgement
from inbox_router.core.explain import COLOUR, PLAIN, as_full_object, in_full
from inbox_router.core.index import Index
from inbox_router.edges.attachments import Extractor
from inbox_router.edges.journal import Journal, MessageRecord
from inbox_router.files.config import Config
from inbox_router.service.linking import Links
from inbox_router.workbench import explain_files, index_of, load_index, open_triage

THEN = "then"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    name: str
    judgement: Judgement
    index: Index
    number: int | None = None
    """In the journal; None for a file."""
    recorded: str = ""
    """The version of the rules that decided it."""


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a message, for programs.")
@click.option(
    "--rules",
    "version",
    help="By this set of rules (the first digits of its version), or `then`: by the one that decided the message.",
)
@click.argument("messages", nargs=-1, required=True, metavar="MESSAGE...")
def explain(messages: tuple[str, ...], version: str | None, *, as_json: bool) -> None:
    """What would be done with each MESSAGE, and why. Nothing is sent.

    A MESSAGE is an .eml file, a folder of them, or a message in the journal: its reference, its number or the start of
    its SHA-256. To look at one in the journal is recorded in the audit log as a consultation.

    Shown are the words that decided it, the file and the line of every test that held, what nearly fired and the one
    thing that it lacked, and for a message that is held what would change that.
    """
    settings, terminal = config(), Terminal()
    paths = [Path(each) for each in messages if Path(each).exists()]
    named = [each for each in messages if not Path(each).exists()]
    if version == THEN and paths:
        raise Failure(f"{paths[0]} is a file, which no set of rules has decided: give --rules VERSION.", WRONG)
    count = 0
    with Extractor() as extractor:
        for one in _judged(settings, extractor, paths, named, version):
            count += 1
            _tell(terminal, one, as_json=as_json)
            if one.number is not None and (note := consulted(settings, one.number, "explained")):
                click.echo(note, err=True)
    if not count:
        raise Failure(f"No .eml file is in {', '.join(map(str, paths))}.", WRONG)


def _judged(
    settings: Config, extractor: Extractor, paths: list[Path], named: list[str], version: str | None
) -> Iterator[_Judged]:
    if not named and version is None:
        index = load_index(settings)
        for each in explain_files(open_triage(settings, index, extractor), paths):
            yield _Judged(name=each.file, judgement=each.judgement, index=index)
        return
    if named and not paths and not settings.journal.path.exists():
        raise Failure(f"There is no file {named[0]}, and no journal yet at {settings.journal.path}.", WRONG)
    with open_journal(settings) as journal:
        if paths:
            index = _kept(settings, journal, version) if version else load_index(settings)
            for each in explain_files(open_triage(settings, index, extractor), paths):
                yield _Judged(name=each.file, judgement=each.judgement, index=index)
        for text in named:
            yield _of_journal(settings, journal, extractor, text, version)


def _of_journal(settings: Config, journal: Journal, extractor: Extractor, text: str, version: str | None) -> _Judged:
    record, octets = _record(journal, text)
    recorded = record.decision.rules_version if record.decision else ""
    if version == THEN and not recorded:
        raise Failure(f"{text} has not been decided yet.", DOES_NOT_HOLD)
    wanted = recorded if version == THEN else version
    index = _kept(settings, journal, wanted) if wanted else load_index(settings)
    triage = open_triage(settings, index, extractor)
    message = triage.read(octets, record.internaldate or record.received)
    judgement = Links(triage, journal).judge(message, before=record.id)
    return _Judged(name=text, judgement=judgement, index=index, number=record.id, recorded=recorded)


def _record(journal: Journal, text: str) -> tuple[MessageRecord, bytes]:
    number = one_message(journal, text)
    record, octets = journal.message(number), journal.octets(number)
    if record is None or octets is None:
        raise Failure(f"The content of {text} is not in the journal.", DOES_NOT_HOLD)
    return record, octets


def _kept(settings: Config, journal: Journal, version: str) -> Index:
    one = chosen_set(journal, version)
    return index_of(journal.rule_files(one), settings.rules, one.mailboxes)


def _tell(terminal: Terminal, one: _Judged, *, as_json: bool) -> None:
    if as_json:
        found = as_full_object(one.name, one.judgement, one.index)
        click.echo(json.dumps({**found, "rules version": one.index.version}, ensure_ascii=True))
        return
    ink = COLOUR if terminal.colour else PLAIN
    click.echo(in_full(one.name, one.judgement, one.index, ink))
    if one.number is not None:
        same = one.recorded == one.index.version
        then = "those that decided it" if same else f"decided by {one.recorded[:12]}" if one.recorded else "undecided"
        terminal.line(terminal.ink(f"  by the rules {one.index.version[:12]}: {then}", "dim"))
    click.echo("")
