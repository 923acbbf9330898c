"""Hostile mail through the whole of triage: each message ends as it should, within its bounds.

The kernel holds every message to its memory and ends a runaway; what a message costs is the processor time of its own
process and of the worker that opens its attachments, not what the clock says.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import pytest

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from tests.hostile.cases import CASES, FIELDS, Case
from tests.hostile.mail import WORDS, mail, vouched
from tests.hostile.running import Runner
from tests.hostile.whole_way import Way, shipped_way

MEMORY = 300_000_000
CPU_SECONDS = 3.0
"""Each costs less than one (`python -m bench.hostile` tells how much); tests may have to share a busy machine."""

every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the bounds are set and measured as on Linux")


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    runner = Runner(tmp_path_factory.mktemp("hostile"))
    yield runner
    runner.end()


@every_case
def test_it_ends_as_it_should_and_breaks_no_promise(case: Case, runner: Runner) -> None:
    result = runner.result(case)
    assert "died" not in result
    assert "escaped" not in result
    assert result["broken"] == []
    ended = result["reason"] or " ".join(result["mailboxes"]) or result["outcome"]
    assert not case.ends or ended in case.ends, result["because"]
    words = "\n".join([*result["words"], *(name for name, _ in result["files"])])
    assert case.seen in words
    assert not case.unseen or case.unseen not in words
    assert case.sent not in result["header"]


@every_case
def test_it_stays_within_its_time_and_300_megabytes(case: Case, runner: Runner) -> None:
    result = runner.result(case)
    assert result.get("cpu", 99) < CPU_SECONDS
    assert result.get("peak", MEMORY) < MEMORY


def unopened(files: Sequence[File]) -> list[Extract]:
    return [Extract(readability=Readability.NOT_OPENED) for _ in files]


@pytest.fixture(scope="module")
def way() -> Way:
    return shipped_way(unopened)


def test_a_broken_message_changes_nothing_for_the_next(way: Way) -> None:
    before = way.go(mail())
    for case in FIELDS:
        way.go(case.build())
    assert way.go(mail()) == before


def test_the_same_octets_always_come_to_the_same_mail(way: Way) -> None:
    for octets in (mail(), mail(without=[b"Message-ID", b"Date"])):
        assert way.go(octets) == way.go(octets)


def test_the_same_message_id_over_other_words_is_another_message(way: Way) -> None:
    first, second = way.go(mail()), way.go(mail(body=WORDS.replace(b"HX1 1AA", b"BD1 4AA")))
    assert first.message.message_id == second.message.message_id
    assert first.decision.destinations != second.decision.destinations
    assert first.sent
    assert second.sent
    assert first.sent.message_id != second.sent.message_id


def test_another_way_through_the_servers_changes_no_decision(way: Way) -> None:
    relayed = vouched() + b"Received: from elsewhere by relay.example; Mon, 30 Nov 2026 09:28:40 +0000\r\n"
    assert way.go(mail().replace(vouched(), relayed)).decision == way.go(mail()).decision
