"""When to try again: a submission that was deferred, and a mailbox that cannot be reached.

The jitter is handed in (0 to 1, from the caller's random source), so that every answer here can be computed by hand. It
spreads a delay over a quarter either way: after an outage not everything comes back in the same second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from inbox_router.core.decision import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Delays double from `first` to `longest`; after `give_up` a person has to be told that it did not go."""

    first: timedelta
    longest: timedelta
    give_up: timedelta


SCHEDULES: Mapping[Priority, Schedule] = {
    # Giving up is not the end of a message: it is held again and alarms. A recall that is still undelivered after four
    # hours needs a telephone, not a hundredth try; routine mail can sit out a night's maintenance of the mail server.
    Priority.URGENT: Schedule(first=timedelta(seconds=10), longest=timedelta(minutes=2), give_up=timedelta(hours=4)),
    Priority.HIGH: Schedule(first=timedelta(seconds=30), longest=timedelta(minutes=10), give_up=timedelta(hours=12)),
    Priority.ROUTINE: Schedule(first=timedelta(minutes=1), longest=timedelta(minutes=30), give_up=timedelta(hours=24)),
}

_RECONNECT_FIRST = 1.0
_RECONNECT_LONGEST = 60.0
_DOUBLINGS = 16


def next_try(attempts: int, first_queued: datetime, now: datetime, urgency: Priority, jitter: float) -> datetime | None:
    """When a deferred submission is tried again, or None: it is given up.

    `attempts` counts those made, the one just deferred included. The last try falls on the moment of giving up itself,
    so the whole time is used.
    """
    schedule = SCHEDULES[urgency]
    last = first_queued + schedule.give_up
    if now >= last:
        return None
    doubled: timedelta = schedule.first * _doubled(attempts)
    return min(now + min(doubled, schedule.longest) * (0.75 + 0.5 * jitter), last)


def reconnect_delay(failures: int, jitter: float) -> float:
    """Seconds to wait before connecting again after so many failures in a row; for ever, never over 75 s."""
    return min(_RECONNECT_FIRST * _doubled(failures), _RECONNECT_LONGEST) * (0.75 + 0.5 * jitter)


def _doubled(times: int) -> int:
    return 1 << min(max(times - 1, 0), _DOUBLINGS)
