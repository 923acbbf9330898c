"""Registers come out of spreadsheets, with all that spreadsheets do to a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_router.files.problems import Findings
from inbox_router.files.registers import ReadRegister, read_register


def read(octets: bytes) -> tuple[ReadRegister | None, list[str]]:
    findings = Findings()
    return read_register("places", "places.csv", octets, findings), [str(problem) for problem in findings.problems]


def test_the_mark_and_line_ends_and_blank_rows_of_a_spreadsheet_do_no_harm() -> None:
    found, problems = read(b'\xef\xbb\xbfplace,mailbox\r\nHX1, c-division \r\n,\r\n"Leeds, city",a-division\r\n\r\n')
    assert problems == []
    assert found is not None
    assert found.register.columns == ("place", "mailbox")
    assert found.register.rows == (
        {"place": "HX1", "mailbox": "c-division"},
        {"place": "Leeds, city", "mailbox": "a-division"},
    )


def test_a_row_is_found_again_by_its_line() -> None:
    found, _ = read(b"place,mailbox\n\nHX1,c-division\n")
    assert found is not None
    assert str(found.at(0)) == "places.csv:3:1"


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"place,place\nHX1,a\n", "two columns are named"),
        (b"place,\nHX1,a\n", "column 2 has no name"),
        (b"place,mail.box\nHX1,a\n", 'has ".", "<" or ">" in it'),
        (b"place\tmailbox\nHX1\ta\n", "not parted by commas"),
        (b'place,mailbox\n"HX\n1",a\n', "line break"),
        (b"place,mailbox\n@SUM(A1),a\n", "is a formula"),
        (b"place,mailbox\n-1+2,a\n", "is a formula"),
        (b"place,mailbox\n...,a\n", "no letter or digit"),
        (b"place,mailbox\nHX1,a\nhx1,b\n", "stands twice: here and in line 2"),
        (b"place,mailbox\n\xa3,a\n", "not UTF-8"),
        (b"place,mailbox\n" + b"x" * 300 + b",a\n", "longer than 200"),
        (b"", "empty"),
    ],
)
def test_what_would_route_wrongly_is_told(octets: bytes, words: str) -> None:
    found, problems = read(octets)
    assert found is None
    assert any(words in problem for problem in problems), problems


@given(st.binary(max_size=100))
def test_any_octets_are_a_register_or_told(octets: bytes) -> None:
    found, problems = read(octets)
    assert (found is None) == bool(problems)


@given(st.text(alphabet='ab,"\n\r=* ', max_size=60))
def test_any_text_is_a_register_or_told(text: str) -> None:
    found, problems = read(text.encode())
    assert (found is None) == bool(problems)
