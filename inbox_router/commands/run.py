"""`inbox-router run`: the service."""

from __future__ import annotations

import asyncio

import click

from inbox_router.commands.options import config, config_option
from inbox_router.service.run import serve


@click.command()
@config_option
def run() -> None:
    """Works the inbox until it is told to stop.

    SIGTERM and SIGINT finish what is in hand and end it with exit status 0; SIGHUP reads rules and templates again. Its
    log is JSON lines on standard output: every audit event ("log": "audit"), and its own log ("log": "service").
    """
    asyncio.run(serve(config()))
