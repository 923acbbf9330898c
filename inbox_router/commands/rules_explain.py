"""`inbox-router rules explain`: what would become of a message, and why."""

from __future__ import annotations

import json
from pathlib import Path

import click

from inbox_router.commands.failures import WRONG, Failure
from inbox_router.commands.options import config, config_option
from inbox_router.commands.terminal import Terminal
from inbox_router.core.explain import COLOUR, PLAIN, as_full_object, in_full
from inbox_router.edges.attachments import Extractor
from inbox_router.workbench import explain_files, load_index, open_triage


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a message, for programs.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
def explain(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """What would be done with each message of PATHS (.eml files, or folders of them), and why. Nothing is sent.

    Shown are the words that decided it, the file and the line of every test that held, what nearly fired and the one
    thing that it lacked, and for a message that is held what would change that.
    """
    settings = config()
    terminal = Terminal()
    count = 0
    with Extractor() as extractor:
        triage = open_triage(settings, load_index(settings), extractor)
        for one in explain_files(triage, paths):
            count += 1
            if as_json:
                click.echo(json.dumps(as_full_object(one.file, one.judgement, triage.index), ensure_ascii=True))
            else:
                ink = COLOUR if terminal.colour else PLAIN
                click.echo(in_full(one.file, one.judgement, triage.index, ink) + "\n")
    if not count:
        raise Failure(f"No .eml file is in {', '.join(map(str, paths))}.", WRONG)
