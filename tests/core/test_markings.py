"""Protective markings are read as markings, not as words."""

from __future__ import annotations

import pytest

from inbox_router.core.markings import find_marking
from tests.core.deciding import message


@pytest.mark.parametrize(
    ("own", "subject"),
    [
        ("SECRET\nUK EYES ONLY\n\nNote for the head of unit.", ""),
        ("Note for the head of unit.\n\n*** UK SECRET ***", ""),
        ("Classification: TOP SECRET", ""),
        ("note", "[SECRET] UK EYES ONLY - note"),
        ("note", "SECRET - note for the head of unit"),
        ("note", "note for the head of unit - TOP SECRET"),
        ("CONFIDENTIAL\n\nNote", ""),
    ],
)
def test_a_marking_above_the_tier_is_seen(own: str, subject: str) -> None:
    assert find_marking(message(own, subject=subject), "OFFICIAL").over_tier


@pytest.mark.parametrize(
    ("own", "subject"),
    [
        ("The Secretary of State has revoked the licence.", "Secretary of State"),
        ("This is private and confidential and meant for the addressee.", ""),
        ("Rotate the client secret before Friday.", "client secret rotation"),
        ("He works as a secret shopper.", "secret shopper"),
        ("The Official Receiver and the Official Solicitor were told.", ""),
        ("It is no secret", "an open secret"),
    ],
)
def test_words_in_a_sentence_are_no_marking(own: str, subject: str) -> None:
    assert not find_marking(message(own, subject=subject), "OFFICIAL").over_tier


@pytest.mark.parametrize("text", ["OFFICIAL-SENSITIVE", "OFFICIAL - SENSITIVE", "OFFICIAL SENSITIVE", "RESTRICTED"])
def test_a_marking_within_the_tier_is_kept_for_what_is_sent(text: str) -> None:
    marking = find_marking(message(f"{text}\n\nNote"), "OFFICIAL")
    assert (marking.level, marking.over_tier) == ("OFFICIAL-SENSITIVE", False)


def test_the_highest_marking_counts_wherever_it_stands() -> None:
    marking = find_marking(message("OFFICIAL\n\nNote", quoted=("SECRET\n\nOld note",)), "OFFICIAL")
    assert (marking.level, marking.over_tier) == ("SECRET", True)
