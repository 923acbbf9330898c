"""Words as they are compared, and the way back to the text they came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.canonical import SENTENCE_END, canonical

any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)
mail_text = st.text(alphabet="aAbZ09 \t\n.!?'’-–:[]()xX☐\u00a0\u00ad\u200béßﬁЕｅ", max_size=120)


def words(text: str) -> list[str]:
    return canonical(text).words()


@pytest.mark.parametrize(
    "written",
    [
        "RECALL",
        "recall,",
        "re\u00adcall",
        "re\u200bcall",
        "ｒｅｃａｌｌ",
        "rеcаll",
        "réçàll",
        "re\u0301call",
        "𝐫𝐞𝐜𝐚𝐥𝐥",
        "ʀᴇᴄᴀʟʟ",
        "“Recall”",
        "recall's",
        "Recall’s",
    ],
)
def test_a_word_has_one_form_however_it_is_written(written: str) -> None:
    assert words(written) == ["recall"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("don't", ["dont"]),
        ("O’Neill's dog", ["oneill", "dog"]),
        ("re-call", ["re", "call"]),
        ("fixed–term", ["fixed", "term"]),
        ("R.O.T.L. notice", ["rotl", "notice"]),
        ("ﬁxed ﬂat", ["fixed", "flat"]),
        ("A1234AB/28-day", ["a1234ab", "28", "day"]),
        ("EMERGENCY RECALL [X] YES", ["emergency", "recall", "yes"]),
        ("snake_case", ["snake", "case"]),
        ("", []),
        ("\ud800 - ☐", []),
    ],
)
def test_punctuation_parts_words_and_apostrophes_do_not(written: str, read: list[str]) -> None:
    assert words(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "Licence. Revoked",
        "Licence! He",
        'He left the "licence." They revoked it',
        "Licence\n\nRevoked",
        "Licence? The rest",
        "licence\n  \n- Next",
    ],
)
def test_a_sentence_ends_where_a_reader_would_end_it(text: str) -> None:
    assert SENTENCE_END in words(text)


@pytest.mark.parametrize(
    "text",
    [
        "Op. Linnet",
        "Sgt. Smith of St. Mary",
        "No. 4 Example Road",
        "J. Smith",
        "1. Any intelligence\n2. Any victims",
        "Last known address:\n12 High Street",
        "Firearms?    N",
        "Firearms?\tYes",
        "Firearms?\nNo",
        "unlawfully\n\nat large",
        "at 1.45 he said s.254",
    ],
)
def test_an_abbreviation_a_label_or_a_wide_gap_ends_no_sentence(text: str) -> None:
    assert SENTENCE_END not in words(text)


def test_every_word_points_to_its_place_in_the_original() -> None:
    text = "The Governor’s ﬁxed\u00adterm\u00a0RÉCALL"
    found = canonical(text)
    assert [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)] == [
        "The",
        "Governor’s",
        "ﬁxed\u00adterm",
        "RÉCALL",
    ]


@given(st.one_of(any_text, mail_text))
def test_every_word_of_any_text_slices_back_and_reads_the_same_by_itself(text: str) -> None:
    found = canonical(text)
    read = found.words()
    assert len(read) == len(found.starts) == len(found.ends) == len(found.places)
    assert found.text == (f" {' '.join(read)} " if read else " ")
    last = 0
    for word, start, end, place in zip(read, found.starts, found.ends, found.places, strict=True):
        assert last <= start < end <= len(text)
        assert found.text[place : place + len(word)] == word
        if word != SENTENCE_END:
            assert words(text[start:end]) == [word]
        last = end


@given(mail_text)
def test_what_is_canonical_stays_as_it_is(text: str) -> None:
    once = " ".join(word for word in words(text) if word != SENTENCE_END)
    assert words(once) == once.split()


@pytest.mark.parametrize(
    "odd", ["a.", "[ ", "? ", "\n", "\n \t", "'", "a'", "\u0301", "\ud800", '."', "1.", "\n>", ". A"]
)
def test_two_million_odd_characters_are_read_to_the_end(odd: str) -> None:
    text = odd * (2_000_000 // len(odd))
    found = canonical(text)
    assert all(start < end <= len(text) for start, end in zip(found.starts[-3:], found.ends[-3:], strict=True))
