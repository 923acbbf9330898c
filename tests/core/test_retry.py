from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.decision import Priority
from inbox_router.core.retry import SCHEDULES, next_try, reconnect_delay

QUEUED = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
EVEN = 0.5


def delays(urgency: Priority, count: int) -> list[float]:
    """Seconds before each try, where every try is deferred at once and the jitter is even."""
    now, seconds = QUEUED, []
    for attempts in range(1, count + 1):
        again = next_try(attempts, QUEUED, now, urgency, EVEN)
        assert again is not None
        seconds.append((again - now).total_seconds())
        now = again
    return seconds


def test_delays_double_up_to_the_longest() -> None:
    assert delays(Priority.ROUTINE, 7) == [60, 120, 240, 480, 960, 1800, 1800]


def test_urgent_mail_is_tried_again_within_seconds_and_never_waits_more_than_two_minutes() -> None:
    assert delays(Priority.URGENT, 7) == [10, 20, 40, 80, 120, 120, 120]


@pytest.mark.parametrize(("urgency", "hours"), [(Priority.URGENT, 4), (Priority.HIGH, 12), (Priority.ROUTINE, 24)])
def test_it_is_given_up_when_its_time_is_over_and_not_before(urgency: Priority, hours: int) -> None:
    end = QUEUED + timedelta(hours=hours)
    assert next_try(500, QUEUED, end - timedelta(seconds=1), urgency, EVEN) == end
    assert next_try(500, QUEUED, end, urgency, EVEN) is None


def test_jitter_spreads_a_delay_by_a_quarter_either_way() -> None:
    early, late = (next_try(1, QUEUED, QUEUED, Priority.ROUTINE, jitter) for jitter in (0.0, 1.0))
    assert early == QUEUED + timedelta(seconds=45)
    assert late == QUEUED + timedelta(seconds=75)


def test_a_clock_that_was_set_back_does_not_give_a_message_up() -> None:
    an_hour_ago = QUEUED - timedelta(hours=1)
    assert next_try(3, QUEUED, an_hour_ago, Priority.URGENT, EVEN) == an_hour_ago + timedelta(seconds=40)


@given(
    attempts=st.integers(0, 10_000),
    elapsed=st.timedeltas(timedelta(0), timedelta(days=30)),
    urgency=st.sampled_from(Priority),
    jitter=st.floats(0, 1),
)
def test_the_next_try_is_always_later_than_now_and_never_after_the_end(
    attempts: int, elapsed: timedelta, urgency: Priority, jitter: float
) -> None:
    now, end = QUEUED + elapsed, QUEUED + SCHEDULES[urgency].give_up
    again = next_try(attempts, QUEUED, now, urgency, jitter)
    assert again is None if now >= end else now < again <= end  # type: ignore[operator]


def test_reconnecting_goes_on_for_ever_at_most_75_seconds_apart() -> None:
    assert [reconnect_delay(failures, EVEN) for failures in (1, 2, 3, 6, 7, 100_000)] == [1, 2, 4, 32, 60, 60]
    assert reconnect_delay(100_000, 1.0) == 75
