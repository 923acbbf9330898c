"""Shifts: every moment belongs to exactly one of them, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.shifts import Shift, just_ended, watch

LONDON = ZoneInfo("Europe/London")
SHIFTS = (
    Shift(name="early", start=time(7), end=time(15)),
    Shift(name="late", start=time(15), end=time(23)),
    Shift(name="night", start=time(23), end=time(7)),
)
SPRING, AUTUMN = date(2026, 3, 28), date(2026, 10, 24)
"""The evenings before the clocks change."""


def hours(day: date) -> float:
    return sum((each.end - each.start) / timedelta(hours=1) for each in (watch(one, day, LONDON) for one in SHIFTS))


def test_the_shifts_of_a_day_last_24_hours_and_23_or_25_when_the_clocks_change() -> None:
    assert (hours(date(2026, 11, 22)), hours(SPRING), hours(AUTUMN)) == (24, 23, 25)


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_each_shift_begins_when_the_one_before_ends(day: date) -> None:
    watches = [watch(shift, day + timedelta(days=days), LONDON) for days in range(2) for shift in SHIFTS]
    assert all(one.end == following.start for one, following in pairwise(watches))


@given(st.integers(0, 15 * 366 * 24 * 60))
def test_the_shift_that_just_ended_ended_less_than_a_shift_ago(minutes: int) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ended = just_ended(SHIFTS, LONDON, now)
    assert ended.end <= now < ended.end + timedelta(hours=9)


def test_a_night_belongs_to_the_evening_before() -> None:
    ended = just_ended(SHIFTS, LONDON, datetime(2026, 11, 23, 7, 5, tzinfo=UTC))
    assert str(ended) == "night 2026-11-22"
