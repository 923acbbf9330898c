"""The parts of the service by themselves: fences, deadlines, and the lines that it writes."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_router.audit_mirror import AuditMirror, LineOutput, service_log
from inbox_router.core.audit import Action, Event
from inbox_router.core.decision import Decision, HoldReason, Outcome
from inbox_router.core.glance import looks_pressing
from inbox_router.edges.journal import Arrival, Journal, MessageState, Routing, Stored
from inbox_router.service.clock import Chore, keep_time
from inbox_router.service.route import RouteLoop
from inbox_router.service.routing import Prepared
from inbox_router.service.shared import Bell, Shared
from inbox_router.service.standing import Standing, read_standing, write_standing
from inbox_router.service.worker import DeadlineError, Worker

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Shared]:
    lines = io.StringIO()
    with Journal.open(tmp_path / "journal.sqlite3", instance="test") as journal:
        yield Shared(journal=journal, now=lambda: NOW, jitter=lambda: 0.5, log=service_log(LineOutput(None, lines)))


class BrokenByOne:
    """Decides everything but one message, which breaks it."""

    def __init__(self, breaking: int) -> None:
        self.breaking = breaking

    def prepare(self, stored: Stored, now: datetime) -> Prepared:
        if stored.id == self.breaking:
            raise RuntimeError("secret words out of the message")
        return self._held(stored, HoldReason.NO_CATEGORY)

    def unreadable(self, stored: Stored, why: str, now: datetime) -> Prepared:
        return self._held(stored, HoldReason.UNREADABLE)

    def _held(self, stored: Stored, reason: HoldReason) -> Prepared:
        decision = Decision(
            outcome=Outcome.HOLD, rule=reason.value, rules_version="0" * 64, because="words", hold_reason=reason
        )
        return Prepared(
            routing=Routing(message_id=stored.id, decision=decision, message=None, submissions=(), folder="Held")
        )


def receive(shared: Shared, count: int) -> list[int]:
    arrivals = [
        Arrival(
            account="a", folder="INBOX", uidvalidity=1, uid=uid, internaldate=NOW, size=9, octets=b"message %d" % uid
        )
        for uid in range(1, count + 1)
    ]
    return shared.journal.receive(arrivals, NOW)


def state(shared: Shared, number: int) -> MessageState:
    record = shared.journal.message(number)
    assert record is not None
    return record.state


async def test_a_message_that_breaks_deciding_stops_no_other_and_is_held_in_the_end(shared: Shared) -> None:
    first, breaking, last = receive(shared, 3)
    loop = RouteLoop(shared, lambda: BrokenByOne(breaking))  # type: ignore[arg-type,return-value]
    await loop.step()
    assert [state(shared, number) for number in (first, breaking, last)] == [
        MessageState.READY,
        MessageState.RECEIVED,
        MessageState.READY,
    ]
    for _ in range(3):
        await loop.step()
    record = shared.journal.message(breaking)
    assert record is not None
    assert record.decision is not None
    assert record.decision.hold_reason is HoldReason.UNREADABLE
    await loop.close()


async def test_what_a_message_says_is_not_in_the_log_of_what_it_broke(tmp_path: Path) -> None:
    lines = io.StringIO()
    with Journal.open(tmp_path / "journal.sqlite3", instance="test") as journal:
        shared = Shared(journal=journal, now=lambda: NOW, jitter=lambda: 0.5, log=service_log(LineOutput(None, lines)))
        (breaking,) = receive(shared, 1)
        loop = RouteLoop(shared, lambda: BrokenByOne(breaking))  # type: ignore[arg-type,return-value]
        await loop.step()
        await loop.close()
    assert "RuntimeError" in lines.getvalue()
    assert "secret words" not in lines.getvalue()


async def test_a_call_that_hangs_is_left_behind_and_the_next_one_answers() -> None:
    worker, released = Worker("test"), threading.Event()
    with pytest.raises(DeadlineError):
        await worker.call(lambda: released.wait(30), 0.05)
    assert await worker.call(lambda: "answer", 5) == "answer"
    released.set()
    worker.close()


async def test_what_a_call_raises_reaches_whoever_waits() -> None:
    worker = Worker("test")
    with pytest.raises(ZeroDivisionError):
        await worker.call(lambda: 1 // 0, 5)
    worker.close()


async def test_a_bell_that_rang_while_nobody_waited_is_heard() -> None:
    bell = Bell()
    bell.ring()
    await asyncio.wait_for(bell.wait(60), 5)


async def test_an_alarm_is_given_once_and_called_off_once(shared: Shared) -> None:
    for _ in range(3):
        await shared.alarm("mailbox", "cannot be reached")
    for _ in range(2):
        await shared.over("mailbox")
    assert [event.action for event in shared.journal.events()] == [Action.ALARM, Action.ALL_CLEAR]


def event(at: datetime, action: Action = Action.COLLECTION) -> Event:
    return Event(sequence=1, at=at, instance="test", action=action, actor="test", previous="0" * 64, digest="1" * 64)


def test_audit_lines_go_to_a_file_for_each_day(tmp_path: Path) -> None:
    output = LineOutput(tmp_path / "audit", io.StringIO())
    mirror = AuditMirror(output)
    mirror(event(NOW))
    mirror(event(NOW + timedelta(days=1)))
    mirror(event(NOW + timedelta(days=1)))
    output.close()
    files = {file.name: file.read_text().splitlines() for file in (tmp_path / "audit").iterdir()}
    assert {name: len(lines) for name, lines in files.items()} == {
        "audit-2026-11-30.jsonl": 1,
        "audit-2026-12-01.jsonl": 2,
    }
    line = json.loads(files["audit-2026-11-30.jsonl"][0])
    assert (line["event"], line["log"], line["at"]) == ("collection", "audit", NOW.isoformat())


def test_an_alarm_is_an_error_in_the_log() -> None:
    lines = io.StringIO()
    AuditMirror(LineOutput(None, lines))(event(NOW, Action.ALARM))
    assert json.loads(lines.getvalue())["level"] == "error"


def test_a_log_that_cannot_be_written_is_in_nobodys_way(tmp_path: Path) -> None:
    closed = io.StringIO()
    closed.close()
    not_a_folder = tmp_path / "file"
    not_a_folder.write_text("", encoding="utf-8")
    output = LineOutput(not_a_folder, closed)
    AuditMirror(output)(event(NOW))
    assert output.lost == 2


def test_the_standing_of_the_service_comes_back_as_it_was_written(tmp_path: Path) -> None:
    standing = Standing(process=7, mode="live", started=NOW, rules_version="ab", rules_since=NOW, last_cycle=NOW)
    write_standing(tmp_path / "status.json", standing)
    assert read_standing(tmp_path / "status.json") == standing


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"process": 1}', '{"started": 5}'])
def test_a_damaged_standing_counts_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "status.json"
    path.write_text(text, encoding="utf-8")
    assert read_standing(path) is None


@pytest.mark.parametrize(
    ("octets", "pressing"),
    [
        (b"Subject: EMERGENCY RECALL\r\n\r\nwords", True),
        (b"Subject: report\r\nImportance: High\r\n\r\nwords", True),
        (b"Subject: report\r\n\r\nThere is a threat to life.", True),
        (b"Subject: weekly bulletin\r\n\r\nNothing of note.", False),
        (b"", False),
    ],
)
def test_urgent_looking_mail_is_known_at_a_glance(octets: bytes, pressing: bool) -> None:
    assert looks_pressing(octets) is pressing


@given(st.binary(max_size=2_000))
def test_a_glance_at_any_octets_is_safe(octets: bytes) -> None:
    assert looks_pressing(octets) in {True, False}


async def test_a_chore_that_fails_alarms_once_and_hinders_no_other(shared: Shared) -> None:
    done: list[str] = []

    async def fails() -> None:
        done.append("tried")
        if len(done) < 5:
            raise RuntimeError("secret words out of a message")

    async def hangs() -> None:
        await asyncio.sleep(60)

    soon = timedelta(milliseconds=1)
    chores = [
        Chore(name="counting", every=soon, run=fails),
        Chore(name="waiting", every=soon, run=hangs, at_most=timedelta(milliseconds=5)),
    ]
    tasks = [asyncio.create_task(keep_time(chore, shared)) for chore in chores]
    while len(done) < 6 or "waiting fails" not in shared.incidents:
        await asyncio.sleep(0.01)
    shared.stopping.set()
    await asyncio.wait(tasks, timeout=5)
    told = [(event.action, event.outcome) for event in shared.journal.events() if event.outcome == "counting fails"]
    assert told == [(Action.ALARM, "counting fails"), (Action.ALL_CLEAR, "counting fails")]
    assert "secret words" not in str([event.detail for event in shared.journal.events()])
