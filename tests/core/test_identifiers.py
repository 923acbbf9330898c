"""Identifiers in every way they are written, and what only looks like one."""

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core import identifiers
from inbox_router.core.identifiers import cro, find_postcodes, phone, pnc, postcode, vrm
from inbox_router.core.plain import plain
from inbox_router.core.postcodes import AREAS

any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)
place_text = st.text(alphabet="ABLSWFabls0158OIl 12\n\t.-\u00a0\u200bＡ", max_size=60)


def places(text: str) -> list[str]:
    return [hit.postcode for hit in find_postcodes(text)]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2019/0123456E", "2019/0123456E"),
        ("1979/0163001B", "1979/0163001B"),
        ("12/52494Q", "2012/0052494Q"),
        ("2003/0000001W", "2003/0000001W"),
        ("2025/0000040Y", "2025/0000040Y"),
        ("20190123456e", "2019/0123456E"),
        ("79 / 163001 b", "1979/0163001B"),
        ("１２/52494Ｑ", "2012/0052494Q"),
    ],
)
def test_a_pnc_id_has_one_form_and_a_right_check_letter(written: str, value: str) -> None:
    found = pnc(written)
    assert found is not None
    assert (found.value, found.valid) == (value, True)


def test_a_wrong_check_letter_is_told_not_dropped() -> None:
    found = pnc("2019/0123456F")
    assert found is not None
    assert (found.value, found.valid) == ("2019/0123456F", False)


def test_two_figures_of_a_year_to_come_belong_to_the_last_century() -> None:
    assert [pnc(text, this_year=2026).value[:4] for text in ("26/1A", "27/1A")] == ["2026", "1927"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", ["", "12/05/25", "190123456E", "2019/01234567E", "CAD 1234/22NOV25", "\ud800", "12/34"]
)
def test_what_has_not_the_form_of_a_pnc_id_is_none(text: str) -> None:
    assert pnc(text) is None


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("265416/21G", "265416/21G"),
        ("85227/65L", "85227/65L"),
        ("085227/65l", "85227/65L"),
        ("1/99W", "1/99W"),
        ("SF39/12345Y", "SF39/12345Y"),
        ("SF93/5Q", "SF93/5Q"),
        ("sf 93 / 5 q", "SF93/5Q"),
    ],
)
def test_a_cro_number_has_one_form_and_a_right_check_letter(written: str, value: str) -> None:
    found = cro(written)
    assert found is not None
    assert (found.value, found.valid) == (value, True)


def test_a_cro_number_with_another_letter_is_suspect() -> None:
    assert [cro(text).valid for text in ("265416/21H", "SF93/5R")] == [False, False]  # type: ignore[union-attr]


def _letter_by_long_division(figures: str) -> str:
    remainder = 0
    for figure in figures:
        remainder = (remainder * 10 + int(figure)) % 23
    return "ZABCDEFGHJKLMNPQRTUVWXY"[remainder]


@given(st.integers(1950, 2049), st.integers(0, 9_999_999))
def test_only_the_letter_that_long_division_gives_makes_a_pnc_id_valid(year: int, serial: int) -> None:
    right = _letter_by_long_division(f"{year % 100:02}{serial:07}")
    for letter in "ABCDEFGHJKLMNPQRTUVWXYZ":
        found = pnc(f"{year}/{serial:07}{letter}")
        assert found is not None
        assert found.valid == (letter == right)


@given(st.integers(0, 99), st.integers(1, 999_999))
def test_only_the_letter_that_long_division_gives_makes_a_cro_number_valid(year: int, serial: int) -> None:
    letters = "ABCDEFGHJKLMNPQRTUVWXYZ"
    padded = _letter_by_long_division(f"{year:02}{serial:06}")
    bare = _letter_by_long_division(f"{year:02}{serial}")
    assert [letter for letter in letters if cro(f"{serial}/{year:02}{letter}").valid] == [padded]  # type: ignore[union-attr]
    assert [letter for letter in letters if cro(f"SF{year:02}/{serial}{letter}").valid] == [bare]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("written", "mark"), [("ab12 cde", "AB12CDE"), ("A123 BCD", "A123BCD"), ("ABC 123D", "ABC123D"), ("AB1234", None)]
)
def test_registration_marks_of_the_three_common_forms_are_known(written: str, mark: str | None) -> None:
    assert vrm(written) == mark


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("07700 900123", "07700900123"),
        ("+44 (0)7700 900123", "07700900123"),
        ("0044 20 7946 0123", "02079460123"),
        ("(01632) 960 123", "01632960123"),
        ("999", None),
    ],
)
def test_a_telephone_number_is_its_national_figures(written: str, number: str | None) -> None:
    assert phone(written) == number


@pytest.mark.parametrize(
    ("name", "text", "values"),
    [
        ("PNC", "PNC 2012/0052494Q, 12/52494Q", ["2012/0052494Q", "12/52494Q"]),
        ("PNC", "42/12345/25 on 12/05/25 for SF39/12345Y", []),
        ("CRO", "CRO SF39/12345Y or 85227/65L", ["SF39/12345Y", "85227/65L"]),
        ("PRISON_NUMBER", "a1234bc/A4321CB XA1234BC", ["a1234bc", "A4321CB"]),
        ("CRN", "CRN X123456.", ["X123456"]),
        ("VRM", "a grey AB12 CDE", ["AB12 CDE"]),
        ("PHONE", "ring 07700 900123 or (01632) 960123.", ["07700 900123", "(01632) 960123"]),
        ("DATE", "03/04/2026, 3 April 2026 and 2026-04-03", ["03/04/2026", "3 April 2026", "2026-04-03"]),
    ],
)
def test_the_patterns_find_their_identifiers_in_running_text(name: str, text: str, values: list[str]) -> None:
    assert re2.compile(getattr(identifiers, name)).findall(text) == values


@pytest.mark.parametrize(
    "code", ["SW1A 1AA", "M1 1AE", "CR2 6XH", "DN55 1PT", "W1A 1HQ", "EC1A 1BB", "LS1 4PL", "CR0 1XG"]
)
def test_a_good_postcode_is_found_whole(code: str) -> None:
    assert [(hit.postcode, hit.full, hit.repaired) for hit in find_postcodes(f"at {code}, now")] == [
        (code, True, False)
    ]
    for written in (code.lower(), code.replace(" ", ""), code.replace(" ", "-"), code.replace(" ", "\u00a0")):
        assert postcode(written) == identifiers.Postcode(value=code, full=True)


@pytest.mark.parametrize("text", ["Q1A 9AA", "V1 1AA", "X1 1AA", "QQ1 1QQ"])
def test_a_postcode_of_an_area_that_does_not_exist_is_none(text: str) -> None:
    assert postcode(text) is None
    assert find_postcodes(text) == []


@pytest.mark.parametrize(
    "written",
    [
        "HD7\n4TU",
        "HD7 \n> 4TU",
        "HD74TU",
        "HD7-4TU",
        "HD7.4TU",
        "hd7  4tu",
        "H D 7 4 T U",
        "ＨＤ７　４ＴＵ",
        "HD7\u00a04TU",
        "H\u200bD7 4\u00adTU",
        "ΗD7 4ТU",
    ],
)
def test_a_damaged_postcode_is_found_and_its_place_told(written: str) -> None:
    text = f"Huddersfield {written}, he says"
    (hit,) = find_postcodes(text)
    assert (hit.postcode, hit.full, hit.repaired) == ("HD7 4TU", True, False)
    assert text[hit.start : hit.end] == written


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("HDl 4TU", "HD1 4TU"),
        ("SW1A lAA", "SW1A 1AA"),
        ("CRO 1XG", "CR0 1XG"),
        ("0X1 2AB", "OX1 2AB"),
        ("LS1O 3JW", "LS10 3JW"),
        ("H08 1AA", None),
        ("AB1 2CD", "AB1 2CD"),
        ("AB12CD", "AB1 2CD"),
        ("ABl 2CD", "AB1 2CD"),
    ],
)
def test_a_misread_postcode_is_put_right_and_marked(written: str, code: str | None) -> None:
    assert [(hit.postcode, hit.repaired) for hit in find_postcodes(f"at {written}.")] == (
        [(code, True)] if code else []
    )


@pytest.mark.parametrize(
    ("text", "outward"),
    [
        ("lives in the HX1 area", ["HX1"]),
        ("near Elland (HX5)", ["HX5"]),
        ("LS1 and LS2", ["LS1", "LS2"]),
        ("BD16 AND BD17", ["BD16", "BD17"]),
        ("Mother, Barnsley S71", ["S71"]),
        ("LS1 at 4pm", ["LS1"]),
        ("Manchester M40", ["M40"]),
        ("BD3 6ft tall", ["BD3"]),
    ],
)
def test_the_first_half_of_a_postcode_counts_where_it_stands_for_a_place(text: str, outward: list[str]) -> None:
    assert places(text) == outward
    assert not any(hit.full for hit in find_postcodes(text))


@pytest.mark.parametrize(
    "text",
    [
        "a grey Corsa, part VRM BD19",
        "registration begins LS21",
        "red Fiat (UR16 HGN), also BD16 HGN and bd51smr",
        "M62, A58 and B6265, junction M1",
        "prison number A8123LV, A1234BC",
        "28 day FTR48",
        "room E16 4AB",
        "graded B2, Level N1, class S2",
        "S18 GBH and s20 wounding",
        "CO2 canisters, IP1 and SO15",
        "will 2nd all 2nd hull 5th so 2nd",
        "2008/0214478Z X123456",
        "https://ls1.example/HX1-x a@hd1.example",
    ],
)
def test_what_only_looks_like_a_postcode_is_left_out(text: str) -> None:
    assert places(text) == []


@given(st.sampled_from(sorted(AREAS)), st.integers(1, 9), st.integers(0, 9), st.sampled_from(["AB", "XY", "TU"]))
def test_every_area_has_postcodes(area: str, district: int, sector: int, unit: str) -> None:
    code = f"{area}{district} {sector}{unit}"
    assert places(f"at {code}") == [code]


@given(st.one_of(any_text, place_text))
def test_a_found_postcode_is_where_it_is_said_to_be_whatever_the_text(text: str) -> None:
    last = 0
    for hit in find_postcodes(text):
        assert last <= hit.start < hit.end <= len(text)
        letters = [c for c in plain(text[hit.start : hit.end]).text if c.isalnum() or c == "|"]
        assert len(letters) == len(hit.postcode.replace(" ", ""))
        last = hit.end


@given(any_text)
def test_nothing_that_is_no_identifier_makes_trouble(text: str) -> None:
    assert all(read(text) is None or len(text) >= 2 for read in (pnc, cro, vrm, phone, postcode))
    assert plain(text).text.isascii()


@given(any_text)
def test_plain_text_leads_back_to_the_original(text: str) -> None:
    flat = plain(text)
    for place in range(len(flat.text)):
        start, end = flat.span(place, place + 1)
        assert plain(text[start:end]).text == flat.text[place]


@pytest.mark.parametrize(
    "odd", ["A ", "AB1 2CD ", "A1\n", " ", "A1" + " " * 60, "1", "é\u200b", "\ud800", "LS1 ", "\n> ", "A1\n> > > > "]
)
def test_two_million_odd_characters_are_read_to_the_end(odd: str) -> None:
    text = odd * (2_000_000 // len(odd))
    assert all(hit.end <= len(text) for hit in find_postcodes(text)[-3:])
