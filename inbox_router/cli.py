"""The command line: what can be typed, where the configuration comes from, and what the exit status means."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from inbox_router import __version__
from inbox_router.commands.failures import as_sentence
from inbox_router.commands.options import config_option

NAMES = (
    "run",
    "demo",
    "check",
    "status",
    "held",
    "handover",
    "reconcile",
    "register",
    "journal",
    "links",
    "audit",
    "rules",
)
"""Each is a function of that name in a module of that name below `inbox_router.commands`."""

EXIT_CODES = """\b
Exit status:
  0  done, and what was asked about holds
  1  done, but what was asked about does not hold: a broken audit log,
     a rule that fails its examples, a demo that does not add up
  2  the command line, the configuration, a rule or a template is wrong
  3  it cannot be done now: no journal yet, the inbox is owned by another
     process, the disk is full
"""


class Commands(click.Group):
    """Loads only the command that is asked for, so that each answers at once.

    What a command raises becomes one sentence on standard error and an exit status; nobody is shown a traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(NAMES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in NAMES:
            return None
        command: click.Command = getattr(import_module(f"inbox_router.commands.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Exception as error:
            failure = as_sentence(error)
            if failure is None:
                raise
            raise failure from error


@click.group(cls=Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@config_option
@click.version_option(__version__, prog_name="inbox-router")
def commands() -> None:
    """Triages and routes a police force's intelligence inbox, and proves what became of every message."""


def main() -> None:
    """The entry point of `inbox-router`."""
    sys.exit(commands.main(prog_name="inbox-router", standalone_mode=True))
