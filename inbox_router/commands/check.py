"""`inbox-router check`: whether the service could start with what is configured."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from inbox_router.commands.options import config, config_option
from inbox_router.commands.terminal import Terminal, counted
from inbox_router.edges.attachments import Extractor
from inbox_router.service.in_force import load_in_force


@click.command()
@config_option
def check() -> None:
    """Checks configuration, rules with their examples, and templates, just as the service does before it uses them.

    Exit status 2 where something is wrong; every problem is named with its file, line and column.
    """
    settings = config()
    with Extractor() as extractor:
        loaded = load_in_force(settings, extractor, datetime.now(UTC))
    terminal = Terminal()
    index, templates = loaded.triage.index, counted(len(loaded.templates.names), "template")
    rows = [
        ("configuration", str(settings.path)),
        ("rules", f"{counted(len(index.ruleset.rules), 'rule')}, version {loaded.version[:12]}"),
        ("examples", f"{counted(loaded.examples, 'example')}, and all of them hold"),
        ("templates", f"{templates}, filled in with the worst that mail has to offer"),
    ]
    right = terminal.ink("right", "green")
    terminal.table([[right, terminal.ink(name), terminal.ink(text)] for name, text in rows], indent=0)
