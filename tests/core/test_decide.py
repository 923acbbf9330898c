"""What is decided, and what is never guessed."""

from __future__ import annotations

import pytest

from inbox_router.core.decision import HoldReason, Outcome, Priority
from inbox_router.core.message import Authentication, Readability, Trait
from tests.core.deciding import BUREAU, POLICE, decided, mailboxes, shipped_rules

NOTICE = """Recall notification for A1234BC. Licence revoked.
Emergency recall: NO
Last known address: 4 Mill Lane, Halifax HX1 1AA
"""
EMERGENCY = NOTICE.replace("NO", "YES")


def test_the_newest_words_decide_above_a_quoted_recall() -> None:
    decision = decided("Now arrested, please cancel.", subject="RE: recall", quoted=(NOTICE,))
    assert (decision.type, decision.priority) == ("cancelled", Priority.URGENT)
    assert mailboxes(decision) == {"c-division", "offender-management"}


def test_who_is_told_of_an_emergency_is_told_of_its_end() -> None:
    decision = decided("Now arrested, please cancel.", subject="RE: recall", quoted=(EMERGENCY,))
    assert mailboxes(decision) == {"c-division", "offender-management", "fugitives"}


def test_an_answer_that_no_rule_understands_never_sends_the_quoted_recall_out_as_live() -> None:
    decision = decided(
        "Turned out to be his cousin. Speak tomorrow.",
        subject="RE: recall",
        quoted=(EMERGENCY,),
        traits=frozenset({Trait.REPLY}),
    )
    assert (decision.outcome, decision.urgency) == (Outcome.HOLD, Priority.URGENT)


def test_a_cancellation_further_down_than_the_recall_does_not_cancel_it() -> None:
    decision = decided(EMERGENCY, quoted=("The earlier recall was rescinded.",))
    assert decision.type == "emergency"


def test_a_covering_line_leaves_the_word_to_the_notice_below() -> None:
    decision = decided("FYI, see below. Not one of ours.", subject="FW: for you", quoted=(NOTICE,), sender=POLICE)
    assert (decision.outcome, decision.type) == (Outcome.ROUTE, "standard")


def test_an_old_notice_attached_does_not_undo_a_rescission() -> None:
    decision = decided("The recall of A1234BC has been rescinded.", attached=(EMERGENCY,))
    assert decision.type == "cancelled"


def test_a_restriction_on_quoted_words_still_restricts() -> None:
    report = "Intelligence report. Source evaluation 1. Handling code C. A van is used."
    decision = decided("Please see below, Op Larchwood: who is the SIO?", quoted=(report,), sender=POLICE)
    assert decision.hold_reason is HoldReason.RESTRICTED_HANDLING


@pytest.mark.parametrize(
    ("authentication", "froms"),
    [
        (Authentication.FAIL, ()),
        (Authentication.NONE, ()),
        (Authentication.PASS, ("a@justice.gov.uk", "b@webmail.example")),
    ],
)
def test_a_recall_that_nobody_vouches_for_is_held_as_urgent_as_it_claims_to_be(
    authentication: Authentication, froms: tuple[str, ...]
) -> None:
    decision = decided(EMERGENCY, authentication=authentication, from_addresses=froms)
    assert decision.hold_reason is HoldReason.UNTRUSTED_SENDER
    assert decision.urgency is Priority.URGENT
    assert {place.mailbox for place in decision.claims[0].destinations} >= {"c-division", "fugitives"}


@pytest.mark.parametrize(
    "domain", ["justice-gov.uk", "justice.gov.uk.example.com", "justlce.gov.uk", "justice.gov.uk.cjsm.example"]
)
def test_a_look_alike_is_believed_by_nobody(domain: str) -> None:
    decision = decided(NOTICE, sender=f"recalls@{domain}")
    assert decision.hold_reason is HoldReason.UNTRUSTED_SENDER


def test_two_people_in_one_message_are_held() -> None:
    decision = decided(NOTICE + "\nRecall notification for A5678DE.\nLast known address: 5 Mill Lane, Halifax HX1 1AA")
    assert decision.hold_reason is HoldReason.SEVERAL_SUBJECTS


def test_two_strong_categories_are_held_and_both_are_told() -> None:
    decision = decided(
        "Police views please on ROTL for A1234BC, ROTL address 4 Mill Lane, Leeds LS9 7AA.\n"
        "Separately, who is the SIO of Operation Tansy?"
    )
    assert decision.hold_reason is HoldReason.CONFLICTING_CATEGORIES
    assert {claim.category for claim in decision.claims} == {"rotl", "operation_query"}


def test_what_hangs_on_an_attachment_that_will_not_open_is_unreadable_and_not_uncategorised() -> None:
    decision = decided("Please see attached.", shut=Readability.CORRUPT)
    assert decision.hold_reason is HoldReason.UNREADABLE


def test_a_place_that_may_be_in_an_attachment_that_will_not_open_is_not_missing_but_unreadable() -> None:
    decision = decided("Licence recall notification attached, A1234BC.", shut=Readability.ENCRYPTED)
    assert decision.hold_reason is HoldReason.UNREADABLE


def test_an_unreadable_or_encrypted_message_is_held_whatever_its_subject_says() -> None:
    for trait in (Trait.UNREADABLE, Trait.ENCRYPTED):
        decision = decided("", subject="Recall notification", traits=frozenset({trait}))
        assert decision.hold_reason is HoldReason.UNREADABLE


def test_a_message_above_the_tier_is_held_before_anything_else_is_said_of_it() -> None:
    decision = decided("SECRET\n\n" + EMERGENCY)
    assert decision.hold_reason is HoldReason.OVER_CLASSIFIED
    assert decision.claims == ()
    assert decision.key_facts == ()


def test_two_operations_go_to_both_owners() -> None:
    decision = decided("Who is the SIO of Operation Tansy, and who runs Op Quayside?", sender=POLICE)
    assert mailboxes(decision) == {"tansy-team", "quayside-team"}


def test_a_damaged_postcode_does_not_decide_an_urgent_message_alone() -> None:
    decision = decided(EMERGENCY.replace("HX1 1AA", "HXl lAA").replace("Halifax ", ""))
    assert decision.outcome is Outcome.HOLD


def test_a_high_risk_report_goes_to_the_division_of_its_place_too() -> None:
    decision = decided(
        "Report 4470001. A handgun is kept at 5 Mill Lane, Batley WF17 8AA.", subject="Crimestoppers", sender=BUREAU
    )
    assert (decision.type, mailboxes(decision)) == ("high_risk", {"d-division", "crimestoppers-desk"})


def test_every_decision_names_its_rule_its_rule_set_and_the_words_that_decided() -> None:
    decision = decided(NOTICE)
    assert (decision.rule, decision.rules_version) == ("prison-recall", shipped_rules().version)
    assert any("Licence revoked" in item.text for item in decision.evidence)
    assert any(item.text.endswith("HX1 1AA") for item in decision.evidence)


def test_a_near_miss_is_told_with_the_one_thing_that_was_missing() -> None:
    decision = decided("The licence of A1234BC was revoked; a decision not to recall was then taken.")
    assert any(miss.rule == "prison-recall" and "vetoed" in miss.missing for miss in decision.near_misses)
