"""Which label a value stands under, in forms and in running words; and what holds of any text and labels at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.labels import REACH, Governed, Label, Standing, governed
from inbox_router.core.phrases import Lexicon

OURS = ("last known address", "living at", "residing at", "lka")
THEIRS = ("victim", "mother's", "probation office", "exclusion zone", "prison")
LEXICON = Lexicon([*OURS, *THEIRS])
VALUE = "HX1 1AA"


def labels_in(text: str) -> list[Label]:
    found = (Label(start=hit.start, end=hit.end, ours=hit.phrase < len(OURS)) for hit in LEXICON.scan(text))
    return sorted(found, key=lambda label: label.end)


def stands(text: str) -> Governed:
    """How the one value in the text stands."""
    start = text.index(VALUE)
    return governed(text, labels_in(text), start, start + len(VALUE))


@pytest.mark.parametrize(
    "text",
    [
        "Last known address: 4 Mill Lane, HX1 1AA",
        "LKA\t4 Mill Lane\tHX1 1AA",
        "Last known address\n4 Mill Lane\nHalifax\nHX1 1AA",
        "Last known address (from the form): 4 Mill Lane, HX1 1AA",
        "Prison: Leeds\nLast known address: HX1 1AA",
        "Last known address: 4 Prison Lane, HX1 1AA",
        "Last known address: Flat 2, St. Mary's Rd. HX1 1AA",
    ],
)
def test_the_field_that_a_value_is_in_labels_it(text: str) -> None:
    assert stands(text).standing is Standing.LABELLED


@pytest.mark.parametrize("text", ["He is living at 4 Mill Lane, HX1 1AA.", "A man residing at HX1 1AA was seen."])
def test_running_words_tell_of_a_value(text: str) -> None:
    assert stands(text).standing is Standing.TOLD


@pytest.mark.parametrize(
    "text",
    [
        "Victim: 4 Mill Lane, HX1 1AA",
        "Victim's last known address: HX1 1AA",
        "Prison LKA: HX1 1AA",
        "The victim, who is living at HX1 1AA, has been told.",
        "Last known address: LS1 1AA\nExclusion zone: HX1 1AA",
        "4 Mill Lane HX1 1AA (victim)",
        "He is living at HX1 1AA - mother's",
    ],
)
def test_a_value_under_another_label_is_somebody_elses(text: str) -> None:
    assert stands(text).standing is Standing.ELSEWHERE


@pytest.mark.parametrize(
    "text",
    [
        "HX1 1AA",
        "Last known address: not known\n\nSeen near HX1 1AA",
        "Last known address: not known\nSeen near: HX1 1AA",
        "Last known address not known. He was seen near HX1 1AA",
        "Last known address: " + "x " * REACH + "HX1 1AA",
    ],
)
def test_a_label_does_not_reach_over_a_blank_line_a_field_a_sentence_or_a_page(text: str) -> None:
    assert stands(text) == Governed(standing=Standing.UNLABELLED)


FRAGMENTS = [
    *OURS,
    *THEIRS,
    VALUE,
    "\n",
    "\n\n",
    ": ",
    ". ",
    "\t",
    " ",
    "(",
    ")",
    " - ",
    "he",
    "4 Mill Lane",
    ",",
    "St.",
]


@st.composite
def texts_with_labels(draw: st.DrawFn) -> tuple[str, list[Label], int, int]:
    """Any text of such pieces, any labels in it whether or not they make sense, and any stretch for a value."""
    text = "".join(draw(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=6), max_size=30))) + "x"
    place = st.integers(min_value=0, max_value=len(text))
    spans = [sorted(pair) for pair in draw(st.lists(st.tuples(place, place), max_size=6))]
    labels = [Label(start=start, end=end, ours=draw(st.booleans())) for start, end in spans]
    start, end = sorted(draw(st.tuples(place, place)))
    return text, sorted([*labels, *labels_in(text)], key=lambda label: label.end), start, end


@given(texts_with_labels())
def test_what_governs_a_value_stands_before_it_or_in_a_remark_behind_it(
    case: tuple[str, list[Label], int, int],
) -> None:
    text, labels, start, end = case
    found = governed(text, labels, start, end)
    if found.standing is Standing.UNLABELLED:
        assert found.label is None
        return
    assert found.label in labels
    assert found.label.ours == (found.standing is not Standing.ELSEWHERE)
    before, behind = found.label.end <= start, end <= found.label.start
    assert before or (behind and not found.label.ours)


@given(texts_with_labels())
def test_a_label_a_page_away_governs_nothing(case: tuple[str, list[Label], int, int]) -> None:
    text, labels, start, end = case
    far = "Victim" + "." * (REACH + 1)
    shifted = [Label(start=one.start + len(far), end=one.end + len(far), ours=one.ours) for one in labels]
    without = governed(far + text, shifted, start + len(far), end + len(far))
    with_it = governed(far + text, [Label(start=0, end=6, ours=False), *shifted], start + len(far), end + len(far))
    assert with_it == without
