"""`inbox-router rules schema`: what editors need to complete, explain and underline."""

from __future__ import annotations

from pathlib import Path

import click

from inbox_router.commands.failures import DOES_NOT_HOLD
from inbox_router.commands.options import config, config_option
from inbox_router.files.schema import FILE
from inbox_router.workbench import schema_of


@click.command()
@config_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help=f"Where it is written; - is standard output. Without it {FILE} in the folder of rules.",
)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit status 1 where the file is out of date.")
def schema(output: Path | None, *, only_check: bool) -> None:
    """Write the JSON Schema of the rule files, with the names of your mailboxes, lists, entities and templates.

    Editors with the YAML language server find it by the first line of each file, and complete, explain and underline by
    it. Run it again whenever one of those names is new.
    """
    settings = config()
    path = output or settings.rules / FILE
    text = schema_of(settings)
    if str(path) == "-":
        click.echo(text, nl=False)
        return
    current = path.exists() and path.read_text(encoding="utf-8") == text
    if only_check:
        click.echo(f"{path} is {'as it should be' if current else 'out of date: run inbox-router rules schema'}.")
        raise SystemExit(0 if current else DOES_NOT_HOLD)
    if not current:
        path.write_text(text, encoding="utf-8")
    click.echo(f"{path} {'was up to date' if current else 'is written'}.")
