"""A loop's own connection to the mailbox: made when needed, dropped after a fault, in a thread that can be left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from inbox_router.edges.imap import Mailbox, MailboxError, Refused, Untrusted
from inbox_router.service.worker import DeadlineError, Worker

T = TypeVar("T")

FAREWELL = 5.0
GRACE = 10.0
"""The mailbox keeps its deadlines itself; this much later its thread is given up for lost."""


class Connection:
    """Everything that blocks is done in the thread, and only ever awaited with a deadline.

    The mailbox is kept over a fault: it remembers which message broke the connection, so that one which does so again
    and again is told of and not asked for for ever.
    """

    def __init__(self, name: str, mailbox: Callable[[], Mailbox], *, folders: Sequence[str], deadline: float) -> None:
        """`folders` must be there once connected; `deadline`, in seconds, bounds each call."""
        self._new_mailbox = mailbox
        self._folders = folders
        self._deadline = deadline
        self._worker = Worker(name)
        self._mailbox: Mailbox | None = None

    @property
    def mailbox(self) -> Mailbox | None:
        """The mailbox, whether or not it is connected just now."""
        return self._mailbox

    async def open(self) -> Mailbox:
        """The mailbox, connected. Raises MailboxError, SecretError or DeadlineError."""
        mailbox = self._mailbox = self._mailbox or self._new_mailbox()
        if not mailbox.connected:
            try:
                await self.call(mailbox.connect)
                await self.call(lambda: mailbox.ensure_folders(self._folders))
            except (Refused, Untrusted):
                # The next one is made with the password and the certificates as they are then.
                self._mailbox = None
                raise
        return mailbox

    async def call(self, function: Callable[[], T], *, longer: float = 0.0) -> T:
        """Does something with the mailbox, within the deadline and `longer` seconds more."""
        try:
            return await self._worker.call(function, self._deadline + GRACE + longer)
        except DeadlineError:
            self._abandon()
            raise

    async def drop(self) -> None:
        """Ends the session, sound or not: a server that does not take the farewell is cut off."""
        await self._part(Mailbox.disconnect)

    async def close(self) -> None:
        """Ends the session for good, and the thread."""
        await self._part(Mailbox.close)
        self._mailbox = None
        self._worker.close()

    async def _part(self, farewell: Callable[[Mailbox], None]) -> None:
        mailbox = self._mailbox
        if mailbox is None:
            return
        try:
            await self._worker.call(lambda: farewell(mailbox), FAREWELL)
        except DeadlineError:
            self._abandon()
        except MailboxError:
            self._mailbox = None

    def _abandon(self) -> None:
        """The thread that was left behind may still hold the mailbox: nobody else may use it."""
        if self._mailbox is not None:
            self._mailbox.cut()
            self._mailbox = None
