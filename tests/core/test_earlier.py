"""Which earlier message decides: of the same category, about the same person, the newest, and never a guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from deciding import mailboxes, message, shipped_rules

from inbox_router.core.decide import decide
from inbox_router.core.decision import Decision, HoldReason
from inbox_router.core.observe import Earlier

NOW = datetime(2026, 11, 14, 16, 5, tzinfo=UTC)
RECALLED = Earlier(
    reference="FI-261110-0003",
    category="prison_recall",
    type="emergency",
    mailboxes=("c-division", "offender-management", "fugitives"),
    shared="prison number",
    to=("c-division",),
    kinds=("prison number",),
    received=NOW - timedelta(days=4),
)
OVER = "The recall has been rescinded. Please stand down."


def after(*earlier: Earlier, words: str = OVER, subject: str = "Recall rescinded - A1234BC") -> Decision:
    arrived = replace(message(words, subject=subject), received=NOW)
    return decide(arrived, shipped_rules(), tier="OFFICIAL", earlier=earlier)


def test_a_cancellation_goes_to_those_who_were_told_and_addresses_whom_the_recall_addressed() -> None:
    decision = after(RECALLED)
    assert mailboxes(decision) == set(RECALLED.mailboxes)
    assert [place.mailbox for place in decision.destinations if place.role == "to"] == ["c-division"]
    assert "FI-261110-0003" in decision.destinations[0].why


def test_of_several_the_newest_of_its_category_decides() -> None:
    report = replace(RECALLED, category="crimestoppers", type="standard", mailboxes=("crimestoppers-desk",))
    before = replace(RECALLED, mailboxes=("e-division", "offender-management"), to=("e-division",))
    assert mailboxes(after(report, RECALLED, before)) == set(RECALLED.mailboxes)


@pytest.mark.parametrize(
    "other",
    [
        replace(RECALLED, kinds=(), thread=True, differs=("prison number",)),
        replace(RECALLED, kinds=("crn",), differs=("prison number",)),
        replace(RECALLED, kinds=("crimestoppers reference",), shared="crimestoppers reference"),
        replace(RECALLED, category="rotl"),
        replace(RECALLED, mailboxes=("mailbox-of-old", "offender-management"), to=("mailbox-of-old",)),
    ],
    ids=[
        "another person",
        "another person's number",
        "any office's file number",
        "another category",
        "no longer there",
    ],
)
def test_what_may_be_about_somebody_else_or_leads_nowhere_decides_nothing(other: Earlier) -> None:
    assert after(other).hold_reason is HoldReason.NO_PLACE


def test_the_thread_will_do_where_nothing_speaks_against_it() -> None:
    assert mailboxes(after(replace(RECALLED, kinds=(), thread=True, shared="thread"))) == set(RECALLED.mailboxes)


def test_a_new_recall_without_an_address_is_held_whatever_was_known() -> None:
    decision = after(RECALLED, words="Fixed term recall. Licence revoked. No Fixed Abode.", subject="Recall - A1234BC")
    assert decision.hold_reason is HoldReason.NO_PLACE


@pytest.mark.parametrize(("days", "told"), [(4, True), (89, True), (91, False)])
def test_a_changed_address_is_told_to_the_division_before_for_three_months(days: int, *, told: bool) -> None:
    words = "Standard recall. Licence revoked.\nLast known address: 8 Otter Row, Morley LS27 9AA"
    decision = after(replace(RECALLED, received=NOW - timedelta(days=days)), words=words, subject="Recall - A1234BC")
    assert ("c-division" in mailboxes(decision)) is told
    assert {"a-division", "offender-management"} <= mailboxes(decision)


def test_a_question_about_a_person_known_in_two_ways_is_held() -> None:
    released = replace(RECALLED, category="rotl", type="notification")
    decision = after(RECALLED, released, words="Any update on A1234BC?", subject="DOE")
    assert decision.hold_reason is HoldReason.NO_CATEGORY
    assert "several kinds" in decision.because


def test_a_question_whose_subject_tells_which_of_the_two_is_answered() -> None:
    released = replace(RECALLED, category="rotl", type="notification", mailboxes=("a-division",), to=("a-division",))
    decision = after(RECALLED, released, words="Any update please?", subject="RE: ROTL notification - A1234BC")
    assert (decision.category, mailboxes(decision)) == ("rotl", {"a-division"})


def test_a_long_letter_is_no_mere_question() -> None:
    decision = after(RECALLED, words="Any update? " + "He was seen by a neighbour. " * 30, subject="DOE - A1234BC")
    assert decision.rule != "chaser"
