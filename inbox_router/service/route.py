"""The route loop: every message that waits gets its decision; one that breaks deciding is held, in the end."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from inbox_router.edges.journal import JournalError, Routing, Stored
from inbox_router.service.routing import Prepared, Router
from inbox_router.service.shared import Shared
from inbox_router.service.worker import DeadlineError, Worker

BATCH = 25
"""Messages a commit, at most: those behind them in the queue wait until it is made."""
FLOOR = 5.0
DECIDE_SECONDS = 180.0
"""Reading one message is bounded in itself, attachments included; this is for what nobody thought of."""
TRIES = 3


class RouteLoop:
    """Decides in a thread of its own; one message after the other, so that each sees the ones before it."""

    name = "route"

    def __init__(self, shared: Shared, router: Callable[[], Router]) -> None:
        """`router` gives the one in force: it changes when the rules are read again."""
        self.bell = shared.bells.route
        self._shared = shared
        self._router = router
        self._worker = Worker("route")

    async def step(self) -> bool:
        waiting = await self._shared.journalled(lambda: self._shared.journal.awaiting(BATCH))
        router = self._router()
        ready: list[Prepared] = []
        tied: set[str] = set()
        decided = False
        for stored in waiting:
            if self._shared.stopping.is_set():
                break
            prepared = await self._prepare(router, stored)
            if prepared is not None and not tied.isdisjoint(prepared.keys):
                await self._record(ready)
                ready, tied = [], set()
                prepared = await self._prepare(router, stored)
            if prepared is not None:
                ready.append(prepared)
                decided = True
                tied |= prepared.keys
        await self._record(ready)
        return decided

    async def rest(self) -> None:
        await self.bell.wait(FLOOR)

    async def drop(self) -> None:
        """There is no connection to let go of."""

    async def close(self) -> None:
        self._worker.close()

    async def _prepare(self, router: Router, stored: Stored) -> Prepared | None:
        """None where it failed and is to be tried again. A fence: what one message breaks stops no other."""
        now = self._shared.now()
        prepare = functools.partial(router.prepare, stored, now)
        if stored.attempts >= TRIES:
            prepare = functools.partial(router.unreadable, stored, f"reading it failed {stored.attempts} times", now)
        try:
            return await self._worker.call(prepare, DECIDE_SECONDS)
        except JournalError:
            raise
        except DeadlineError as error:
            why = f"deciding took too long: {error}"
        except Exception as error:  # noqa: BLE001 - hostile octets: whatever they break is counted against them alone
            why = self._shared.fault(f"deciding message {stored.id}", error)
        await self._shared.journalled(lambda: self._shared.journal.attempted(stored.id, why, now))
        return None

    async def _record(self, ready: Sequence[Prepared]) -> None:
        if not ready:
            return
        routings: list[Routing] = [each.routing for each in ready]
        now = self._shared.now()
        await self._shared.journalled(lambda: self._shared.journal.route(routings, now))
        self._shared.bells.deliver.ring()
        self._shared.bells.file.ring()
        for each in ready:
            if each.bounced:
                await self._shared.tell("bounce", f"{each.bounced} came back: somebody did not get it")
