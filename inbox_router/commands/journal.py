"""`inbox-router journal`: taking care of the file in which the service remembers."""

from __future__ import annotations

from pathlib import Path

import click

from inbox_router.commands.failures import DOES_NOT_HOLD, NOT_NOW, Failure
from inbox_router.commands.options import config, config_option, open_journal
from inbox_router.commands.terminal import counted
from inbox_router.core.verification import verify
from inbox_router.edges.journal import Journal
from inbox_router.edges.journal_backup import back_up


@click.group()
def journal() -> None:
    """The journal: the file in which the service remembers every message and keeps the audit log."""


@journal.command()
@config_option
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def backup(target: Path) -> None:
    """Copies the journal to TARGET while the service runs, and verifies the copy. Overwrites nothing.

    To go back to it: stop the service, put the copy in the journal's place, remove the files ending in -wal and -shm
    beside it, and start the service.
    """
    settings = config()
    open_journal(settings).close()
    try:
        back_up(settings.journal.path, target)
    except OSError as error:
        raise Failure(f"No backup was made: {target}: {error.strerror}.", NOT_NOW) from error
    with Journal.open(target, read_only=True) as copy:
        sums, found = copy.sums(), verify(copy.events())
    if found.fault is not None:
        raise Failure(f"The copy at {target} has an audit log that is not whole: {found.fault.text}", DOES_NOT_HOLD)
    head = f"{found.head.sequence} {found.head.digest}" if found.head else "none"
    size = target.stat().st_size / 1_000_000
    click.echo(f"{target}: {counted(sums.arrived, 'message')}, {size:.1f} MB, the audit log whole up to {head}")
