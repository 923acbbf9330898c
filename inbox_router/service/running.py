"""How a loop is kept running: steps while there is work, a rest while there is none, and no fault that ends it."""

from __future__ import annotations

from typing import Protocol

from inbox_router.core.retry import reconnect_delay
from inbox_router.edges.imap import MailboxError, Refused, Unavailable, Untrusted
from inbox_router.edges.journal import JournalError
from inbox_router.files.config import SecretError
from inbox_router.service.shared import Bell, Shared
from inbox_router.service.worker import DeadlineError

ALARM_AFTER = 3
"""Failures in a row before a person is told: a connection that is lost and back at once is nobody's business."""


SLOWLY, SLOWLY_TIMES = (Refused, Unavailable), 5
"""Trying a refused password again and again locks the account."""
AT_ONCE = (Refused, Untrusted, SecretError)
"""Only a person can mend these, so a person is told at once."""


class FaultError(Exception):
    """Something unexpected, told without the text of the error: that may hold words of a message."""


class Loop(Protocol):
    """One of the four loops. Each `step` takes what the journal says is ready and moves it one state on."""

    name: str
    bell: Bell

    async def step(self) -> bool:
        """Does one batch; returns whether there may be more to do at once."""

    async def rest(self) -> None:
        """Waits until there may be work."""

    async def drop(self) -> None:
        """Lets go of a connection that failed; the next step makes a new one."""

    async def close(self) -> None:
        """Finishes what is in hand, at the end."""


async def keep_running(loop: Loop, shared: Shared) -> None:
    """Runs until the service stops. A step that fails is tried again, for ever, with growing delays."""
    failures = 0
    while not shared.stopping.is_set():
        try:
            more = await loop.step()
            if failures:
                failures = 0
                await shared.over(loop.name)
            if not more and not shared.stopping.is_set():
                await loop.rest()
        except (MailboxError, DeadlineError, JournalError, SecretError) as error:
            failures += 1
            await _failed(loop, shared, failures, error)
        except Exception as error:  # noqa: BLE001 - a loop that ends leaves mail lying: recorded, and tried again
            failures += 1
            await _failed(loop, shared, failures, FaultError(f"unexpected {shared.fault(loop.name, error)}"))
    try:
        await loop.close()
    except (MailboxError, DeadlineError, JournalError, SecretError) as error:
        shared.log.warning("not closed", loop=loop.name, note=str(error))


async def _failed(loop: Loop, shared: Shared, failures: int, error: Exception) -> None:
    delay = reconnect_delay(failures, shared.jitter())
    if isinstance(error, SLOWLY):
        delay *= SLOWLY_TIMES
    why = str(error)
    shared.log.warning("trying again", loop=loop.name, failures=failures, seconds=round(delay, 1), note=why)
    await loop.drop()
    if failures >= ALARM_AFTER or isinstance(error, AT_ONCE):
        await shared.alarm(loop.name, why)
    if not shared.stopping.is_set():
        await loop.bell.wait(delay)
