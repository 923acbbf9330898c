"""`inbox-router rules explain`: what would become of a message, and why."""

from __future__ import annotations

import json
from pathlib import Path

import click

from inbox_router.commands.failures import WRONG, Failure
from inbox_router.commands.options import config, config_option
from inbox_router.commands.terminal import Terminal
from inbox_router.core.explain import COLOUR, PLAIN, as_object, in_words
from inbox_router.edges.attachments import Extractor
from inbox_router.workbench import explain_files, load_index, open_triage


@click.command()
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
