"""A register has a row for each case, whatever the messages of it say and in whichever order they are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.cases import ASLEEP, Case, Clocks, Entry, Filing, Register, Told, cases
from inbox_router.core.standings import Standing

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CLOCKS = Clocks(by_type={"emergency": 48 * HOUR, "cancelled": None}, otherwise=96 * HOUR)


def filing(message: int, **changes: object) -> Filing:
    given: dict[str, object] = {
        "message": message,
        "reference": f"FIR-{message}",
        "received": START + message * HOUR,
        "type": "standard",
        "urgent": False,
        "standing": Standing.ROUTED,
    }
    return Filing(**(given | changes))  # type: ignore[arg-type]


def person(number: str) -> frozenset[tuple[str, str]]:
    return frozenset({("prison number", number)})


def recalls(*filings: Filing, entries: tuple[Entry, ...] = ()) -> tuple[Case, ...]:
    return cases(Register.RECALL, filings, entries, CLOCKS)


def entry(message: int, at: datetime, *, closes: bool = True) -> Entry:
    return Entry(message=message, at=at, by="PC 4417", outcome="arrested", closes=closes)


def test_messages_about_one_person_are_one_row_under_the_first_reference() -> None:
    (row,) = recalls(filing(1, identifiers=person("A1234BC")), filing(2, identifiers=person("A1234BC")))
    assert (row.reference, row.messages) == ("FIR-1", (1, 2))


def test_two_reports_about_one_person_are_two_rows_of_the_crimestoppers_register() -> None:
    reports = [
        filing(n, identifiers=person("A1234BC") | {("crimestoppers reference", f"CS-{n}")}, type="high_risk")
        for n in (1, 2)
    ]
    answer = filing(3, identifiers=frozenset({("crimestoppers reference", "CS-1")}))
    assert [row.messages for row in cases(Register.CRIMESTOPPERS, [*reports, answer], ())] == [(1, 3), (2,)]


def test_a_message_that_names_what_two_cases_name_makes_them_one() -> None:
    both = person("A1234BC") | person("B2345CD")
    (row,) = recalls(
        filing(1, identifiers=person("A1234BC")), filing(2, identifiers=person("B2345CD")), filing(3, identifiers=both)
    )
    assert row.messages == (1, 2, 3)


def test_the_clock_runs_from_the_arrival_and_an_emergency_shortens_it() -> None:
    (standard,) = recalls(filing(0, identifiers=person("A1234BC")))
    (worse,) = recalls(
        filing(0, identifiers=person("A1234BC")), filing(1, identifiers=person("A1234BC"), type="emergency")
    )
    assert standard.deadline == START + 96 * HOUR
    assert worse.deadline == START + 49 * HOUR


def test_a_recall_that_is_called_off_or_closed_has_no_clock() -> None:
    first = filing(0, identifiers=person("A1234BC"))
    (off,) = recalls(first, filing(1, identifiers=person("A1234BC"), type="cancelled"))
    (closed,) = recalls(first, entries=(entry(0, START + HOUR),))
    (opened,) = recalls(first, entries=(entry(0, START + HOUR), entry(0, START + 2 * HOUR, closes=False)))
    assert (off.deadline, closed.deadline, closed.closed) == (None, None, START + HOUR)
    assert (opened.deadline, opened.closed) == (START + 96 * HOUR, None)


def test_a_person_recalled_again_after_the_case_was_closed_is_a_case_of_its_own() -> None:
    again = filing(30, identifiers=person("A1234BC"))
    first = filing(1, identifiers=person("A1234BC"))
    assert len(recalls(first, again, entries=(entry(1, START + 20 * HOUR),))) == 2
    late = filing(2, identifiers=person("A1234BC"), received=START + ASLEEP + 3 * HOUR)
    assert len(recalls(first, late)) == 2


def test_a_held_recall_is_in_the_register_and_nobody_was_told() -> None:
    (row,) = recalls(filing(1, standing=Standing.HELD, type="emergency", urgent=True))
    assert row.held
    assert row.told == ()
    assert row.deadline == START + 49 * HOUR


def test_a_mailbox_stands_once_with_the_first_time_that_it_was_told_and_answered() -> None:
    told = [
        Told(recipient="c@pennine.police.example", sent=START + 2 * HOUR),
        Told(recipient="c@pennine.police.example", sent=START + 5 * HOUR, acknowledged=START + 6 * HOUR),
    ]
    (row,) = recalls(*(filing(n, identifiers=person("A1234BC"), told=(each,)) for n, each in enumerate(told)))
    assert row.told == (
        Told(recipient="c@pennine.police.example", sent=START + 2 * HOUR, acknowledged=START + 6 * HOUR),
    )


people = st.sampled_from([*(person(f"A{n}000BC") for n in range(4)), frozenset[tuple[str, str]]()])
messages = st.lists(st.tuples(people, people, st.integers(0, 200)), max_size=12).map(
    lambda drawn: [
        filing(number, identifiers=one | other, received=START + hours * 24 * HOUR)
        for number, (one, other, hours) in enumerate(drawn)
    ]
)


@given(messages, st.randoms(use_true_random=False))
def test_every_message_is_in_exactly_one_case_in_whichever_order_they_are_read(filings: list[Filing], random) -> None:  # type: ignore[no-untyped-def]
    rows = recalls(*filings)
    assert sorted(number for row in rows for number in row.messages) == [each.message for each in filings]
    shuffled = list(filings)
    random.shuffle(shuffled)
    assert recalls(*shuffled) == rows
