"""`--config`, on the group and on each command: the nearest to the command counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from inbox_router.commands.failures import NOT_NOW, Failure
from inbox_router.edges.journal import Journal
from inbox_router.files.config import Config, load

Command = TypeVar("Command", bound=Callable[..., Any])


def config_option(command: Command) -> Command:
    """Adds `--config` without adding a parameter: the value is kept with the context."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        expose_value=False,
        callback=_keep,
        help="Configuration file. Without it ./config.yaml, and where there is none the shipped example's values.",
    )(command)


def _keep(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.meta["config"] = value


def config_path() -> Path | None:
    """What `--config` said, or None."""
    path: Path | None = click.get_current_context().meta.get("config")
    return path


def config() -> Config:
    """The configuration that the command is about. Raises Problems."""
    return load(config_path())


def open_journal(settings: Config) -> Journal:
    """The journal, for reading beside a running service."""
    if not settings.journal.path.exists():
        raise Failure(
            f"There is no journal at {settings.journal.path} yet: the service creates it when it first runs "
            "(`inbox-router run`). Is --config the one that it runs with?",
            NOT_NOW,
        )
    return Journal.open(settings.journal.path, read_only=True)
