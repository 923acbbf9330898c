"""`inbox-router rules check|test|explain`: for the officers who write the rules."""

from __future__ import annotations

import json
from pathlib import Path

import click

from inbox_router.commands.failures import DOES_NOT_HOLD, WRONG, Failure
from inbox_router.commands.options import config, config_option
from inbox_router.commands.terminal import Terminal, counted
from inbox_router.core.explain import COLOUR, PLAIN, as_object, in_words, printable
from inbox_router.edges.attachments import Extractor
from inbox_router.workbench import Tried, explain_files, load_index, open_triage, try_examples


@click.group()
@config_option
def rules() -> None:
    """Check the rules, test them by their examples, and explain what they decide."""


@rules.command()
@config_option
def check() -> None:
    """Read every rule file and name every problem, with its line and column. Exit status 2 where there is one."""
    settings = config()
    index = load_index(settings)
    rule_count = counted(len(index.ruleset.rules), "rule")
    click.echo(f"{rule_count} and {counted(len(index.phrases), 'phrase')} in {settings.rules}: no problem found.")
    click.echo(f"Rules version {index.version[:12]}.")


@rules.command()
@config_option
def test() -> None:
    """Judge every example of every rule by the final decision of the whole set. Exit status 1 where one fails."""
    settings = config()
    with Extractor() as extractor:
        tried = list(try_examples(open_triage(settings, load_index(settings), extractor)))
    failed = [one for one in tried if one.failures]
    for one in failed:
        click.echo(_failure(one))
    held = len(tried) - len(failed)
    click.echo(f"{counted(len(tried), 'example')}: {held} hold, {len(failed)} fail.")
    if failed:
        raise SystemExit(DOES_NOT_HOLD)


@rules.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a message, for programs.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
def explain(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """What would be done with each message of PATHS (.eml files, or folders of them), and why. Nothing is sent."""
    settings = config()
    terminal = Terminal()
    count = 0
    with Extractor() as extractor:
        triage = open_triage(settings, load_index(settings), extractor)
        for one in explain_files(triage, paths):
            count += 1
            if as_json:
                click.echo(json.dumps(as_object(one.file, one.decision), ensure_ascii=True))
            else:
                ink = COLOUR if terminal.colour else PLAIN
                click.echo(in_words(one.file, one.message, one.decision, ink) + "\n")
    if not count:
        raise Failure(f"No .eml file is in {', '.join(map(str, paths))}.", WRONG)


def _failure(one: Tried) -> str:
    lines = [f"{one.example.where}: example {printable(one.example.name)!r} of rule {one.rule.name}"]
    lines += [f"    {printable(failure)}" for failure in one.failures]
    lines += [
        f"    seen in {item.part}: {printable(item.text)} ({printable(item.fact)})"
        for item in one.decision.evidence[:6]
    ]
    return "\n".join(lines)
