"""What commands may fail with, and the exit status of each."""

from __future__ import annotations

from typing import IO, Any

import click

from inbox_router.edges.journal import JournalError
from inbox_router.files.problems import Problems
from inbox_router.files.secret import SecretError
from inbox_router.service.refusal import InboxOwnedError, RefusedError

DOES_NOT_HOLD, WRONG, NOT_NOW = 1, 2, 3


class Failure(click.ClickException):
    """Ends a command: the sentence goes to standard error, as it stands."""

    exit_code: int  # type: ignore[misc]  # click has one for all failures; here each has its own

    def __init__(self, sentence: str, exit_code: int) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.format_message(), err=True, file=file)


def as_sentence(error: Exception) -> Failure | None:
    """The failure that an exception of ours amounts to; None for one that is nobody's mistake but the program's."""
    match error:
        case Problems() | RefusedError() | SecretError():
            return Failure(str(error), WRONG)
        case JournalError() | InboxOwnedError():
            return Failure(str(error), NOT_NOW)
    return None
