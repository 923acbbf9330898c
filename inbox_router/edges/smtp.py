"""Handing our mail to the SMTP server: a few connections, kept and reused, and one verdict for each recipient."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from aiosmtplib import SMTP

from inbox_router.core.delivery import DeliveryState, Submission, Verdict
from inbox_router.core.replies import Answer
from inbox_router.edges.smtp_session import FAILURES, SmtpAccount, open_session, tls_context, unreachable
from inbox_router.edges.smtp_transaction import Transaction

__all__ = ["SmtpAccount", "Submitter"]

KEPT_IDLE = 30.0
"""Seconds. Servers drop idle clients after a minute or more, and firewalls forget them without telling."""
KEPT_MESSAGES = 100
QUIT_SECONDS = 2.0


class Submitter:
    """Submits messages over at most `connections` connections; safe to be called from many tasks of one event loop."""

    def __init__(self, account: SmtpAccount, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Raises OSError where `ca_file` cannot be read or holds no certificate (ssl.SSLError is an OSError)."""
        self._account = account
        self._now = now
        self._tls = tls_context(account)
        self._slots = asyncio.Semaphore(account.connections)
        self._idle: list[_Connection] = []
        self._closed = False

    async def submit(self, submission: Submission) -> tuple[Verdict, ...]:
        """One verdict for each recipient, in their order. Never raises for what a server or a network does."""
        if _has_bare_line_end(submission.octets):
            answer = Answer.ours(DeliveryState.BOUNCED, "5.6.0", "not sent: it has a line end that is not CRLF", "mail")
            return self._verdicts(submission, dict.fromkeys(submission.recipients, answer))
        async with self._slots:
            return self._verdicts(submission, await self._submit(submission))

    async def close(self) -> None:
        """Takes leave of the server. Submissions under way finish first if the caller waits for them."""
        self._closed = True
        while self._idle:
            await self._idle.pop().quit()

    async def _submit(self, submission: Submission) -> dict[str, Answer]:
        while (kept := self._kept()) is not None:
            transaction = await self._through(kept, submission)
            # A kept connection may have died since: nothing of this message was said on it, so another one is taken.
            if not transaction.found_dead:
                return transaction.answers
        try:
            connection = _Connection(await open_session(self._account, self._tls))
        except FAILURES as error:
            return dict.fromkeys(submission.recipients, unreachable(error, self._account))
        return (await self._through(connection, submission)).answers

    async def _through(self, connection: _Connection, submission: Submission) -> Transaction:
        transaction = Transaction(connection.client, submission, self._account)
        try:
            await transaction.run()
        finally:
            # Reached by cancellation too: a connection in the middle of something is never used again.
            connection.messages += 1
            if transaction.clean and connection.messages < KEPT_MESSAGES and not self._closed:
                connection.idle_since = time.monotonic()
                self._idle.append(connection)
            elif transaction.clean:
                await connection.quit()
            else:
                connection.client.close()
        return transaction

    def _kept(self) -> _Connection | None:
        """A connection that waits for work, the last used first; those that waited too long are dropped."""
        while self._idle:
            connection = self._idle.pop()
            if connection.client.is_connected and time.monotonic() - connection.idle_since < KEPT_IDLE:
                return connection
            connection.client.close()
        return None

    def _verdicts(self, submission: Submission, answers: Mapping[str, Answer]) -> tuple[Verdict, ...]:
        at = self._now()
        return tuple(
            Verdict(
                recipient=recipient,
                state=answer.state,
                code=answer.code,
                enhanced=answer.enhanced,
                reply=answer.reply,
                phase=answer.phase,
                at=at,
            )
            for recipient in submission.recipients
            for answer in (answers[recipient],)
        )


class _Connection:
    """One session with the server, used by one submission at a time."""

    def __init__(self, client: SMTP) -> None:
        self.client = client
        self.messages = 0
        self.idle_since = 0.0

    async def quit(self) -> None:
        """A message was accepted with the reply to its final dot: how the session ends changes nothing."""
        with contextlib.suppress(*FAILURES):
            await self.client.quit(timeout=QUIT_SECONDS)
        self.client.close()


def _has_bare_line_end(octets: bytes) -> bool:
    """A bare CR or LF could end the message early for the server, and start another (SMTP smuggling)."""
    pairs = octets.count(b"\r\n")
    return octets.count(b"\n") != pairs or octets.count(b"\r") != pairs
