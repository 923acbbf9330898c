"""Shifts: which hours they are, told in UTC, whatever the clocks of the force do that night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A shift, in the force's time zone; one that ends before it starts ends on the next day."""

    name: str
    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One shift of one day."""

    name: str
    day: date
    """The day on which it starts: a night belongs to the evening before."""
    start: datetime
    """UTC, included."""
    end: datetime
    """UTC, not included. On the nights when clocks change a shift lasts an hour more or less."""

    def __str__(self) -> str:
        return f"{self.name} {self.day.isoformat()}"


def watch(shift: Shift, day: date, zone: ZoneInfo) -> Watch:
    last = day if shift.start < shift.end else day + timedelta(days=1)
    return Watch(name=shift.name, day=day, start=_utc(day, shift.start, zone), end=_utc(last, shift.end, zone))


def just_ended(shifts: Sequence[Shift], zone: ZoneInfo, now: datetime) -> Watch:
    """The shift that ended last before `now`, which is aware. Raises ValueError where there are no shifts."""
    today = now.astimezone(zone).date()
    around = [watch(shift, today - timedelta(days=ago), zone) for shift in shifts for ago in range(4)]
    return max((each for each in around if each.end <= now), key=lambda each: each.end)


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The end of one shift and the start of the next are told by this, so that no hour falls between them."""
    return datetime.combine(day, at, zone).astimezone(UTC)
