"""What the service does by the clock beside its loops: each chore in a task of its own, so that none delays another."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from inbox_router.edges.imap import MailboxError
from inbox_router.edges.journal import JournalError
from inbox_router.files.config import SecretError
from inbox_router.service.shared import Shared
from inbox_router.service.worker import DeadlineError

ALARM_AFTER = 3
"""Failures in a row before a person is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something to be done again and again. What it has to remember over a restart it reads from the journal."""

    name: str
    """As a person would call it: it stands in the alarm when it fails, `<name> fails`."""
    every: timedelta
    """From the end of one run to the beginning of the next; the first is at the start of the service."""
    run: Callable[[], Awaitable[None]]
    at_most: timedelta = timedelta(minutes=10)
    """A run that takes longer is given up, and counts as a failure."""


async def keep_time(chore: Chore, shared: Shared) -> None:
    """Does the chore until the service stops. One that fails is alarmed after three times, and done again in time."""
    failures = 0
    while not shared.stopping.is_set():
        why = await _attempt(chore, shared)
        if not why:
            failures = 0
            await shared.over(f"{chore.name} fails")
        else:
            failures += 1
            shared.log.warning("chore failed", chore=chore.name, failures=failures, note=why)
            if failures >= ALARM_AFTER:
                await shared.alarm(f"{chore.name} fails", why)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(shared.stopping.wait(), chore.every.total_seconds())


async def _attempt(chore: Chore, shared: Shared) -> str:
    """Why it failed; "" where it did not. Whatever it raises stays here."""
    run = asyncio.ensure_future(chore.run())
    stopping = asyncio.ensure_future(shared.stopping.wait())
    try:
        async with asyncio.timeout(chore.at_most.total_seconds()):
            await asyncio.wait({run, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if run.done():
                run.result()
    except TimeoutError:
        return f"not done within {chore.at_most.total_seconds():.0f} seconds"
    except (MailboxError, DeadlineError, JournalError, SecretError) as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - recorded, and tried again: nobody else would do the chore
        return f"unexpected {shared.fault(chore.name, error)}"
    finally:
        run.cancel()
        stopping.cancel()
    return ""
