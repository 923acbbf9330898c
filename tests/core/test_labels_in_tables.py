"""Tables whose headings stand above the values."""

from __future__ import annotations

import pytest

from inbox_router.core.decision import HoldReason
from tests.core.deciding import decided, mailboxes

RECALL = "Recall notification for A1234BC. Licence revoked.\n"


@pytest.mark.parametrize(
    "table",
    [
        "Releasing prison\tLast known address\tVictim area\nHMP Hull HU9 5AA\t4 Mill Lane, HX1 1AA\tLeeds LS6 1AA",
        "PNC\tHome address\tNext of kin\n2019/0123456E\tOld Chapel, HX1 1AA\tSister, LS6 1AA",
    ],
)
def test_the_heading_of_its_column_says_whose_a_place_is(table: str) -> None:
    assert mailboxes(decided(RECALL + table)) - {"offender-management"} == {"c-division"}


def test_a_column_under_somebody_elses_heading_is_not_the_subjects() -> None:
    table = "Name\tVictim address\tOfficer\nJohn DOE\t4 Mill Lane, Halifax HX1 1AA\tA. Person"
    assert decided(RECALL + table).hold_reason is HoldReason.NO_PLACE


def test_a_no_in_the_row_below_answers_the_heading_above() -> None:
    table = "Recall type\tEmergency recall\tMAPPA\nStandard\tNo\tLevel 2\nLast known address\t4 Mill Lane HX1 1AA"
    assert decided(RECALL + table).type == "standard"
    assert decided(RECALL + table.replace("\tNo\t", "\tYes\t")).type == "emergency"
