"""`inbox-router rules test`: whether every rule does what its examples say."""

from __future__ import annotations

import click

from inbox_router.commands.failures import DOES_NOT_HOLD
from inbox_router.commands.options import config, config_option
from inbox_router.commands.terminal import counted
from inbox_router.core.exercise import Tried
from inbox_router.core.explain import printable
from inbox_router.edges.attachments import Extractor
from inbox_router.workbench import load_index, open_triage, try_examples


@click.command()
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


def _failure(one: Tried) -> str:
    lines = [f"{one.example.where}: example {printable(one.example.name)!r} of rule {one.rule.name}"]
    lines += [f"    {printable(failure)}" for failure in one.failures]
    lines += [
        f"    seen in {item.part}: {printable(item.text)} ({printable(item.fact)})"
        for item in one.decision.evidence[:6]
    ]
    return "\n".join(lines)
