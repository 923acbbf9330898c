"""The fetch loop: whatever is in the inbox and not in the journal is received, then the server is waited on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from inbox_router.core.glance import looks_pressing
from inbox_router.edges.imap import Fetched, Mailbox
from inbox_router.edges.journal import Arrival
from inbox_router.service.connection import Connection
from inbox_router.service.shared import Shared


class FetchLoop:
    """Works the mailbox in a thread of its own; what the thread does is only ever awaited with a deadline."""

    name = "mailbox"

    def __init__(
        self,
        shared: Shared,
        mailbox: Callable[[], Mailbox],
        *,
        account: str,
        folder: str,
        folders: Sequence[str],
        wait_seconds: float,
        deadline: float,
        completed: Callable[[], None],
    ) -> None:
        """`folders` are those that filing needs; `deadline`, in seconds, bounds each step of a cycle, connecting or a
        batch; `completed` is told of each cycle that went through.
        """
        self.bell = shared.bells.fetch
        self._shared = shared
        self._connection = Connection("fetch", mailbox, folders=folders, deadline=deadline)
        self._account = account
        self._folder = folder
        self._wait_seconds = wait_seconds
        self._completed = completed
        self._uidvalidity: int | None = None

    async def step(self) -> bool:
        """One cycle. What came in before, during or after waiting is found by searching, never by what IDLE counted."""
        mailbox = await self._connected()
        await self._check_uidvalidity(mailbox.uidvalidity)
        listed = await self._connection.call(mailbox.search)
        unknown = await self._unknown(mailbox.uidvalidity, listed)
        batches = mailbox.fetch_batches(unknown)
        while (batch := await self._connection.call(lambda: next(batches, None))) is not None:
            await self._receive(mailbox.uidvalidity, batch)
            if self._shared.stopping.is_set():
                return False
        self._completed()
        return bool(unknown)

    async def rest(self) -> None:
        """Waits for the server to tell of something (IDLE), or until the polling floor."""
        mailbox = self._connection.mailbox
        if mailbox is None:
            return
        waker = asyncio.create_task(self._wake_at_stop(mailbox))
        try:
            await self._connection.call(lambda: mailbox.wait(self._wait_seconds), longer=self._wait_seconds)
        finally:
            waker.cancel()

    async def _wake_at_stop(self, mailbox: Mailbox) -> None:
        await self._shared.stopping.wait()
        mailbox.wake()

    async def drop(self) -> None:
        await self._connection.drop()

    async def close(self) -> None:
        await self._connection.close()

    async def _connected(self) -> Mailbox:
        known = self._connection.mailbox
        fresh = known is None or not known.connected
        mailbox = await self._connection.open()
        if fresh:
            self._shared.log.info("connected", loop=self.name, uidvalidity=mailbox.uidvalidity)
        return mailbox

    async def _check_uidvalidity(self, uidvalidity: int) -> None:
        """After a change every message is received again under its new number. Their content is known by its hash, so
        nothing is sent twice; but somebody should know that the server renumbered the mailbox."""
        if self._uidvalidity not in (None, uidvalidity):
            await self._shared.tell("mailbox renumbered", "UIDVALIDITY changed; messages are matched by their content")
        self._uidvalidity = uidvalidity

    async def _unknown(self, uidvalidity: int, listed: Sequence[int]) -> list[int]:
        if not listed:
            return []
        journal = self._shared.journal
        known = await self._shared.journalled(
            lambda: journal.known(self._account, self._folder, uidvalidity, least_uid=min(listed))
        )
        return sorted(set(listed) - known)

    async def _receive(self, uidvalidity: int, batch: Sequence[Fetched]) -> None:
        arrivals = [self._arrival(uidvalidity, fetched) for fetched in batch]
        await self._shared.journalled(lambda: self._shared.journal.receive(arrivals, self._shared.now()))
        self._shared.bells.route.ring()

    def _arrival(self, uidvalidity: int, fetched: Fetched) -> Arrival:
        return Arrival(
            account=self._account,
            folder=self._folder,
            uidvalidity=uidvalidity,
            uid=fetched.uid,
            internaldate=fetched.internaldate,
            size=fetched.size,
            octets=fetched.octets,
            problem=fetched.problem,
            gone=fetched.gone,
            pressing=looks_pressing(fetched.octets or fetched.header),
        )
