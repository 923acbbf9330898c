"""`inbox-router demo`: the real service at work on sample mail."""

from __future__ import annotations

import click

from inbox_router.commands.failures import DOES_NOT_HOLD
from inbox_router.commands.terminal import Terminal
from inbox_router.demo.show import show


@click.command()
@click.option("--stay", is_flag=True, help="Keep servers and service running until Ctrl-C.")
@click.pass_context
def demo(context: click.Context, stay: bool) -> None:
    """Shows the service at work on sample mail, with mail servers of its own.

    Everything is in a temporary folder, which is kept to look at. Ends by itself; exit status 1 where a message is not
    accounted for.
    """
    if not show(Terminal(), stay=stay):
        context.exit(DOES_NOT_HOLD)
