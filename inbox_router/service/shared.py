"""What the loops share: the journal, the clock, ways to wake each other, and one way to call for a person."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from traceback import extract_tb
from typing import Any, TypeVar

from inbox_router.core.audit import Action, Occurrence
from inbox_router.edges.journal import Journal, JournalError

T = TypeVar("T")


class Bell:
    """Wakes one loop. Rung while the loop works, it is heard as soon as the loop rests."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Returns when rung, and after `seconds` in any case: a bell that was not heard costs time, no more."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return
        finally:
            self._event.clear()


@dataclass(frozen=True, slots=True)
class Bells:
    fetch: Bell = field(default_factory=Bell)
    route: Bell = field(default_factory=Bell)
    deliver: Bell = field(default_factory=Bell)
    file: Bell = field(default_factory=Bell)

    def ring_all(self) -> None:
        for bell in (self.fetch, self.route, self.deliver, self.file):
            bell.ring()


@dataclass(slots=True, kw_only=True)
class Shared:
    """One of these for each running service."""

    journal: Journal
    now: Callable[[], datetime]
    """The time, UTC."""
    jitter: Callable[[], float]
    """A random number from 0 to 1, to spread delays."""
    log: Any
    """structlog: fields of our own making only, never text out of a message."""
    bells: Bells = field(default_factory=Bells)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    incidents: set[str] = field(default_factory=set)
    """What has been alarmed and is not over: each incident alarms once."""

    async def journalled(self, call: Callable[[], T]) -> T:
        """Runs one call of the journal off the event loop: it waits for the disk."""
        return await asyncio.to_thread(call)

    async def alarm(self, incident: str, note: str) -> None:
        """Records and logs that something needs a person, once for as long as it lasts."""
        if incident in self.incidents:
            return
        self.incidents.add(incident)
        await self.tell(incident, note)

    async def tell(self, incident: str, note: str) -> None:
        """Records and logs something that happened once and needs a person."""
        self.log.error("alarm", incident=incident, note=note)
        await self._record(
            Occurrence(action=Action.ALARM, outcome=incident, detail={"incident": incident, "note": note})
        )

    async def over(self, incident: str) -> None:
        """Records that what an alarm was about is over; does nothing where there was none."""
        if incident in self.incidents:
            self.incidents.discard(incident)
            self.log.info("all clear", incident=incident)
            await self._record(Occurrence(action=Action.ALL_CLEAR, outcome=incident, detail={"incident": incident}))

    def fault(self, doing: str, error: BaseException) -> str:
        """Logs where an unexpected error arose, and returns a short name for it.

        Never its text: that may hold words of the message that caused it.
        """
        frames = [
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)
        ]
        self.log.error("fault", doing=doing, error=type(error).__name__, frames=frames)
        return f"{type(error).__name__} at {frames[-1] if frames else 'an unknown place'}"

    async def _record(self, occurrence: Occurrence) -> None:
        """The log line has been written already: a journal that cannot be written may be what the alarm is about."""
        try:
            await self.journalled(lambda: self.journal.record([occurrence], self.now()))
        except JournalError as error:
            self.log.error("not recorded", action=occurrence.action.value, note=str(error))
