"""Whose address it is: only the subject's own decides."""

from __future__ import annotations

import pytest

from inbox_router.core.decision import HoldReason
from tests.core.deciding import decided, mailboxes

RECALL = "Recall notification for A1234BC. Licence revoked. Emergency recall: NO\n"


def division(address: str) -> set[str] | HoldReason | None:
    """Where a recall with this in it goes besides offender management, or why it is held."""
    decision = decided(RECALL + address)
    return mailboxes(decision) - {"offender-management"} or decision.hold_reason


@pytest.mark.parametrize(
    "address",
    [
        "Last known address: 4 Mill Lane, Halifax HX1 1AA",
        "Last known address:   4 Mill Lane\n               Pellon\n               Halifax\n               HX1 1AA",
        "LKA\t4 Mill Lane, Halifax, hx1 1aa",
        "Last known address (from the form): 7 Saltersgate Court, Church Lane, Halifax, HX1\n1AA",
        "He is living at 4 Mill Lane, Halifax HX1 1AA with his aunt.",
        "Last known address: 12 Bradford Road, Halifax (postcode not held)",
        "Releasing prison: HMP Leeds, 2 Gloucester Terrace, Leeds LS12 2TJ\nLast known address: 4 Mill Lane HX1 1AA",
        "Last known address: 4 Mill Lane HX1 1AA\nProbation office: 2 Bridge Street, Bradford BD1 4AA",
        "Last known address: 4 Mill Lane HX1 1AA\nVictim lives at 9 Hill View, Pudsey LS28 7AA",
        "Last known address: 4 Mill Lane HX1 1AA\nExclusion zone: Otley town, LS21 (victim)",
        "Last known address: 4 Mill Lane HX1 1AA\nPrevious address: 9 Hill View, Dewsbury WF13 1AA",
        "His ex-partner, who now lives at 9 Hill View, Leeds LS6 1AA, is worried.\nLKA: 4 Mill Lane HX1 1AA",
        "Nothing but his name, and 4 Mill Lane, Halifax HX1 1AA.",
    ],
)
def test_the_subjects_own_address_decides(address: str) -> None:
    assert division(address) == {"c-division"}


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("Last known address: 3 Otter Garth, Skipton BD23 4AA", "out-of-force"),
        ("Last known address: 4 Mill Lane, Birkenshaw, Bradford BD11 2AA", "d-division"),
        ("Last known address: 4 Mill Lane, Ilkley, Leeds LS29 8AA", "b-division"),
        ("Last known address: 4 Mill Lane, Brighouse HD6 2AA", "c-division"),
        ("Last known address: 4 Mill Lane, Todmorden OL14 7AA", "c-division"),
        ("Last known address: 4 Mill Lane, Oldham OL4 1AA", "out-of-force"),
        ("Last known address: 4 Mill Lane, Tadcaster LS24 9AA", "out-of-force"),
    ],
)
def test_a_postcode_outranks_the_town_and_its_longest_prefix_decides(address: str, mailbox: str) -> None:
    assert division(address) == {mailbox}


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("Last known address: No Fixed Abode", HoldReason.NO_PLACE),
        ("Last known address: not known", HoldReason.NO_PLACE),
        ("He has missed appointments at the office in Shipley.", HoldReason.NO_PLACE),
        ("Releasing prison: HMP Leeds, Leeds LS12 2TJ", HoldReason.NO_PLACE),
        ("Either 4 Mill Lane, Halifax HX1 1AA or 9 Hill View, Batley WF17 7AA.", HoldReason.AMBIGUOUS_PLACE),
    ],
)
def test_a_place_that_is_missing_or_points_two_ways_is_never_guessed(address: str, reason: HoldReason) -> None:
    assert division(address) == reason


def test_another_possible_address_in_another_division_is_copied_too() -> None:
    address = "Last known address: 4 Mill Lane, Leeds LS15 8AA\nOther possible address: Sister, 9 Hill View WF3 1AA"
    assert division(address) == {"a-division", "e-division"}
