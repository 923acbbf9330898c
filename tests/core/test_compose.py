"""What we send: our own fields and no others, the original octet for octet, and nothing of a source."""

from __future__ import annotations

import email.policy
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_router.core.compose import (
    NotAllowedError,
    Originator,
    TemplateError,
    Templates,
    TemplateSet,
    TemplateText,
    alarm,
    forward,
    mark_possible_duplicate,
    notice,
    reference_for,
)
from inbox_router.core.decision import (
    Claim,
    Decision,
    Destination,
    Evidence,
    HoldReason,
    KeyFact,
    NearMiss,
    Outcome,
    Priority,
)
from inbox_router.core.delivery import Submission
from inbox_router.core.message import Attachment, Authentication, Message, Readability, Sender
from inbox_router.core.observe import Earlier

SHIPPED = Path(__file__).parents[2] / "templates"
NOW = datetime(2026, 11, 22, 14, 3, tzinfo=UTC)
REFERENCE = "FI-261122-0042"
FORCE = "force.example"
ORIGINATOR = Originator(
    name="Sample Police - Force Intelligence",
    address=f"inbox@{FORCE}",
    return_path=f"returns@{FORCE}",
    loop_token="our-loop",
    domain=FORCE,
)
DIVISION = Destination(mailbox="c-division", address=f"c.division@{FORCE}", why="last known address HX1 1AA")
OFFENDERS = Destination(mailbox="offenders", address=f"offenders@{FORCE}", why="copied on recalls", role="copy")
RECALL = Decision(
    outcome=Outcome.ROUTE,
    rule="prison-recall",
    rules_version="3f" * 32,
    because="a person on licence has been recalled to prison",
    category="prison_recall",
    type="emergency",
    priority=Priority.URGENT,
    destinations=(DIVISION, OFFENDERS),
    evidence=(Evidence(fact='says "licence revoked"', part="own words", text="Licence revoked today"),),
    key_facts=(KeyFact(label="Prison number", value="A1234BC", note="check letter wrong"),),
    template="prison-recall",
    acknowledge_within=timedelta(minutes=30),
    marking="OFFICIAL-SENSITIVE",
)
MESSAGE = Message(
    sha256="ab" * 32,
    size=9,
    message_id="theirs@prison.example",
    subject="EMERGENCY RECALL - DOE John",
    sender=Sender(address="duty@prison.example", authentication=Authentication.PASS),
    received=NOW - timedelta(minutes=1),
    attachments=(
        Attachment(
            name="notice.pdf",
            media_type="application/pdf",
            size=48_211,
            sha256="0" * 64,
            depth=0,
            readability=Readability.CORRUPT,
        ),
    ),
)
OCTETS = b"From: duty@prison.example\r\nSubject: EMERGENCY RECALL - DOE John\r\n\r\nLicence revoked today.\r\n"
OURS = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "X-Priority",
    "Importance",
    "Priority",
    "X-Inbox-Router-Loop",
    "X-Inbox-Router-Reference",
    "X-Inbox-Router-Kind",
    "X-Inbox-Router-Rules",
    "X-Inbox-Router-Original-SHA256",
    "Content-Type",
]


def shipped_templates() -> Templates:
    texts = {
        folder.name: TemplateText(
            name=folder.name,
            subject=(folder / "subject.txt").read_text("utf-8"),
            text=(folder / "body.txt").read_text("utf-8"),
            html=(folder / "body.html").read_text("utf-8"),
        )
        for folder in SHIPPED.iterdir()
        if folder.is_dir()
    }
    shared = {file.name: file.read_text("utf-8") for file in SHIPPED.iterdir() if file.is_file()}
    return Templates(TemplateSet(templates=texts, shared=shared))


TEMPLATES = shipped_templates()


def forwarded(
    decision: Decision = RECALL, message: Message = MESSAGE, octets: bytes = OCTETS, *earlier: Earlier
) -> Submission:
    return forward(
        decision,
        message,
        octets,
        originator=ORIGINATOR,
        templates=TEMPLATES,
        now=NOW,
        reference=REFERENCE,
        earlier=earlier,
    )


def noticed(reason: HoldReason, message: Message = MESSAGE, octets: bytes | None = OCTETS) -> Submission:
    held = replace(
        RECALL,
        outcome=Outcome.HOLD,
        hold_reason=reason,
        because="its words name Halifax and Leeds",
        category=None,
        type=None,
        priority=None,
        destinations=(),
        claims=(
            Claim(
                category="prison_recall", type="emergency", priority=Priority.URGENT, destinations=RECALL.destinations
            ),
        ),
        near_misses=(NearMiss(rule="rotl", missing="no release date"),),
    )
    to = [f"review@{FORCE}"]
    return notice(
        held, message, octets, to=to, originator=ORIGINATOR, templates=TEMPLATES, now=NOW, reference=REFERENCE
    )


def parsed(submission: Submission) -> EmailMessage:
    message = email.message_from_bytes(submission.octets, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(submission: Submission, kind: str) -> str:
    part = parsed(submission).get_body((kind,))
    assert part is not None
    return str(part.get_content())


def text(submission: Submission) -> str:
    """The text part on one line, so that where it was wrapped does not matter."""
    return " ".join(body(submission, "plain").split())


def words(submission: Submission) -> str:
    """All that a person can read of it: subject, text and HTML."""
    return "\n".join([str(parsed(submission)["Subject"]), body(submission, "plain"), body(submission, "html")])


def attached(submission: Submission) -> list[tuple[str, bytes]]:
    return [(str(part.get_filename()), part.get_content()) for part in parsed(submission).iter_attachments()]


class TestWhatEveryMessageOfOursIs:
    def test_it_is_from_us_to_the_destinations_and_never_from_the_person_who_wrote(self) -> None:
        submission, message = forwarded(), parsed(forwarded())
        assert message["From"] == "Sample Police - Force Intelligence <inbox@force.example>"
        assert message["To"] == "c.division@force.example"
        assert message["Cc"] == "offenders@force.example"
        assert submission.sender == "returns@force.example"
        assert submission.recipients == ("c.division@force.example", "offenders@force.example")
        for absent in ("Reply-To", "Disposition-Notification-To", "Return-Receipt-To", "References", "Bcc"):
            assert message[absent] is None

    def test_it_says_that_a_machine_sent_it_and_asks_machines_not_to_answer(self) -> None:
        message = parsed(forwarded())
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
        assert message["X-Inbox-Router-Loop"] == "our-loop"

    def test_it_is_tied_to_its_reference_its_rules_and_the_original(self) -> None:
        message = parsed(forwarded())
        assert message["X-Inbox-Router-Reference"] == REFERENCE
        assert message["X-Inbox-Router-Rules"] == RECALL.rules_version
        assert message["X-Inbox-Router-Original-SHA256"] == hashlib.sha256(OCTETS).hexdigest()
        assert hashlib.sha256(OCTETS).hexdigest() in body(forwarded(), "plain")

    def test_urgent_mail_is_marked_for_mail_clients_and_other_mail_is_not(self) -> None:
        assert parsed(forwarded())["Importance"] == "high"
        assert parsed(forwarded(replace(RECALL, priority=Priority.HIGH)))["Importance"] is None

    def test_its_message_id_is_the_same_on_a_retry_and_another_for_another_decision(self) -> None:
        first = forwarded()
        assert first == forwarded()
        assert first.message_id.endswith("@force.example")
        others = {
            forwarded(replace(RECALL, destinations=(OFFENDERS,))).message_id,
            forwarded(replace(RECALL, rules_version="00" * 32)).message_id,
            forwarded(octets=OCTETS + b"x").message_id,
            noticed(HoldReason.NO_PLACE).message_id,
        }
        assert len(others | {first.message_id}) == 5

    def test_it_is_seven_bit_with_crlf_line_ends_and_no_line_over_the_limit(self) -> None:
        octets = forwarded(message=replace(MESSAGE, subject="\u00e9" * 3_000)).octets
        assert octets.isascii()
        assert octets.count(b"\r\n") == octets.count(b"\n") == octets.count(b"\r")
        assert max(map(len, octets.split(b"\r\n"))) <= 100

    def test_a_name_outside_ascii_or_with_commas_is_encoded_and_reads_the_same(self) -> None:
        for name in ("Heddlu \u00d4l, Gogledd", 'The "Force", Ltd', "=?utf-8?q?trick?=", "\u00e9" * 20, "A" * 119):
            submission = alarm(
                "x",
                [],
                to=[f"a@{FORCE}"],
                originator=replace(ORIGINATOR, name=name),
                templates=TEMPLATES,
                now=NOW,
            )
            sender = parsed(submission)["From"].addresses[0]
            assert (sender.display_name, sender.addr_spec) == (name, "inbox@force.example")

    def test_a_mailbox_that_is_to_and_copy_is_written_to_once(self) -> None:
        twice = replace(RECALL, destinations=(DIVISION, replace(DIVISION, role="copy")))
        assert forwarded(twice).recipients == ("c.division@force.example",)

    def test_an_address_that_is_none_is_refused_before_anything_is_sent(self) -> None:
        bad = replace(DIVISION, address="a@force.example>\r\nBcc: x@example.org")
        with pytest.raises(ValueError, match="is not a mail address"):
            forwarded(replace(RECALL, destinations=(bad,)))


class TestTheOriginal:
    @pytest.mark.parametrize(
        "octets",
        [
            b"",
            b"\x00\xff\xfe\r\n",
            b"bare\nline\nfeeds\n",
            b"bare\rreturns\r",
            b"\r\n.\r\n..\r\nMAIL FROM:<x@example.org>\r\n",
            b"x" * 100_000,
            b'Content-Type: multipart/mixed; boundary="=_"\r\n\r\n--=_\r\n--=_--\r\n',
            bytes(range(256)) * 40,
        ],
    )
    def test_it_travels_octet_for_octet_under_a_safe_name(self, octets: bytes) -> None:
        assert attached(forwarded(octets=octets)) == [("original-FI-261122-0042.eml", octets)]

    def test_it_is_never_sent_as_a_message_part_that_servers_rewrite(self) -> None:
        types = [part.get_content_type() for part in parsed(forwarded()).walk()]
        assert types == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "application/octet-stream",
        ]

    @given(octets=st.binary(max_size=2_000))
    @settings(max_examples=50, deadline=None)
    def test_whatever_it_is_its_hash_is_the_same_at_the_other_end(self, octets: bytes) -> None:
        submission = forwarded(octets=octets)
        ((_, received),) = attached(submission)
        assert hashlib.sha256(received).hexdigest() == submission.original_sha256


HOSTILE = st.text(
    st.characters() | st.sampled_from('\r\n\x00\u202e\u200b<>"&{}%:;,@=?\u2028') | st.sampled_from("aeiou "),
    max_size=120,
) | st.sampled_from(
    [
        "x\r\nBcc: all@example.org",
        "{{ 7 * 7 }}{% raw %}",
        "<script>steal()</script>",
        "=?utf-8?q?=0D=0ABcc:_x?=",
        "\ud800",
        "--=_boundary--",
    ]
)


class TestHostileFields:
    @given(
        subject=HOSTILE,
        sender=HOSTILE,
        message_id=HOSTILE,
        file_name=HOSTILE,
        because=HOSTILE,
        found=st.tuples(HOSTILE, HOSTILE, HOSTILE),
        rule=HOSTILE,
        marking=HOSTILE,
    )
    @settings(max_examples=40, deadline=None)
    def test_whatever_the_mail_holds_our_fields_are_ours_and_the_subject_has_none_of_its_words(
        self,
        subject: str,
        sender: str,
        message_id: str,
        file_name: str,
        because: str,
        found: tuple[str, str, str],
        rule: str,
        marking: str,
    ) -> None:
        label, value, note = found
        hostile = replace(
            MESSAGE,
            subject=subject,
            message_id=message_id,
            sender=Sender(address=sender, display=sender),
            attachments=(replace(MESSAGE.attachments[0], name=file_name, detail=file_name),),
        )
        decision = replace(
            RECALL,
            because=because,
            rule=rule,
            marking=marking,
            key_facts=(KeyFact(label=label, value=value, note=note),),
            evidence=(Evidence(fact=label, part=value, text=note, note=label),),
        )
        submission = forwarded(decision, hostile)
        message = parsed(submission)
        assert list(message.keys()) == OURS
        assert submission.recipients == ("c.division@force.example", "offenders@force.example")
        assert message["Subject"].endswith("] URGENT: emergency recall to prison - ref FI-261122-0042")
        assert attached(submission) == [("original-FI-261122-0042.eml", OCTETS)]
        assert "<script" not in body(submission, "html").lower()
        for kind in ("plain", "html"):
            assert not any(hidden in body(submission, kind) for hidden in "\x00\u202e\u200b\u2028")

    def test_text_is_shown_as_it_is_written_and_never_as_markup_or_template(self) -> None:
        submission = forwarded(message=replace(MESSAGE, subject="<b>{{ 7 * 7 }}</b> & co"))
        assert "<b>{{ 7 * 7 }}</b> & co" in body(submission, "plain")
        assert "&lt;b&gt;{{ 7 * 7 }}&lt;/b&gt; &amp; co" in body(submission, "html")


class TestTheSubject:
    @pytest.mark.parametrize("template", [name for name in TEMPLATES.names if name != "alarm"])
    def test_it_carries_marking_and_reference_and_neither_name_nor_number(self, template: str) -> None:
        reasons = {"security-hold": HoldReason.OVER_CLASSIFIED, "confidential-source": HoldReason.CONFIDENTIAL_SOURCE}
        if template in {"held", *reasons}:
            subject = parsed(noticed(reasons.get(template, HoldReason.AMBIGUOUS_PLACE)))["Subject"]
        else:
            subject = parsed(forwarded(replace(RECALL, template=template)))["Subject"]
        assert subject.startswith("[OFFICIAL-SENSITIVE] ")
        assert subject.endswith(" - ref FI-261122-0042")
        for word in ("DOE", "John", "A1234BC", "Halifax", "HX1", "duty@"):
            assert word not in subject

    def test_the_marking_is_the_decisions_own(self) -> None:
        assert parsed(forwarded(replace(RECALL, marking="OFFICIAL")))["Subject"].startswith("[OFFICIAL] ")

    @pytest.mark.parametrize("marking", ["", "see John DOE", "X\r\nBcc: a@example.org"])
    def test_without_a_marking_it_is_handled_as_sensitive(self, marking: str) -> None:
        assert parsed(forwarded(replace(RECALL, marking=marking)))["Subject"].startswith("[OFFICIAL-SENSITIVE] ")

    def test_a_crimestoppers_report_does_not_say_so_before_it_is_opened(self) -> None:
        report = replace(RECALL, category="crimestoppers", type="high_risk", template="crimestoppers")
        submission = forwarded(report)
        assert parsed(submission)["Subject"] == (
            "[OFFICIAL-SENSITIVE] URGENT: new report for the desk - ref FI-261122-0042"
        )
        preview = body(submission, "plain")[:400]
        assert "rimestoppers" not in preview
        assert "Licence revoked" not in preview


class TestTheWords:
    def test_the_text_tells_what_to_do_by_when_and_why(self) -> None:
        shown = text(forwarded())
        for said in (
            "URGENT: Emergency recall to prison",
            "Reference FI-261122-0042, priority urgent",
            "by 14:32 GMT on Sunday 22 November 2026 (30 minutes after it arrived)",
            "Prison number: A1234BC [check letter wrong]",
            "Because a person on licence has been recalled to prison.",
            "To c-division: last known address HX1 1AA",
            "Copy offenders: copied on recalls",
            '- own words: "Licence revoked today"',
            "original-FI-261122-0042.eml",
            "duty@prison.example (domain confirmed by our mail gateway)",
            "notice.pdf (48 kB; corrupt)",
        ):
            assert said in shown

    def test_the_html_says_the_same_and_loads_nothing(self) -> None:
        html = body(forwarded(), "html")
        for said in ("Emergency recall to prison", "14:32 GMT", "A1234BC", "last known address HX1 1AA"):
            assert said in html
        assert not any(outside in html.lower() for outside in ("src=", "url(", "<script", "http:", "https:", "<img"))

    def test_text_lines_fit_a_terminal_whatever_the_values(self) -> None:
        facts = (KeyFact(label="Address " * 8, value="word " * 200), KeyFact(label="x", value="y" * 5_000))
        lines = body(forwarded(replace(RECALL, key_facts=facts)), "plain").splitlines()
        assert max(map(len, lines)) <= 76

    def test_the_clock_is_shown_in_summer_time_in_summer(self) -> None:
        summer = replace(MESSAGE, received=datetime(2026, 7, 1, 12, 0, tzinfo=UTC))
        assert "13:30 BST on Wednesday 1 July 2026" in text(forwarded(message=summer))

    def test_a_clock_that_has_run_out_says_so(self) -> None:
        assert "THAT TIME HAS PASSED" not in body(forwarded(), "plain")
        late = replace(MESSAGE, received=NOW - timedelta(hours=2))
        assert "THAT TIME HAS PASSED" in body(forwarded(message=late), "plain")

    def test_without_a_clock_a_reply_is_still_asked_for(self) -> None:
        shown = text(forwarded(replace(RECALL, acknowledge_within=None)))
        assert "Reply to this message to say that you have it." in shown

    def test_earlier_messages_about_the_same_matter_are_listed(self) -> None:
        before = Earlier(
            reference="FI-261120-0007",
            category="prison_recall",
            type="emergency",
            mailboxes=("c-division",),
            shared="prison number",
            received=datetime(2026, 11, 14, 16, 5, tzinfo=UTC),
        )
        shown = text(forwarded(RECALL, MESSAGE, OCTETS, before))
        assert "FI-261120-0007 14 November 2026 16:05, prison recall / emergency, to c-division" in shown
        assert "(same prison number)" in shown
        assert "EARLIER" not in body(forwarded(), "plain")

    def test_a_cancelled_recall_says_first_that_nobody_is_to_be_arrested(self) -> None:
        said = text(forwarded(replace(RECALL, type="cancelled")))
        assert "Nobody should be arrested on the earlier notice." in said
        assert "arrest enquiries" not in said

    def test_an_unconfirmed_sender_is_never_shown_as_confirmed(self) -> None:
        unconfirmed = replace(MESSAGE, sender=Sender(address="duty@prison.example"))
        assert "NOT confirmed by our mail gateway" in text(forwarded(message=unconfirmed))


class TestNotices:
    def test_a_notice_tells_what_is_held_why_and_what_would_have_been_done(self) -> None:
        submission = noticed(HoldReason.AMBIGUOUS_PLACE)
        shown = text(submission)
        for said in (
            "because its words name Halifax and Leeds.",
            "Its addresses point to more than one division.",
            "prison recall (emergency), urgent",
            "c-division: last known address HX1 1AA",
            "inbox-router held show FI-261122-0042",
            "rotl: no release date",
        ):
            assert said in shown
        assert submission.kind == "notice"
        assert submission.recipients == ("review@force.example",)
        assert parsed(submission)["Importance"] == "high"
        assert attached(submission) == [("original-FI-261122-0042.eml", OCTETS)]

    def test_an_original_that_is_not_handed_over_is_said_to_stay_where_it_is(self) -> None:
        submission = noticed(HoldReason.UNREADABLE, octets=None)
        assert attached(submission) == []
        assert "it is not attached" in text(submission)

    def test_of_a_confidential_source_nothing_at_all_is_told(self) -> None:
        submission = noticed(HoldReason.CONFIDENTIAL_SOURCE)
        assert attached(submission) == []
        for theirs in (
            "duty@", "prison.example", "DOE", "John", "theirs@", "A1234BC", "Halifax", "HX1", "Licence", "notice.pdf",
            "recall", "division",
        ):  # fmt: skip
            assert theirs not in words(submission)
        assert b"prison.example" not in submission.octets

    def test_of_a_message_marked_above_the_tier_only_the_message_id_is_told(self) -> None:
        submission = noticed(HoldReason.OVER_CLASSIFIED)
        assert attached(submission) == []
        assert "theirs@prison.example" in body(submission, "plain")
        assert "telephone" in body(submission, "plain")
        for theirs in ("duty@", "DOE", "John", "A1234BC", "Halifax", "Licence", "notice.pdf", "division"):
            assert theirs not in words(submission)

    def test_the_notice_of_a_message_marked_above_the_tier_is_not_marked_so_itself(self) -> None:
        secret = replace(
            RECALL, outcome=Outcome.HOLD, hold_reason=HoldReason.OVER_CLASSIFIED, destinations=(), marking="SECRET"
        )
        submission = notice(
            secret,
            MESSAGE,
            OCTETS,
            to=[f"duty@{FORCE}"],
            originator=ORIGINATOR,
            templates=TEMPLATES,
            now=NOW,
            reference=REFERENCE,
        )
        assert "SECRET" not in words(submission)

    def test_what_may_not_be_disseminated_is_not_attached_to_its_notice(self) -> None:
        assert attached(noticed(HoldReason.RESTRICTED_HANDLING)) == []

    @pytest.mark.parametrize("reason", list(HoldReason))
    def test_every_reason_has_words_of_its_own(self, reason: HoldReason) -> None:
        submission = noticed(reason)
        assert "_" not in words(submission)
        assert REFERENCE in text(submission)


class TestCrimestoppers:
    REPORT = replace(RECALL, category="crimestoppers", type="standard", template="crimestoppers")

    @pytest.mark.parametrize("address", ["desk@force.example", "desk@intel.force.example"])
    def test_a_report_goes_inside_the_force(self, address: str) -> None:
        inside = replace(self.REPORT, destinations=(replace(DIVISION, address=address),))
        assert forwarded(inside).recipients == (address,)

    @pytest.mark.parametrize("address", ["desk@partner.example", "desk@notforce.example", "a@force.example.org"])
    def test_a_report_never_leaves_the_force_whatever_a_rule_says(self, address: str) -> None:
        outside = replace(self.REPORT, destinations=(DIVISION, replace(OFFENDERS, address=address)))
        with pytest.raises(NotAllowedError, match="may not go to"):
            forwarded(outside)

    def test_it_tells_never_to_look_for_the_giver(self) -> None:
        shown = text(forwarded(self.REPORT))
        assert "Never try to find out who gave the information, and never write to them." in shown
        assert "no warrant and no arrest on this information alone" in shown


def test_an_alarm_is_sentences_of_our_own() -> None:
    submission = alarm(
        "the mailbox cannot be reached",
        ["imap.force.example has not answered for ten minutes.", "Mail waits on the server; nothing is lost."],
        to=[f"duty@{FORCE}"],
        originator=ORIGINATOR,
        templates=TEMPLATES,
        now=NOW,
    )
    assert parsed(submission)["Subject"] == "[OFFICIAL] ALARM: the mailbox cannot be reached - ref ALARM"
    assert "imap.force.example has not answered for ten minutes." in body(submission, "plain")
    assert (submission.kind, submission.original_sha256) == ("alarm", "")


def test_a_possible_duplicate_is_the_same_message_with_one_field_more() -> None:
    first = forwarded()
    second = mark_possible_duplicate(first)
    assert second.octets == b"X-Inbox-Router-Possible-Duplicate: yes\r\n" + first.octets
    assert replace(second, octets=first.octets) == first
    assert mark_possible_duplicate(second) == second


def test_a_reference_is_the_local_day_and_a_number_that_may_grow() -> None:
    just_after_midnight_in_london = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert reference_for(just_after_midnight_in_london, 42, "FI") == "FI-260701-0042"
    assert reference_for(NOW, 1_234_567, "FI") == "FI-261122-1234567"


def test_nobody_to_send_to_and_an_unknown_template_are_told_in_words() -> None:
    with pytest.raises(NotAllowedError, match="nobody to send it to"):
        forwarded(replace(RECALL, destinations=()))
    with pytest.raises(TemplateError, match="there is no template 'recal'"):
        forwarded(replace(RECALL, template="recal"))
