"""The same notice by several routes is one notice; whatever says anything new is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from deciding import POLICE, message, shipped_rules
from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.decide import decide
from inbox_router.core.linking import Notice, differing_kinds, same_notice, shared_kinds, wording
from inbox_router.core.message import Attachment, Message, Readability

ARRIVED = datetime(2026, 11, 14, 16, 5, tzinfo=UTC)
SUBJECT = "Licence recall notification - DOE John - A1234BC"
WORDS = """
The Secretary of State has revoked the licence of the person named below, who is to be returned to prison.
Recall type: Standard (determinate)
Emergency recall: NO
Name: John DOE
Prison number: A1234BC
Releasing prison: HMP Leeds, 2 Gloucester Terrace, Leeds LS12 2TJ
Last known address: 4 Mill Lane, Halifax, HX1 1AA
He is to be approached with care, since he has kept dogs there. Report the arrest to the duty desk by telephone.
"""
HEADER = "From: Recall Team <recalls@justice.gov.uk>\nSent: 14 November 2026 15:58\nTo: PNC Bureau\nSubject: Recall\n\n"
COVER = "Hi all, please see below, forwarded for your information and action. Kind regards"


def notice(*args: str, at: datetime = ARRIVED, **fields: object) -> Notice:
    arrived = replace(message(*args, **fields), received=at)  # type: ignore[arg-type]
    read = replace(arrived, sha256=f"{abs(hash((args, str(fields)))):064x}"[:64])
    return Notice(message=read, decision=decide(read, shipped_rules(), tier="OFFICIAL"))


def direct(words: str = WORDS, *, subject: str = SUBJECT, **fields: object) -> Notice:
    return notice(words, subject=subject, **fields)  # type: ignore[arg-type]


def passed_on(words: str = WORDS, *, cover: str = COVER, subject: str = f"FW: {SUBJECT}", **fields: object) -> Notice:
    return notice(cover, subject=subject, quoted=(HEADER + words,), sender=POLICE, **fields)  # type: ignore[arg-type]


def test_a_notice_that_another_mailbox_passes_on_is_the_same() -> None:
    assert same_notice(passed_on(), direct())


def test_a_notice_that_comes_directly_after_it_was_passed_on_is_the_same() -> None:
    assert same_notice(direct(), passed_on())


def test_a_notice_attached_to_a_covering_line_is_the_same() -> None:
    attached = notice("Please find attached", subject=SUBJECT, attached=(WORDS,))
    assert same_notice(attached, direct())
    assert same_notice(direct(), attached)


def test_wrapping_capitals_and_quotation_marks_make_no_difference() -> None:
    wrapped = WORDS.replace("the person named", "the\nperson named").replace("John DOE", "JOHN DOE")
    assert same_notice(passed_on(wrapped), direct())


@pytest.mark.parametrize(
    "cover",
    [
        "Now arrested - please cancel.",
        "Any update on this please?",
        "FYI - he is armed.",
        "Please do not action this.",
        "New address: 9 Otter Row, Elland HX5 9AA",
        "This one is a duplicate of yesterday, disregard",
    ],
)
def test_words_above_it_that_may_be_news_make_it_another_message(cover: str) -> None:
    assert not same_notice(passed_on(cover=cover), direct())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("4 Mill Lane", "9 Mill Lane"),
        ("HX1 1AA", "HX1 1AB"),
        ("Mill Lane", "Otter Row"),
        ("A1234BC", "A1234BD"),
        ("kept dogs there", "kept guns there"),
        ("Emergency recall: NO", "Emergency recall: YES"),
        ("Standard (determinate)", "28 day fixed term recall"),
    ],
)
def test_one_word_that_is_different_makes_it_another_notice(before: str, after: str) -> None:
    assert not same_notice(direct(WORDS.replace(before, after)), direct())


def test_news_in_the_subject_makes_it_another_notice() -> None:
    assert not same_notice(direct(subject=f"UPDATE: armed - {SUBJECT}"), direct())


def test_a_notice_with_half_of_it_left_out_is_not_known_to_be_the_same() -> None:
    half = WORDS.replace("He is to be approached with care, since he has kept dogs there.", "")
    assert not same_notice(direct(), direct(half))


def test_the_same_message_id_says_nothing() -> None:
    other = direct(WORDS.replace("4 Mill Lane", "9 Mill Lane"))
    assert other.message.message_id == direct().message.message_id
    assert not same_notice(other, direct())


def test_the_same_octets_are_the_same_notice_whenever_they_come() -> None:
    first = direct()
    again = replace(first, message=replace(first.message, received=ARRIVED + timedelta(days=400)))
    assert same_notice(again, first)


def test_after_a_fortnight_it_is_a_notice_of_its_own() -> None:
    assert same_notice(passed_on(at=ARRIVED + timedelta(days=13)), direct())
    assert not same_notice(passed_on(at=ARRIVED + timedelta(days=15)), direct())


def test_a_file_that_cannot_be_read_and_was_not_there_before_may_be_news() -> None:
    scan = Attachment(
        name="scan.pdf",
        media_type="application/pdf",
        size=9,
        sha256="1" * 64,
        depth=0,
        readability=Readability.NO_TEXT,
    )
    first, second = direct(), passed_on()
    with_scan = replace(second, message=replace(second.message, attachments=(scan,)))
    assert not same_notice(with_scan, first)
    first_too = replace(first, message=replace(first.message, attachments=(scan,)))
    assert same_notice(with_scan, first_too)


def test_a_few_words_are_too_little_to_tell_a_copy_from_a_second_question() -> None:
    first = notice("Who owns Op Larchwood?", subject="Op Larchwood", sender=POLICE)
    again = replace(first, message=replace(first.message, sha256="2" * 64))
    assert not same_notice(again, first)


@given(st.lists(st.sampled_from(["direct", "passed on", "attached"]), min_size=2, max_size=2))
def test_without_covers_it_is_the_same_in_both_directions(routes: list[str]) -> None:
    made = {
        "direct": direct,
        "passed on": passed_on,
        "attached": lambda: notice("", subject=SUBJECT, attached=(WORDS,)),
    }
    one, other = (made[route]() for route in routes)
    assert same_notice(one, other) == same_notice(other, one) is True


@given(st.sampled_from(["emergency", "fixed_term", "in_custody", "cancelled", None]), st.booleans())
def test_another_type_is_never_the_same(subtype: str | None, swapped: bool) -> None:
    first = direct()
    message_of_another_type: Message = replace(first.message, sha256="3" * 64)
    other = Notice(message=message_of_another_type, decision=replace(first.decision, type=subtype))
    pair = (other, first) if swapped else (first, other)
    assert not same_notice(*pair)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_above_or_in_it_is_compared_without_an_error(cover: str, words: str) -> None:
    assert same_notice(passed_on(words + WORDS, cover=cover), direct()) in {True, False}


def test_numbers_tell_whether_two_messages_name_the_same_person() -> None:
    mine = [("prison number", "A1234BC"), ("pnc id", "1997/301144F"), ("wording", "00")]
    theirs = [("prison number", "A1234BC"), ("pnc id", "1998/1X"), ("crn", "X123456"), ("wording", "00")]
    assert shared_kinds(mine, theirs) == ("prison number",)
    assert differing_kinds(mine, theirs) == ("pnc id",)


def test_the_digests_of_a_copy_lead_to_its_original() -> None:
    assert set(wording(passed_on().message)) & set(wording(direct().message))
