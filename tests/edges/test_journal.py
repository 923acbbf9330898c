"""The journal: nothing that was taken in is ever lost, counted twice, or said to have happened when it did not."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from journal_cases import (
    C_DIVISION,
    HOLD,
    NOW,
    OFFENDER,
    REVIEW,
    ROUTE,
    answered,
    arrival,
    deliver,
    message,
    octets,
    routing,
    submission,
    verdict,
)

from inbox_router.core.audit import Action, Event, Occurrence
from inbox_router.core.decision import HoldReason, Outcome, Priority
from inbox_router.core.delivery import DeliveryState
from inbox_router.core.verification import verify
from inbox_router.edges.journal import (
    Attempted,
    Filed,
    Journal,
    JournalError,
    JournalUnavailableError,
    MessageState,
    Sums,
)

LATER = NOW + timedelta(minutes=5)
SENT, DEFERRED, BOUNCED, UNCERTAIN = (
    DeliveryState.SENT,
    DeliveryState.DEFERRED,
    DeliveryState.BOUNCED,
    DeliveryState.UNCERTAIN,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.open(path, instance="pennine", actor="inbox-router 0.1.0 (router@host)") as opened:
        yield opened


def state(journal: Journal, message_id: int) -> MessageState:
    record = journal.message(message_id)
    assert record is not None
    return record.state


def actions(journal: Journal, message_id: int | None = None) -> list[str]:
    return [event.action.value for event in journal.events(message=message_id)]


def routed(journal: Journal, uid: int = 1, outcome: Outcome = Outcome.ROUTE, **changes: object) -> int:
    """One message that has been received and decided."""
    (message_id,) = journal.receive([arrival(uid)], NOW)
    journal.route([routing(message_id, uid, outcome, **changes)], NOW)
    return message_id


class TestReceiving:
    def test_keeps_the_octets_bit_for_bit(self, journal: Journal) -> None:
        hostile = bytes(range(256)) * 3
        large = os.urandom(200_000)
        first, second = journal.receive([arrival(1, octets=hostile), arrival(2, octets=large)], NOW)
        assert (journal.octets(first), journal.octets(second)) == (hostile, large)
        assert {each.octets for each in journal.awaiting(10)} == {hostile, large}

    def test_knows_what_it_has_received_by_place_in_the_mailbox(self, journal: Journal) -> None:
        journal.receive([arrival(4), arrival(9), arrival(9, uidvalidity=8)], NOW)
        assert journal.known("intelligence", "INBOX", 7) == {4, 9}
        assert journal.known("intelligence", "INBOX", 7, least_uid=5) == {9}
        assert journal.known("intelligence", "INBOX", 6) == frozenset()
        assert journal.known("another", "INBOX", 7) == frozenset()

    def test_takes_the_same_place_once(self, journal: Journal) -> None:
        first = journal.receive([arrival(1), arrival(1), arrival(2)], NOW)
        again = journal.receive([arrival(2), arrival(1)], NOW)
        assert (first[0] == first[1], again) == (True, [first[2], first[0]])
        assert journal.sums().arrived == 2
        assert actions(journal) == ["collection"] * 2

    def test_stores_the_same_content_once(self, journal: Journal, path: Path) -> None:
        ids = journal.receive([arrival(1), arrival(2, octets=octets(1)), arrival(3, octets=octets(1))], NOW)
        assert [journal.octets(each) for each in ids] == [octets(1)] * 3
        with sqlite3.connect(path) as database:
            assert database.execute("SELECT count(*) FROM raws").fetchone() == (1,)

    def test_takes_in_a_message_that_the_server_would_not_give(self, journal: Journal) -> None:
        (message_id,) = journal.receive([arrival(1, octets=None, problem="NO [UNAVAILABLE]\r\n try")], NOW)
        (stored,) = journal.awaiting(10)
        assert (stored.id, stored.octets, stored.sha256) == (message_id, None, "")
        assert stored.problem == "NO [UNAVAILABLE] try"
        assert journal.octets(message_id) is None

    def test_hands_out_what_failed_least_then_what_presses_then_the_oldest(self, journal: Journal) -> None:
        old, older, pressing, poison = journal.receive(
            [
                arrival(1, internaldate=NOW),
                arrival(2, internaldate=NOW - timedelta(hours=1)),
                arrival(3, internaldate=NOW, pressing=True),
                arrival(4, internaldate=NOW - timedelta(hours=9), pressing=True),
            ],
            NOW,
        )
        assert journal.attempted(poison, "it broke", NOW) == 1
        assert [each.id for each in journal.awaiting(10)] == [pressing, older, old, poison]
        assert [each.id for each in journal.awaiting(1)] == [pressing]

    def test_counts_failures_and_keeps_their_words_out_of_the_audit_log(self, journal: Journal) -> None:
        (message_id,) = journal.receive([arrival(1)], NOW)
        journal.attempted(message_id, "ValueError: 12 High Street", NOW)
        assert journal.attempted(message_id, "ValueError: 12 High Street", NOW) == 2
        assert journal.awaiting(1)[0].attempts == 2
        record = journal.message(message_id)
        assert record is not None
        assert record.last_error == "ValueError: 12 High Street"
        assert "High Street" not in str(list(journal.events()))

    def test_gives_times_back_in_utc_and_to_the_microsecond(self, journal: Journal) -> None:
        there = datetime.fromisoformat("2026-07-01T09:00:00.000001+01:00")
        journal.receive([arrival(1, internaldate=there)], NOW)
        received = journal.awaiting(1)[0].received
        assert received == there
        assert received.isoformat() == "2026-07-01T08:00:00.000001+00:00"

    def test_refuses_a_time_without_a_zone_and_records_nothing(self, journal: Journal) -> None:
        with pytest.raises(Exception, match="time zone"):
            journal.receive([arrival(1), arrival(2, internaldate=NOW.replace(tzinfo=None))], NOW)
        assert (journal.sums().arrived, journal.head()[0]) == (0, 0)


class TestAMessageThatWasGoneBeforeItWasFetched:
    def test_is_noted_and_does_not_count_as_arrived(self, journal: Journal) -> None:
        journal.receive([arrival(1, octets=None, gone=True), arrival(2)], NOW)
        assert journal.sums() == Sums(arrived=1, routed=0, held=0, filed=0, awaiting=1, observed=0, gone=1)
        assert actions(journal) == ["gone", "collection"]

    def test_is_noted_once_however_often_it_is_missed(self, journal: Journal) -> None:
        for _ in range(3):
            journal.receive([arrival(1, octets=None, gone=True)], NOW)
        assert actions(journal) == ["gone"]

    def test_is_received_after_all_should_the_mailbox_show_it_again(self, journal: Journal) -> None:
        (message_id,) = journal.receive([arrival(1, octets=None, gone=True)], NOW)
        assert journal.known("intelligence", "INBOX", 7) == frozenset()
        assert journal.receive([arrival(1)], LATER) == [message_id]
        assert journal.octets(message_id) == octets(1)
        assert journal.sums().arrived == 1
        assert actions(journal, message_id) == ["gone", "collection"]

    def test_is_not_forgotten_where_its_octets_are_here_already(self, journal: Journal) -> None:
        (message_id,) = journal.receive([arrival(1)], NOW)
        journal.receive([arrival(1, octets=None, gone=True)], LATER)
        assert state(journal, message_id) == MessageState.RECEIVED


class TestDeciding:
    def test_keeps_the_whole_decision(self, journal: Journal) -> None:
        first, second = journal.receive([arrival(1), arrival(2)], NOW)
        journal.route([routing(first, 1), routing(second, 2, Outcome.HOLD)], NOW)
        records = [journal.message(first), journal.message(second)]
        assert [record.decision for record in records if record] == [ROUTE, HOLD]

    def test_takes_the_message_from_those_that_await_one(self, journal: Journal) -> None:
        message_id = routed(journal)
        assert journal.awaiting(10) == []
        assert state(journal, message_id) == MessageState.DELIVERING

    def test_cannot_be_done_twice(self, journal: Journal) -> None:
        message_id = routed(journal)
        before = journal.head()
        with pytest.raises(JournalError, match=f"Message {message_id}: 'delivering' already"):
            journal.route([routing(message_id, 1)], NOW)
        assert journal.head() == before

    def test_of_a_batch_records_all_or_nothing(self, journal: Journal) -> None:
        first, second = journal.receive([arrival(1), arrival(2)], NOW)
        with pytest.raises(JournalError, match="no message 999"):
            journal.route([routing(first, 1), routing(999, 9), routing(second, 2)], NOW)
        assert [each.id for each in journal.awaiting(10)] == [first, second]
        assert journal.due(NOW, 10) == []
        assert actions(journal) == ["collection"] * 2

    def test_says_what_was_decided_under_which_rule_and_for_whom(self, journal: Journal) -> None:
        message_id = routed(journal)
        event = list(journal.events(message=message_id))[-1]
        assert (event.action, event.outcome) == (Action.ALTERATION, "route")
        assert (event.rule, event.rules_version) == ("prison-recall", "cd" * 32)
        assert event.recipients == (C_DIVISION, OFFENDER)
        assert event.detail["category"] == "prison_recall"
        assert event.detail["priority"] == "high"
        assert event.sha256 == message(1).sha256

    def test_records_which_earlier_messages_it_drew_on(self, journal: Journal) -> None:
        message_id = routed(journal, earlier=(12, 17))
        event = list(journal.events(message=message_id))[-1]
        assert (event.action, event.detail) == (Action.COMBINATION, {"earlier": "12, 17"})

    def test_of_a_message_that_could_not_be_read_needs_no_message(self, journal: Journal) -> None:
        (message_id,) = journal.receive([arrival(1, octets=None, problem="refused")], NOW)
        journal.route([routing(message_id, 1, Outcome.HOLD, message=None)], NOW)
        assert state(journal, message_id) == MessageState.DELIVERING


class TestObserving:
    def test_records_the_decision_and_touches_nothing(self, journal: Journal) -> None:
        message_id = routed(journal, submissions=(), observed=True)
        assert state(journal, message_id) == MessageState.OBSERVED
        assert (journal.due(NOW, 10), journal.to_file(10), journal.awaiting(10)) == ([], [], [])
        assert journal.sums() == Sums(arrived=1, routed=0, held=0, filed=0, awaiting=1, observed=1, gone=0)
        assert list(journal.events())[-1].outcome == "route, only observed"

    def test_can_cause_no_mail(self, journal: Journal) -> None:
        (message_id,) = journal.receive([arrival(1)], NOW)
        with pytest.raises(JournalError, match="only observed"):
            journal.route([routing(message_id, 1, observed=True)], NOW)

    def test_ends_when_the_message_is_decided_in_earnest(self, journal: Journal) -> None:
        message_id = routed(journal, submissions=(), observed=True)
        journal.route([routing(message_id, 1, Outcome.HOLD)], LATER)
        record = journal.message(message_id)
        assert record is not None
        assert (record.state, record.decision) == (MessageState.DELIVERING, HOLD)


class TestDelivering:
    def test_hands_out_the_urgent_first_and_then_the_oldest(self, journal: Journal) -> None:
        first, second, third = journal.receive([arrival(1), arrival(2), arrival(3)], NOW)
        # The held one claims to be urgent.
        journal.route([routing(first, 1), routing(second, 2, Outcome.HOLD), routing(third, 3)], NOW)
        assert [each.message_id for each in journal.due(NOW, 10)] == [second, first, third]
        assert [each.message_id for each in journal.due(NOW, 1)] == [second]

    def test_hands_out_the_mail_as_it_was_composed(self, journal: Journal) -> None:
        routed(journal)
        (queued,) = journal.due(NOW, 10)
        assert queued.submission == submission(octets(1), (C_DIVISION, OFFENDER))
        assert queued.recipients == (C_DIVISION, OFFENDER)
        assert (queued.attempts, queued.queued_at, queued.possible_duplicate) == (0, NOW, False)
        assert queued.urgency == Priority.HIGH

    def test_hands_nothing_out_twice_while_it_is_being_tried(self, journal: Journal) -> None:
        routed(journal)
        journal.submitting(journal.due(NOW, 10), NOW)
        assert journal.due(LATER, 10) == []

    def test_records_disclosure_to_each_recipient_with_the_words_of_the_server(self, journal: Journal) -> None:
        message_id = routed(journal)
        deliver(journal, SENT)
        first, second = list(journal.events(message=message_id))[-2:]
        assert (first.action, second.action) == (Action.DISCLOSURE, Action.DISCLOSURE)
        assert (first.recipients, second.recipients) == ((C_DIVISION,), (OFFENDER,))
        assert first.detail["reply"] == "2.0.0 Ok: queued as 4711"
        assert (first.detail["code"], first.detail["attempts"]) == (250, 1)
        assert (first.rule, first.sha256) == ("prison-recall", message(1).sha256)
        assert state(journal, message_id) == MessageState.READY

    def test_discloses_nothing_that_the_server_has_not_accepted(self, journal: Journal) -> None:
        message_id = routed(journal)
        deliver(journal, DEFERRED, next_try=LATER)
        assert actions(journal, message_id) == ["collection", "alteration", "deferred", "deferred"]

    def test_tries_a_deferred_recipient_again_when_its_time_has_come_and_only_that_one(self, journal: Journal) -> None:
        message_id = routed(journal)
        deliver(journal, SENT, DEFERRED, next_try=LATER)
        assert state(journal, message_id) == MessageState.DELIVERING
        assert journal.due(LATER - timedelta(microseconds=1), 10) == []
        (queued,) = journal.due(LATER, 10)
        assert (queued.recipients, queued.attempts) == ((OFFENDER,), 1)
        assert queued.submission.recipients == (C_DIVISION, OFFENDER)
        deliver(journal, SENT, now=LATER)
        assert state(journal, message_id) == MessageState.READY

    def test_gives_up_what_is_deferred_and_not_to_be_tried_again(self, journal: Journal) -> None:
        message_id = routed(journal)
        deliver(journal, DEFERRED, next_try=None)
        assert actions(journal, message_id)[-2:] == ["given up"] * 2
        assert state(journal, message_id) == MessageState.READY

    def test_tries_an_uncertain_recipient_again_as_a_possible_duplicate(self, journal: Journal) -> None:
        routed(journal)
        deliver(journal, UNCERTAIN, next_try=LATER)
        (queued,) = journal.due(LATER, 10)
        assert queued.possible_duplicate
        deliver(journal, DEFERRED, now=LATER, next_try=LATER)
        assert journal.due(LATER, 10)[0].possible_duplicate, "doubt does not go away by being put off"
        deliver(journal, SENT, now=LATER)
        assert list(journal.events())[-1].detail["note"] == "possible duplicate"

    def test_leaves_an_uncertain_recipient_to_a_person_where_it_is_not_to_be_tried_again(
        self, journal: Journal
    ) -> None:
        message_id = routed(journal)
        deliver(journal, SENT, UNCERTAIN, next_try=None)
        assert journal.due(LATER, 10) == []
        assert state(journal, message_id) == MessageState.READY
        assert journal.to_file(1)[0].ends_as == MessageState.HELD

    def test_takes_silence_about_a_recipient_for_uncertainty(self, journal: Journal) -> None:
        message_id = routed(journal)
        due = journal.due(NOW, 10)
        journal.submitting(due, NOW)
        result = Attempted(submission_id=due[0].submission_id, verdicts=(verdict(OFFENDER),), next_try=LATER)
        journal.verdicts([result], NOW)
        assert sorted(actions(journal, message_id)[-2:]) == ["disclosure", "uncertain"]
        assert journal.due(LATER, 10)[0].recipients == (C_DIVISION,)

    def test_never_takes_an_acceptance_back(self, journal: Journal) -> None:
        message_id = routed(journal)
        (queued,) = journal.due(NOW, 10)
        journal.submitting([queued], NOW)
        journal.verdicts([answered(queued, SENT)], NOW)
        journal.verdicts([answered(queued, BOUNCED)], NOW)
        record = journal.message(message_id)
        assert record is not None
        assert {delivery.state for delivery in record.deliveries} == {SENT}
        assert "refused" not in actions(journal)

    def test_refuses_a_verdict_on_somebody_who_is_no_recipient(self, journal: Journal) -> None:
        routed(journal)
        (queued,) = journal.due(NOW, 10)
        with pytest.raises(JournalError, match=r"no recipient stranger@else\.example"):
            journal.verdicts([answered(queued, SENT, recipients=("stranger@else.example",))], NOW)

    def test_knows_of_every_recipient_where_it_stands(self, journal: Journal) -> None:
        message_id = routed(journal)
        deliver(journal, SENT, BOUNCED)
        record = journal.message(message_id)
        assert record is not None
        assert [(each.recipient, each.state, each.code, each.attempts) for each in record.deliveries] == [
            (C_DIVISION, SENT, 250, 1),
            (OFFENDER, BOUNCED, 550, 1),
        ]


class TestTheSameContentTwice:
    def test_is_sent_once_and_both_messages_end_together(self, journal: Journal) -> None:
        """As after a change of UIDVALIDITY, when the whole mailbox arrives again."""
        first, second = journal.receive([arrival(1), arrival(90, octets=octets(1))], NOW)
        journal.route([routing(first, 1)], NOW)
        journal.route([routing(second, 1)], NOW)
        assert len(journal.due(NOW, 10)) == 1
        assert list(journal.events(message=second))[-1].detail["duplicate_of"] == first
        deliver(journal, SENT)
        assert [each.message_id for each in journal.to_file(10)] == [first, second]

    def test_is_sent_once_when_decided_in_one_batch(self, journal: Journal) -> None:
        first, second = journal.receive([arrival(1), arrival(90, octets=octets(1))], NOW)
        journal.route([routing(first, 1), routing(second, 1)], NOW)
        assert len(journal.due(NOW, 10)) == 1
        assert list(journal.events(message=second))[-1].detail["duplicate_of"] == first

    def test_is_ready_at_once_where_all_was_delivered_before(self, journal: Journal) -> None:
        routed(journal)
        deliver(journal, SENT)
        (second,) = journal.receive([arrival(90, octets=octets(1))], LATER)
        journal.route([routing(second, 1)], LATER)
        assert state(journal, second) == MessageState.READY
        assert journal.due(LATER, 10) == []


class TestOtherMail:
    def test_no_message_waits_for_it(self, journal: Journal) -> None:
        message_id = routed(journal, outcome=Outcome.FILE)
        journal.queue([submission(b"alarm", (REVIEW,), "alarm")], NOW, message_id=message_id)
        assert state(journal, message_id) == MessageState.READY
        (queued,) = journal.due(NOW, 10)
        assert (queued.message_id, queued.urgency, queued.submission.kind) == (message_id, Priority.URGENT, "alarm")

    def test_needs_no_message_at_all(self, journal: Journal) -> None:
        journal.queue([submission(b"alarm", (REVIEW,), "alarm")], NOW)
        deliver(journal, SENT)
        assert actions(journal) == ["queued", "disclosure"]
        assert journal.sums().arrived == 0

    def test_cannot_be_about_a_message_that_is_not_there(self, journal: Journal) -> None:
        with pytest.raises(JournalError, match="Nothing was recorded"):
            journal.queue([submission(b"alarm", (REVIEW,), "alarm")], NOW, message_id=404)
        assert (journal.due(NOW, 10), journal.head()[0]) == ([], 0)

    def test_is_queued_once(self, journal: Journal) -> None:
        for _ in range(2):
            journal.queue([submission(b"alarm", (REVIEW,), "alarm")], NOW)
        assert actions(journal) == ["queued"]


class TestEnding:
    @pytest.mark.parametrize(
        ("outcome", "folder", "final"),
        [
            (Outcome.ROUTE, "Routed", MessageState.ROUTED),
            (Outcome.HOLD, "Held", MessageState.HELD),
            (Outcome.FILE, "Automatic", MessageState.FILED),
        ],
    )
    def test_comes_with_the_record_of_the_move(
        self, journal: Journal, outcome: Outcome, folder: str, final: MessageState
    ) -> None:
        message_id = routed(journal, outcome=outcome)
        deliver(journal, SENT)
        (ready,) = journal.to_file(10)
        assert (ready.target, ready.ends_as, ready.delivery_refused) == (folder, final, False)
        assert (ready.account, ready.folder, ready.uidvalidity, ready.uid) == ("intelligence", "INBOX", 7, 1)
        assert journal.sums().awaiting == 1
        journal.filed([Filed(message_id=message_id, new_uid=55, reply="OK [COPYUID 9 1 55] done")], LATER)
        record = journal.message(message_id)
        assert record is not None
        assert (record.state, record.now_folder, record.now_uid, record.settled) == (final, folder, 55, LATER)
        event = list(journal.events())[-1]
        assert (event.action, event.outcome, event.detail["new_uid"]) == (Action.FILED, final.value, 55)
        assert event.detail["reply"] == "OK [COPYUID 9 1 55] done"
        assert journal.to_file(10) == []

    def test_comes_at_once_where_the_message_stays_in_place(self, journal: Journal) -> None:
        message_id = routed(journal, folder=None)
        deliver(journal, SENT)
        record = journal.message(message_id)
        assert record is not None
        assert (record.state, record.now_folder, record.now_uid) == (MessageState.ROUTED, "INBOX", 1)
        assert list(journal.events())[-1].detail["note"] == "left where it is"

    def test_does_not_come_while_a_recipient_has_no_answer(self, journal: Journal) -> None:
        message_id = routed(journal)
        deliver(journal, SENT, DEFERRED, next_try=LATER)
        assert journal.to_file(10) == []
        with pytest.raises(JournalError, match="cannot become 'routed'"):
            journal.filed([Filed(message_id=message_id, new_uid=1, reply="")], NOW)

    def test_notes_that_a_person_moved_the_message(self, journal: Journal) -> None:
        message_id = routed(journal)
        deliver(journal, SENT)
        journal.filed([Filed(message_id=message_id, new_uid=None, reply="", note="moved by a person", folder="")], NOW)
        record = journal.message(message_id)
        assert record is not None
        assert (record.state, record.now_folder, record.note) == (MessageState.ROUTED, "", "moved by a person")

    def test_is_held_where_a_recipient_was_refused(self, journal: Journal) -> None:
        message_id = routed(journal)
        deliver(journal, SENT, BOUNCED)
        (ready,) = journal.to_file(10)
        assert (ready.ends_as, ready.delivery_refused) == (MessageState.HELD, True)
        journal.filed([Filed(message_id=message_id, new_uid=3, reply="OK", folder="Held")], NOW)
        (item,) = journal.held()
        assert (item.message_id, item.reason, item.refused) == (message_id, None, (OFFENDER,))
        assert item.state == MessageState.HELD
        assert list(journal.events())[-1].detail["reason"] == "delivery refused"
        assert journal.sums() == Sums(arrived=1, routed=0, held=1, filed=0, awaiting=0, observed=0, gone=0)

    def test_cannot_come_twice(self, journal: Journal) -> None:
        message_id = routed(journal, outcome=Outcome.FILE)
        journal.filed([Filed(message_id=message_id, new_uid=3, reply="OK")], NOW)
        with pytest.raises(JournalError, match="already"):
            journal.filed([Filed(message_id=message_id, new_uid=4, reply="OK")], NOW)


class TestStartingAgain:
    def test_finds_what_was_cut_short_and_makes_it_uncertain(self, journal: Journal, path: Path) -> None:
        message_id = routed(journal)
        journal.submitting(journal.due(NOW, 10), NOW)
        journal.close()
        with Journal.open(path, instance="pennine") as reopened:
            assert reopened.recover(LATER) == 1
            (queued,) = reopened.due(LATER, 10)
            assert (queued.recipients, queued.possible_duplicate, queued.attempts) == ((C_DIVISION, OFFENDER), True, 1)
            assert actions(reopened, message_id)[-2:] == ["uncertain"] * 2
            assert "recovered" in actions(reopened)

    def test_leaves_what_was_cut_short_to_a_person_where_so_configured(self, journal: Journal) -> None:
        message_id = routed(journal)
        journal.submitting(journal.due(NOW, 10), NOW)
        assert journal.recover(LATER, hold_uncertain=True) == 1
        assert journal.due(LATER, 10) == []
        assert journal.to_file(10)[0].message_id == message_id
        assert journal.held()[0].refused == (C_DIVISION, OFFENDER)

    def test_has_nothing_to_say_after_an_orderly_stop(self, journal: Journal) -> None:
        routed(journal)
        before = journal.head()
        assert journal.recover(LATER) == 0
        assert journal.head() == before


class TestTheAuditLog:
    def test_is_one_chain_over_all_that_happened(self, journal: Journal) -> None:
        for uid in range(1, 4):
            routed(journal, uid, list(Outcome)[uid - 1])
        deliver(journal, SENT)
        journal.filed([Filed(message_id=each.message_id, new_uid=1, reply="") for each in journal.to_file(9)], NOW)
        found = verify(journal.events())
        assert found.fault is None
        assert found.head is not None
        assert journal.head() == (found.entries, found.head.digest)

    def test_goes_on_where_it_stopped_after_a_restart(self, journal: Journal, path: Path) -> None:
        routed(journal)
        journal.close()
        with Journal.open(path) as reopened:
            reopened.record([Occurrence(action=Action.STARTED)], LATER)
            assert verify(reopened.events()).entries == 3

    def test_names_the_actor_given_at_opening_or_the_person(self, journal: Journal) -> None:
        journal.record(
            [Occurrence(action=Action.STARTED), Occurrence(action=Action.CONSULTATION, actor="PC 4711")], NOW
        )
        assert [event.actor for event in journal.events()] == ["inbox-router 0.1.0 (router@host)", "PC 4711"]

    def test_is_read_by_time_message_category_and_place(self, journal: Journal) -> None:
        first = routed(journal, 1)
        journal.record([Occurrence(action=Action.ALARM)], LATER)
        routed(journal, 2, Outcome.FILE)
        assert [event.action for event in journal.events(since=LATER)] == [Action.ALARM]
        assert [event.sequence for event in journal.events(until=LATER)] == [1, 2, 4, 5]
        assert {event.message for event in journal.events(message=first)} == {first}
        assert {event.message for event in journal.events(category="prison_recall")} == {first}
        assert [event.sequence for event in journal.events(after_sequence=3)] == [4, 5]

    def test_is_told_to_others_once_it_is_durable_and_in_order(self, path: Path) -> None:
        heard: list[Event] = []
        durable: list[int] = []

        def listen(event: Event) -> None:
            heard.append(event)
            with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as other:
                durable.append(other.execute("SELECT max(sequence) FROM events").fetchone()[0])

        with Journal.open(path, instance="pennine", mirrors=[listen]) as journal:
            routed(journal)
            assert heard == list(journal.events())
        assert durable == [1, 2]

    def test_goes_on_where_a_copy_fails(self, path: Path) -> None:
        def broken(event: Event) -> None:
            raise OSError("disk full")

        with Journal.open(path, instance="pennine", mirrors=[broken]) as journal:
            assert state(journal, routed(journal)) == MessageState.DELIVERING

    def test_tells_of_nothing_that_was_not_recorded(self, path: Path) -> None:
        heard: list[Event] = []
        with Journal.open(path, instance="pennine", mirrors=[heard.append]) as journal:
            with pytest.raises(JournalError):
                journal.route([routing(404, 1)], NOW)
            with pytest.raises(ValueError, match="no detail named"):
                journal.record([Occurrence(action=Action.ALARM, detail={"body": "x"})], NOW)
        assert heard == []

    @pytest.mark.parametrize(
        "tampering",
        [
            "UPDATE events SET outcome = 'hold' WHERE sequence = 2",
            "UPDATE events SET recipients = '[]' WHERE sequence = 2",
            "UPDATE events SET recipients = 'x' WHERE sequence = 2",
            "UPDATE events SET at = 'x' WHERE sequence = 2",
            "UPDATE events SET action = 'x' WHERE sequence = 2",
            "UPDATE events SET message = 'x' WHERE sequence = 2",
            "DELETE FROM events WHERE sequence = 2",
            "UPDATE events SET sequence = 99 WHERE sequence = 2",
        ],
    )
    def test_shows_what_was_done_to_it_behind_its_back(self, journal: Journal, path: Path, tampering: str) -> None:
        routed(journal)
        deliver(journal, SENT)
        with sqlite3.connect(path) as other:
            other.execute(tampering)
        fault = verify(journal.events()).fault
        assert fault is not None
        assert fault.sequence == 2


class TestQuestions:
    def test_held_messages_come_the_most_urgent_first_with_what_is_claimed(self, journal: Journal) -> None:
        plain = routed(journal, 1, Outcome.HOLD, decision=HOLD.__class__(**fields(HOLD, claims=())))
        urgent = routed(journal, 2, Outcome.HOLD)
        items = journal.held()
        assert [item.message_id for item in items] == [urgent, plain]
        assert (items[0].reason, items[0].urgency) == (HoldReason.CONFLICTING_CATEGORIES, Priority.URGENT)
        assert items[0].claims == HOLD.claims
        assert items[0].reference == submission(octets(2), (REVIEW,), "notice").reference
        assert items[0].state == MessageState.DELIVERING

    def test_a_message_is_found_by_id_reference_our_message_id_and_hash(self, journal: Journal) -> None:
        message_id, other = routed(journal, 1), routed(journal, 2)
        mail = submission(octets(1), (C_DIVISION,))
        sha256 = message(1).sha256
        for sought in (str(message_id), mail.reference, f"<{mail.message_id}>", sha256, sha256[:6].upper()):
            assert message_id in journal.find(sought), sought
            assert other not in journal.find(sought), sought

    @pytest.mark.parametrize("sought", ["", "  ", "%", "_", "' OR 1=1 --", "9" * 40, "abc", "\ud800", "②"])
    def test_what_means_no_message_finds_none(self, journal: Journal, sought: str) -> None:
        routed(journal)
        assert journal.find(sought) == []

    def test_an_unknown_message_is_none(self, journal: Journal) -> None:
        assert (journal.message(404), journal.octets(404)) == (None, None)


class TestEarlierMessages:
    def test_are_found_by_a_shared_identifier(self, journal: Journal) -> None:
        message_id = routed(journal)
        (found,) = journal.earlier([("prison number", "A1234BC"), ("phone", "01632 960001")], [])
        assert (found.message_id, found.shared, found.referenced) == (
            message_id,
            (("prison number", "A1234BC"),),
            False,
        )
        assert (found.mailboxes, found.to) == (("c-division", "offender-management"), ("c-division",))
        assert (found.category, found.type, found.decided) == ("prison_recall", "standard", NOW)
        assert found.reference == submission(octets(1), ()).reference

    def test_are_found_by_the_message_ids_of_their_senders_and_by_ours(self, journal: Journal) -> None:
        message_id = routed(journal)
        for name in ("1@justice.gov.uk", submission(octets(1), ()).message_id):
            (found,) = journal.earlier([], ["unknown@else.example", name])
            assert (found.message_id, found.referenced, found.shared) == (message_id, True, ())

    def test_do_not_share_a_value_under_another_kind(self, journal: Journal) -> None:
        routed(journal)
        assert journal.earlier([("phone", "A1234BC")], []) == []

    def test_count_only_when_they_were_routed(self, journal: Journal) -> None:
        decision = HOLD.__class__(**fields(HOLD, identifiers=ROUTE.identifiers))
        routed(journal, 1, Outcome.HOLD, decision=decision)
        routed(journal, 2, submissions=(), observed=True)
        assert journal.earlier(ROUTE.identifiers, ["1@justice.gov.uk"]) == []

    def test_come_newest_first_and_no_more_than_asked_for(self, journal: Journal) -> None:
        ids = [routed(journal, uid) for uid in (1, 2, 3)]
        assert [each.message_id for each in journal.earlier(ROUTE.identifiers, [])] == ids[::-1]
        assert len(journal.earlier(ROUTE.identifiers, [], limit=2)) == 2

    def test_are_none_without_anything_to_go_by(self, journal: Journal) -> None:
        routed(journal)
        assert journal.earlier([], []) == []
        assert journal.earlier([], [""]) == []

    def test_are_looked_up_for_any_number_of_hostile_values(self, journal: Journal) -> None:
        message_id = routed(journal)
        flood = [("prison number", "A1234BC"), *(("phone", f"\ud800{number}") for number in range(5000))]
        names = ["1@justice.gov.uk", *(f"{number}\0@else.example" for number in range(5000))]
        assert [each.message_id for each in journal.earlier(flood, names)] == [message_id]


@contextmanager
def largest_file(octets: int) -> Iterator[None]:
    """No file may grow beyond this: what a full disk looks like to one who writes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestTheFile:
    def test_is_readable_by_nobody_else(self, journal: Journal, path: Path) -> None:
        routed(journal)
        for each in path.parent.iterdir():
            assert stat.S_IMODE(each.stat().st_mode) == 0o600, each.name

    def test_can_be_read_by_others_while_the_service_runs(self, journal: Journal, path: Path) -> None:
        message_id = routed(journal)
        with Journal.open(path, read_only=True) as reader:
            assert (reader.instance, reader.sums(), reader.head()) == ("pennine", journal.sums(), journal.head())
            deliver(journal, SENT)
            assert state(reader, message_id) == MessageState.READY
            with pytest.raises(JournalError, match="for reading only"):
                reader.record([Occurrence(action=Action.ALARM)], NOW)

    def test_is_not_created_by_reading(self, path: Path) -> None:
        with pytest.raises(JournalError, match="no journal at"):
            Journal.open(path, read_only=True)
        assert not path.exists()

    def test_belongs_to_one_instance(self, journal: Journal, path: Path) -> None:
        journal.close()
        with pytest.raises(
            JournalError, match="belongs to the instance 'pennine', but the configuration names 'other'"
        ):
            Journal.open(path, instance="other")
        with Journal.open(path) as reopened:
            assert reopened.instance == "pennine"

    def test_needs_an_instance_when_it_is_new(self, path: Path) -> None:
        with pytest.raises(JournalError, match="belongs to no instance"):
            Journal.open(path)

    def test_is_refused_when_it_is_something_else(self, path: Path) -> None:
        path.write_text("Dear colleague, " * 400)
        with pytest.raises(JournalError, match="not a database"):
            Journal.open(path, instance="pennine")
        path.unlink()
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE holiday (day TEXT)")
        with pytest.raises(JournalError, match="not a journal"):
            Journal.open(path, instance="pennine")

    def test_in_a_folder_that_does_not_exist_is_refused_with_the_path(self, tmp_path: Path) -> None:
        with pytest.raises(JournalUnavailableError, match=r"nowhere.*cannot be opened.*folder"):
            Journal.open(tmp_path / "nowhere" / "journal.db", instance="pennine")

    def test_on_a_full_disk_takes_nothing_and_heals_by_itself(self, journal: Journal, path: Path) -> None:
        routed(journal, 1)
        before = (journal.head(), journal.sums())
        with largest_file(1_000_000), pytest.raises(JournalUnavailableError, match="could not be written"):
            journal.receive([arrival(2, octets=os.urandom(2_000_000))], NOW)
        assert (journal.head(), journal.sums()) == before
        journal.receive([arrival(2, octets=os.urandom(2_000_000))], NOW)
        assert journal.sums().arrived == 2

    def test_tells_no_content_of_mail_when_it_fails(self, journal: Journal, path: Path) -> None:
        with sqlite3.connect(path) as other:
            other.execute("DROP TABLE identifiers")
        (message_id,) = journal.receive([arrival(1)], NOW)
        with pytest.raises(JournalUnavailableError) as failure:
            journal.route([routing(message_id, 1)], NOW)
        assert "A1234BC" not in str(failure.value)
        assert "A1234BC" not in str(failure.value.__cause__)

    def test_that_is_closed_says_so(self, journal: Journal) -> None:
        journal.close()
        journal.close()
        with pytest.raises(JournalError, match="is closed"):
            journal.sums()

    def test_serves_several_threads(self, journal: Journal) -> None:
        def work(start: int) -> None:
            for uid in range(start, start + 10):
                routed(journal, uid)

        threads = [threading.Thread(target=work, args=(start,)) for start in (1, 101, 201)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert journal.sums().arrived == 30
        assert verify(journal.events()).entries == 60


def fields(decision: object, **changes: object) -> dict[str, object]:
    return {name: getattr(decision, name) for name in decision.__slots__} | changes  # type: ignore[attr-defined]


steps = st.lists(
    st.tuples(
        st.sampled_from(["receive", "gone", "again", "fail", "route", "observe", "deliver", "crash", "file", "alarm"]),
        st.sampled_from(list(Outcome)),
        st.sampled_from([SENT, DEFERRED, BOUNCED, UNCERTAIN]),
        st.booleans(),
    ),
    max_size=20,
)


def live(journal: Journal, clock: datetime, uid: int, step: tuple[str, Outcome, DeliveryState, bool]) -> None:
    """One step in the life of a service, whatever state the journal is in."""
    what, outcome, answer, flag = step
    waiting = journal.awaiting(2)
    if what == "receive":
        journal.receive([arrival(uid), arrival(uid + 1, octets=octets(uid) if flag else None)], clock)
    elif what in {"gone", "again"}:
        journal.receive([arrival(uid - (what == "again"), octets=None, gone=True)], clock)
    elif what == "fail" and waiting:
        journal.attempted(waiting[0].id, "it broke", clock)
    elif what == "route":
        # Neighbours have the same content, so that they share their mail.
        folder = "Done" if flag else None
        journal.route([routing(each.id, each.id // 2, outcome, folder=folder) for each in waiting], clock)
    elif what == "observe":
        journal.route([routing(each.id, each.id, outcome, submissions=(), observed=True) for each in waiting], clock)
    elif what == "deliver":
        deliver(journal, answer, now=clock, next_try=clock if flag else None)
    elif what == "crash":
        journal.submitting(journal.due(clock, 2), clock)
        journal.recover(clock, hold_uncertain=flag)
    elif what == "file":
        journal.filed([Filed(message_id=each.message_id, new_uid=1, reply="") for each in journal.to_file(2)], clock)
    elif what == "alarm":
        journal.queue([submission(str(uid).encode(), (REVIEW,), "alarm")], clock, message_id=1 if flag else None)


@settings(max_examples=50, deadline=None)
@given(steps)
def test_whatever_happens_every_message_is_in_one_state_and_all_adds_up(
    tmp_path_factory: pytest.TempPathFactory, life: list[tuple[str, Outcome, DeliveryState, bool]]
) -> None:
    with Journal.open(tmp_path_factory.mktemp("life") / "journal.db", instance="pennine") as journal:
        first = journal.receive([arrival(1)], NOW)
        for number, step in enumerate(life):
            live(journal, NOW + timedelta(seconds=number), 2 + 2 * number, step)
            sums = journal.sums()
            assert sums.arrived == sums.routed + sums.held + sums.filed + sums.awaiting
            records = [journal.message(each) for each in range(first[0], first[0] + sums.arrived + sums.gone)]
            states = [record.state for record in records if record]
            assert len(states) == sums.arrived + sums.gone
            assert states.count(MessageState.GONE) == sums.gone
            assert states.count(MessageState.ROUTED) == sums.routed
            assert states.count(MessageState.OBSERVED) == sums.observed
            for record in records:
                assert record is not None
                open_states = {DEFERRED, DeliveryState.QUEUED, DeliveryState.SUBMITTING}
                decided = [each for each in record.deliveries if each.kind != "alarm"]
                if record.settled is not None:
                    assert not any(each.state in open_states for each in decided)
                if record.state == MessageState.ROUTED:
                    assert all(each.state == SENT for each in decided)
        assert verify(journal.events()).fault is None


WRITER = """
import sys
from pathlib import Path
from journal_cases import NOW, arrival, deliver, routing
from inbox_router.core.delivery import DeliveryState
from inbox_router.edges.journal import Filed, Journal

def ready(event):
    if event.sequence == 40:
        print("under way", flush=True)

journal = Journal.open(Path(sys.argv[1]), instance="pennine", mirrors=[ready])
journal.recover(NOW)
uid = journal.sums().arrived + 1
while True:
    ids = journal.receive([arrival(number) for number in range(uid, uid + 5)], NOW)
    journal.route([routing(each, uid + place) for place, each in enumerate(ids)], NOW)
    deliver(journal, DeliveryState.SENT)
    journal.filed([Filed(message_id=each.message_id, new_uid=1, reply="OK") for each in journal.to_file(10)], NOW)
    uid += 5
    if journal.head()[0] % 100 < 40:
        print("under way", flush=True)
"""


def test_killed_at_any_instant_it_is_whole_and_goes_on(path: Path) -> None:
    arrived = 0
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)},
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"under way\n"
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        with Journal.open(path, instance="pennine") as journal:
            sums, found = journal.sums(), verify(journal.events())
            assert found.fault is None
            assert (found.entries, found.head and found.head.digest) == journal.head()
            assert sums.arrived == sums.routed + sums.awaiting
            assert sums.arrived > arrived
            arrived = sums.arrived
            collected = [event for event in journal.events() if event.action is Action.COLLECTION]
            filed = [event for event in journal.events() if event.action is Action.FILED]
            assert (len(collected), len(filed)) == (sums.arrived, sums.routed)
