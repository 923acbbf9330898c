"""Messages about the same person, report or thread, one after the other through the route loop's own steps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from click.testing import CliRunner

from inbox_router.cli import commands
from inbox_router.core.audit import Action
from inbox_router.core.decision import Decision, HoldReason, Outcome, Priority
from inbox_router.core.delivery import DeliveryState, Verdict
from inbox_router.core.verification import verify
from inbox_router.edges.attachments import Extractor
from inbox_router.edges.journal import Arrival, Attempted, Journal
from inbox_router.files.config import load
from inbox_router.service.in_force import InForce, load_in_force
from inbox_router.service.lock import InboxLock
from inbox_router.service.office import desk
from inbox_router.service.routing import Router

ROOT = Path(__file__).resolve().parent.parent
GATEWAY = "mx.pennine.police.example"
START = datetime(2026, 11, 14, 16, 5, tzinfo=UTC)
PRISON = "recalls@justice.gov.uk"
POLICE = "pnc.bureau@westshire.police.uk"

RECALL = """\
The Secretary of State has revoked the licence of John DOE, who is to be returned to prison.
Recall type: Standard (determinate)
Emergency recall: NO
Prison number: A1234BC
Last known address: 4 Mill Lane, Halifax HX1 1AA
He is thought to stay with friends at weekends. Report the arrest to the duty desk by telephone.
"""
EMERGENCY = RECALL.replace("Emergency recall: NO", "Emergency recall: YES")
SUBJECT = "Licence recall notification - DOE John - A1234BC"
QUOTED = (
    f"\n\nFrom: Recall Team <{PRISON}>\nSent: 14 November 2026 15:58\nTo: Force Intelligence\nSubject: {SUBJECT}\n\n"
)


@pytest.fixture(scope="module")
def in_force() -> Iterator[InForce]:
    with Extractor() as extractor:
        yield load_in_force(load(ROOT / "config.example.yaml"), extractor, START)


class Inbox:
    """A journal and a router; each message that arrives is decided and recorded at once."""

    def __init__(self, in_force: InForce, folder: Path) -> None:
        self.config = folder / "config.yaml"
        text = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
        for name in ("rules", "templates"):
            text = text.replace(f"\n{name}: {name} ", f"\n{name}: {ROOT / name} ")
        self.config.write_text(text.replace("mode: observe", "mode: live"), encoding="utf-8")
        settings = load(self.config)
        settings.journal.path.parent.mkdir(parents=True, exist_ok=True)
        self.path = settings.journal.path
        self.journal = Journal.open(self.path, instance="tests")
        self._router = Router(in_force, self.journal, desk(settings))
        self._now = START
        self._uid = 0

    def takes(
        self,
        body: str,
        *,
        subject: str = SUBJECT,
        sender: str = PRISON,
        message_id: str = "",
        reply_to: str = "",
        later: timedelta = timedelta(minutes=20),
    ) -> int:
        """Number of the message in the journal."""
        self._uid += 1
        self._now += later
        octets = mail(body, subject, sender, message_id or f"{self._uid}@{sender.partition('@')[2]}", reply_to)
        return self.takes_octets(octets)

    def takes_octets(self, octets: bytes) -> int:
        self._uid += 1
        arrival = Arrival(
            account="intelligence",
            folder="INBOX",
            uidvalidity=1,
            uid=self._uid,
            internaldate=self._now,
            size=len(octets),
            octets=octets,
        )
        (number,) = self.journal.receive([arrival], self._now)
        (stored,) = [each for each in self.journal.awaiting(50) if each.id == number]
        self.journal.route([self._router.prepare(stored, self._now).routing], self._now)
        return number

    def delivers(self) -> None:
        """Every recipient accepts what is due."""
        due = self.journal.due(self._now, 100)
        self.journal.submitting(due, self._now)
        results = [
            Attempted(
                submission_id=each.submission_id,
                verdicts=tuple(accepted(recipient, self._now) for recipient in each.recipients),
                next_try=None,
            )
            for each in due
        ]
        self.journal.verdicts(results, self._now)

    def decided(self, number: int) -> Decision:
        record = self.journal.message(number)
        assert record is not None
        assert record.decision is not None
        return record.decision

    def reference(self, number: int) -> str:
        record = self.journal.message(number)
        assert record is not None
        return record.deliveries[0].reference

    def linked(self, number: int) -> list[dict[str, str | int]]:
        return [
            dict(event.detail) for event in self.journal.events(message=number) if event.action is Action.COMBINATION
        ]

    def sent(self) -> str:
        """The text of everything that waits to be sent."""
        return "\n".join(each.submission.octets.decode() for each in self.journal.due(self._now, 100))


def accepted(recipient: str, now: datetime) -> Verdict:
    return Verdict(
        recipient=recipient,
        state=DeliveryState.SENT,
        code=250,
        enhanced="2.0.0",
        reply="accepted",
        phase="dot",
        at=now,
    )


def mail(body: str, subject: str, sender: str, message_id: str, reply_to: str = "") -> bytes:
    message = EmailMessage(policy=SMTP)
    domain = sender.partition("@")[2]
    message["Authentication-Results"] = f"{GATEWAY}; dmarc=pass header.from={domain}"
    message["Received"] = f"from mail.{domain} by {GATEWAY}; Sat, 14 Nov 2026 16:05:00 +0000"
    message["From"] = sender
    message["To"] = "force.intelligence@pennine.police.example"
    message["Subject"] = subject
    message["Message-ID"] = f"<{message_id}>"
    if reply_to:
        message["In-Reply-To"] = f"<{reply_to}>"
    message.set_content(body)
    return message.as_bytes()


@pytest.fixture
def inbox(in_force: InForce, tmp_path: Path) -> Iterator[Inbox]:
    made = Inbox(in_force, tmp_path)
    yield made
    made.journal.close()


def went_to(decision: Decision) -> set[str]:
    return {place.mailbox for place in decision.destinations}


class TestTheSameNotice:
    def test_by_three_routes_is_routed_once_and_the_others_are_filed_and_linked(self, inbox: Inbox) -> None:
        first = inbox.takes(RECALL)
        second = inbox.takes(f"FYI, please see below.{QUOTED}{RECALL}", subject=f"FW: {SUBJECT}", sender=POLICE)
        third = inbox.takes(RECALL, sender="ppcs@justice.gov.uk", later=timedelta(days=2))
        assert inbox.decided(first).outcome is Outcome.ROUTE
        for copy in (second, third):
            decision = inbox.decided(copy)
            assert (decision.outcome, decision.rule) == (Outcome.FILE, "same notice")
            assert (decision.category, decision.type) == ("prison_recall", "standard")
            assert decision.because == f"it is the same notice as {inbox.reference(first)}, already routed"
            (detail,) = inbox.linked(copy)
            assert detail == {"earlier": str(first), "kind": "same notice, prison number"}
        assert inbox.journal.sums().arrived == 3
        assert [each.message_id for each in inbox.journal.due(START + timedelta(days=3), 10)] == [first]

    def test_urgent_and_not_yet_accepted_by_everybody_is_sent_again(self, inbox: Inbox) -> None:
        inbox.takes(EMERGENCY)
        again = inbox.takes(EMERGENCY, sender="ppcs@justice.gov.uk")
        assert inbox.decided(again).outcome is Outcome.ROUTE
        inbox.delivers()
        third = inbox.takes(EMERGENCY, sender="omu@hmps.gov.uk")
        assert inbox.decided(third).rule == "same notice"

    def test_without_any_number_in_it_is_found_by_its_words(self, inbox: Inbox) -> None:
        asked = (
            "Could you tell us who the senior investigating officer of Operation Larchwood is, and whether the enquiry "
            "into the haulage yard on the ring road is still running?"
        )
        first = inbox.takes(asked, subject="Operation Larchwood", sender="a.officer@westshire.police.uk")
        header = QUOTED.replace(PRISON, "a.officer@westshire.police.uk").replace(SUBJECT, "Operation Larchwood")
        again = inbox.takes(f"FYI{header}{asked}", subject="FW: Operation Larchwood", sender=POLICE)
        somebody_else = inbox.takes(asked, subject="Operation Larchwood", sender="b.officer@eastshire.police.uk")
        assert inbox.decided(first).outcome is Outcome.ROUTE
        assert inbox.decided(again).rule == "same notice"
        assert inbox.decided(somebody_else).outcome is Outcome.ROUTE

    def test_of_another_type_is_routed_and_linked(self, inbox: Inbox) -> None:
        inbox.takes(RECALL)
        changed = inbox.takes(RECALL.replace("Standard (determinate)", "28 day fixed term recall"))
        assert (inbox.decided(changed).outcome, inbox.decided(changed).type) == (Outcome.ROUTE, "fixed_term")
        assert inbox.linked(changed)

    def test_with_the_same_message_id_and_other_content_is_another_message(self, inbox: Inbox) -> None:
        inbox.takes(RECALL, message_id="one@justice.gov.uk")
        other = inbox.takes(RECALL.replace("4 Mill Lane", "9 Mill Lane"), message_id="one@justice.gov.uk")
        assert inbox.decided(other).outcome is Outcome.ROUTE

    def test_in_the_same_octets_is_never_sent_twice(self, inbox: Inbox) -> None:
        octets = mail(EMERGENCY, SUBJECT, PRISON, "one@justice.gov.uk")
        first, again = inbox.takes_octets(octets), inbox.takes_octets(octets)
        assert inbox.decided(first).outcome is Outcome.ROUTE
        assert inbox.decided(again).rule == "same notice"


class TestACancellation:
    WORDS = "The recall of the above named has been rescinded. Please stand down."

    def test_by_prison_number_only_goes_wherever_the_recall_went(self, inbox: Inbox) -> None:
        inbox.takes(EMERGENCY)
        over = inbox.takes(self.WORDS, subject="Recall rescinded - DOE John - A1234BC")
        decision = inbox.decided(over)
        assert (decision.type, decision.priority) == ("cancelled", Priority.URGENT)
        assert went_to(decision) == {"c-division", "offender-management", "fugitives"}

    def test_with_an_address_reaches_the_fugitives_unit_too_where_that_was_told(self, inbox: Inbox) -> None:
        inbox.takes(EMERGENCY)
        over = inbox.takes(f"{self.WORDS}\nLast known address: 4 Mill Lane, Halifax HX1 1AA", subject="Recall A1234BC")
        assert went_to(inbox.decided(over)) == {"c-division", "offender-management", "fugitives"}

    def test_is_held_as_urgent_where_nothing_came_before(self, inbox: Inbox) -> None:
        decision = inbox.decided(inbox.takes(self.WORDS, subject="Recall rescinded - DOE John - A1234BC"))
        assert (decision.outcome, decision.hold_reason) == (Outcome.HOLD, HoldReason.NO_PLACE)
        assert decision.urgency is Priority.URGENT

    def test_about_another_person_in_the_thread_of_a_recall_does_not_follow_it(self, inbox: Inbox) -> None:
        inbox.takes(EMERGENCY, message_id="first@justice.gov.uk")
        over = inbox.takes(self.WORDS, subject="Recall rescinded - ROE Jane - A9876CB", reply_to="first@justice.gov.uk")
        assert inbox.decided(over).hold_reason is HoldReason.NO_PLACE

    def test_does_not_follow_a_message_of_another_kind_about_the_person(self, inbox: Inbox) -> None:
        inbox.takes(
            "ROTL notification. Resettlement overnight release of A1234BC.\nROTL address: 2 Mill Lane, Leeds LS10 3AA",
            subject="ROTL notification - A1234BC",
        )
        over = inbox.takes(self.WORDS, subject="Recall rescinded - DOE John - A1234BC")
        assert inbox.decided(over).hold_reason is HoldReason.NO_PLACE


def test_a_notice_that_he_is_in_custody_follows_the_recall_as_routine(inbox: Inbox) -> None:
    inbox.takes(RECALL)
    held = inbox.takes(
        "Licence recall. Information only, offender is in custody. No arrest is required.", subject="Recall A1234BC"
    )
    decision = inbox.decided(held)
    assert (decision.type, decision.priority) == ("in_custody", Priority.ROUTINE)
    assert went_to(decision) == {"c-division", "offender-management"}


def test_a_changed_address_decides_and_the_division_before_is_told(inbox: Inbox) -> None:
    first = inbox.takes(RECALL)
    moved = inbox.takes(RECALL.replace("4 Mill Lane, Halifax HX1 1AA", "8 Otter Row, Morley LS27 9AA"))
    places = {place.mailbox: place for place in inbox.decided(moved).destinations}
    assert (places["a-division"].role, places["c-division"].role) == ("to", "copy")
    assert places["c-division"].why == "told because the earlier message about this person went there"
    assert set(places) == {"a-division", "c-division", "offender-management"}
    assert inbox.linked(moved) == [{"earlier": str(first), "kind": "prison number"}]


def test_the_forwarded_message_tells_what_came_before(inbox: Inbox) -> None:
    first = inbox.takes(EMERGENCY)
    reference = inbox.reference(first)
    inbox.delivers()
    inbox.takes("The recall has been rescinded.", subject="Recall rescinded - A1234BC")
    said = " ".join(inbox.sent().replace("=\r\n", "").split())
    assert f"{reference} 14 November 2026 16:25, prison recall / emergency, to c-division" in said


class TestAChaser:
    def test_goes_where_the_earlier_message_went_as_routine(self, inbox: Inbox) -> None:
        inbox.takes(EMERGENCY)
        decision = inbox.decided(inbox.takes("Any update on this please?", subject="RE: DOE John - A1234BC"))
        assert (decision.category, decision.type, decision.priority) == ("prison_recall", "emergency", Priority.ROUTINE)
        assert went_to(decision) == {"c-division", "offender-management", "fugitives"}

    def test_is_found_by_its_thread_where_it_names_nobody(self, inbox: Inbox) -> None:
        inbox.takes(RECALL, message_id="first@justice.gov.uk")
        asked = inbox.takes(
            "Have you had a chance to look at this?", subject="RE: him", reply_to="first@justice.gov.uk"
        )
        assert went_to(inbox.decided(asked)) == {"c-division", "offender-management"}

    def test_under_the_subject_of_the_recall_is_still_no_new_recall(self, inbox: Inbox) -> None:
        inbox.takes(EMERGENCY)
        asked = inbox.takes("Any update on the emergency recall of DOE?", subject=f"RE: {SUBJECT}")
        assert inbox.decided(asked).priority is Priority.ROUTINE

    def test_above_the_whole_notice_goes_where_that_went(self, inbox: Inbox) -> None:
        inbox.takes(EMERGENCY)
        decision = inbox.decided(inbox.takes(f"Any update please?{QUOTED}{EMERGENCY}", subject=f"RE: {SUBJECT}"))
        assert (decision.rule, decision.priority) == ("chaser", Priority.ROUTINE)

    def test_is_held_where_nothing_came_before(self, inbox: Inbox) -> None:
        decision = inbox.decided(inbox.takes("Any update on DOE, A1234BC?", subject="RE: DOE"))
        assert (decision.outcome, decision.hold_reason) == (Outcome.HOLD, HoldReason.NO_CATEGORY)

    def test_that_says_he_has_moved_is_no_mere_question(self, inbox: Inbox) -> None:
        inbox.takes(RECALL)
        moved = inbox.takes(
            "Any update? The licence recall stands, but last known address: 8 Otter Row, Morley LS27 9AA",
            subject="RE: Recall A1234BC",
        )
        assert "a-division" in went_to(inbox.decided(moved))

    def test_that_makes_it_an_emergency_is_an_emergency(self, inbox: Inbox) -> None:
        inbox.takes(RECALL)
        words = f"Any update? This is now an emergency recall.{QUOTED}{RECALL}"
        decision = inbox.decided(inbox.takes(words, subject=f"RE: {SUBJECT}"))
        assert decision.urgency is Priority.URGENT

    def test_from_one_who_may_not_send_what_he_asks_after_is_held(self, inbox: Inbox) -> None:
        inbox.takes(RECALL)
        asked = inbox.takes("Any update on A1234BC?", subject="DOE", sender="housing@kirklees.gov.uk")
        assert inbox.decided(asked).hold_reason is HoldReason.UNTRUSTED_SENDER


class TestTheCommand:
    def run(self, inbox: Inbox, *words: str) -> str:
        result = CliRunner().invoke(commands, ["links", "--config", str(inbox.config), *words])
        assert result.exit_code == 0, result.output
        return result.output

    def test_shows_what_came_before_and_after_and_what_is_shared(self, inbox: Inbox) -> None:
        first = inbox.takes(RECALL)
        inbox.takes("The recall has been rescinded.", subject="Recall rescinded - A1234BC")
        inbox.takes(RECALL, sender="ppcs@justice.gov.uk")
        shown = self.run(inbox, inbox.reference(first))
        assert "prison recall / cancelled" in shown
        assert "c-division" in shown
        assert "same notice" in shown
        assert "A1234BC" not in shown

    def test_answers_in_json_about_a_file_that_never_arrived(self, inbox: Inbox, tmp_path: Path) -> None:
        first = inbox.takes(RECALL)
        file = tmp_path / "found.eml"
        file.write_bytes(mail("Any news of A1234BC?", "DOE", POLICE, "elsewhere@westshire.police.uk"))
        (line,) = self.run(inbox, "--json", str(file)).splitlines()
        said = json.loads(line)
        assert (said["message"], said["shared"], said["to"]) == (
            first,
            ["prison number"],
            ["c-division", "offender-management"],
        )

    def test_the_consultation_is_recorded(self, inbox: Inbox) -> None:
        first = inbox.takes(RECALL)
        inbox.journal.close()
        self.run(inbox, str(first))
        with Journal.open(inbox.path, read_only=True) as journal:
            last = list(journal.events(message=first))[-1]
        assert (last.action, last.outcome) == (Action.CONSULTATION, "links shown")
        assert last.actor

    def test_beside_a_running_service_it_is_recorded_too(self, inbox: Inbox) -> None:
        first = inbox.takes(RECALL)
        with InboxLock(inbox.path):
            self.run(inbox, str(first))
        assert [event.outcome for event in inbox.journal.events(message=first)][-1] == "links shown"
        assert verify(inbox.journal.events()).fault is None

    def test_where_it_cannot_be_recorded_it_says_so(self, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
        first = inbox.takes(RECALL)
        monkeypatch.setattr("inbox_router.commands.recording.may_be_shared", lambda: False)
        with InboxLock(inbox.path):
            assert "not recorded" in self.run(inbox, str(first))
