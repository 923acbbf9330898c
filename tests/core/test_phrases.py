"""Phrases, found wherever a reader would see them and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.canonical import canonical
from inbox_router.core.phrases import MISSPELT, Hit, Lexicon, problem

any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)


def found(phrase: str, text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in Lexicon([phrase]).scan(text) if not hit.note]


def restored(phrase: str, text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in Lexicon([phrase]).scan(text) if hit.note == MISSPELT]


@pytest.mark.parametrize(
    ("phrase", "text", "seen"),
    [
        ("recall", "RECALL notice", "RECALL"),
        ("fixed term recall", "a 28-day fixed-term\nRecall, please", "fixed-term\nRecall"),
        ("governor", "the Governor's office", "Governor's"),
        ("unlawfully at large", "he is unlaw\u00adfully  at\u00a0large.", "unlaw\u00adfully  at\u00a0large"),
        ("rotl", "R.O.T.L. failure", "R.O.T.L."),
        ("recall*", "he was RECALLED today", "RECALLED"),
        ("revok* licence", "we revoked licence 4", "revoked licence"),
        ("rhyddhau ar drwydded", "Rhyddhau âr drwydded", "Rhyddhau âr drwydded"),
        (
            "licence ... revoked",
            "his licence, dated 3 May, was today revoked.",
            "licence, dated 3 May, was today revoked",
        ),
        ("licence ... revoked", "licence revoked", "licence revoked"),
        ("revok* ... licence*", "They revoked both of the licences", "revoked both of the licences"),
        ("a ... b ... c", "a x b y b z1 z2 z3 z4 z5 z6 c", "a x b y b z1 z2 z3 z4 z5 z6 c"),
    ],
)
def test_a_phrase_is_found(phrase: str, text: str, seen: str) -> None:
    assert seen in found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("recall", "please re-call her"),
        ("recall", "recalled, total-recaller"),
        ("rotl", "patrotl contROTLer rotla"),
        ("emergency recall", "an emergency. Recall"),
        ("licence ... revoked", "licence one two three four five six seven revoked"),
        ("licence ... revoked", "revoked his licence"),
        ("licence ... revoked", "He has a licence. It was revoked."),
        ("licence ... revoked", "Driving licence\n\nOrder revoked"),
        ("revok* licence", "revoked the licence"),
        ("op", "pop coop OPs"),
    ],
)
def test_what_only_resembles_a_phrase_is_not_found(phrase: str, text: str) -> None:
    assert found(phrase, text) == []


def test_all_phrases_are_found_in_one_scan_with_their_numbers_and_in_the_order_of_the_text() -> None:
    lexicon = Lexicon(["recall", "emergency recall", "recall*", "absent", "recall"])
    assert lexicon.scan("Emergency recall") == [
        Hit(phrase=1, start=0, end=16),
        Hit(phrase=0, start=10, end=16),
        Hit(phrase=2, start=10, end=16),
        Hit(phrase=4, start=10, end=16),
    ]


def test_a_text_that_is_canonical_already_may_be_scanned() -> None:
    text = "Recall of a prisoner"
    assert Lexicon(["recall"]).scan(canonical(text)) == Lexicon(["recall"]).scan(text)


def test_no_phrases_find_nothing() -> None:
    assert Lexicon([]).scan("recall") == []


@pytest.mark.parametrize(
    ("phrase", "misread"),
    [
        ("recall", "recaIl"),
        ("recall", "recal1"),
        ("rotl", "R0TL"),
        ("threat to life", "threat to Iife"),
        ("licence revoked", "Iicence revoked"),
        ("licence revoked", "lisence revoked"),
        ("licence revoked", "license revoked"),
        ("crimestoppers", "Crirnestoppers"),
        ("crimestoppers", "Crimstopers"),
        ("crimestopper*", "Crimstopers"),
        ("emergency recall", "emergancy recaIl"),
        ("unlawfully at large", "unlawfuly at large"),
        ("revocation order", "revokation order"),
        ("temporary licence", "temporay licence"),
        ("last known address", "last known adress"),
        ("released from", "relased from"),
        ("governor", "govenor"),
        ("unlawfully ... large", "unlawfuly he is at large"),
    ],
)
def test_a_misread_or_misspelt_phrase_is_found_and_marked(phrase: str, misread: str) -> None:
    assert restored(phrase, f"Today {misread} again") == [misread]
    assert found(phrase, misread) == []


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("recalled", "recalls recall recalling"),
        ("released", "relapsed releases release"),
        ("shooting", "shouting"),
        ("detention", "detection"),
        ("charged", "changed"),
        ("breached", "bleached preached"),
        ("emergency", "emergence"),
        ("message", "massage"),
        ("contract", "contact"),
        ("prosecution", "persecution"),
        ("rescind*", "Resending this message"),
        ("investigate*", "investigator"),
        ("threats", "treats"),
        ("licence*", "licensed premises"),
        ("prison", "prism prisons"),
        ("bail", "ball Ball BALL"),
        ("op 28", "op 2B"),
        ("modern", "modem"),
        ("temporary", "temporarily"),
    ],
)
def test_another_english_word_is_never_taken_for_a_slip(phrase: str, text: str) -> None:
    assert Lexicon([phrase]).scan(text) == []


def test_a_word_that_some_rule_uses_is_no_slip_of_another() -> None:
    lexicon = Lexicon(["licence revoked", "license"])
    assert [hit.phrase for hit in lexicon.scan("license revoked")] == [1]


def test_a_phrase_spelt_right_is_not_reported_as_misspelt_because_of_a_slip_elsewhere() -> None:
    hits = Lexicon(["recall", "emergency"]).scan("recall, an emergancy")
    assert [(hit.phrase, hit.note) for hit in hits] == [(0, ""), (1, MISSPELT)]


@pytest.mark.parametrize("phrase", ["recall*", "licence ... revoked", "s.254", "Op. Linnet", "HMP & YOI", "can't cope"])
def test_plain_phrases_have_no_problem(phrase: str) -> None:
    assert problem(phrase) is None


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("  ", "empty"),
        ("x" * 201, "at most 200"),
        (r"\brecall", "regular expression"),
        ("recall.*", "regular expression"),
        ("recall|return", "regular expression"),
        ("<recall words>", "angle brackets"),
        ("... revoked", "both sides"),
        ("licence ... ... revoked", "both sides"),
        ("*call", "beginning of a word"),
        ("re*call", "beginning of a word"),
        ("re* x", "at least 3 letters"),
        ("!!!", "no words"),
        ("He left. They stayed", "two phrases"),
    ],
)
def test_a_phrase_that_cannot_work_is_refused_in_plain_words(phrase: str, told: str) -> None:
    trouble = problem(phrase)
    assert trouble is not None
    assert told in trouble


@given(st.text(alphabet="ab*. <\\[-|\n'é\u200b", max_size=20))
def test_a_phrase_without_a_problem_can_always_be_scanned_for(phrase: str) -> None:
    if problem(phrase) is None:
        Lexicon([phrase]).scan("a b ab")


WORDS = ("prisoner", "recalled", "licence", "Wetherby", "o'neill", "28", "übung")
JOINTS = (" ", "\n", "  ", "-", ", ", "\u00a0", " (", "/", "\t", "\u2013")


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    st.data(),
)
def test_a_planted_phrase_is_found_whatever_is_mixed_into_it(planted: list[str], data: st.DataObject) -> None:
    written = ""
    for number, word in enumerate(planted):
        written += data.draw(st.sampled_from(JOINTS)) if number else ""
        shown = data.draw(st.sampled_from((word, word.upper(), word.title())))
        cut = data.draw(st.integers(1, len(shown) - 1))
        written += shown[:cut] + data.draw(st.sampled_from(("", "\u200b", "\u00ad", "\u2060"))) + shown[cut:]
    text = f"Before {written}, after"
    assert written in found(" ".join(planted), text)


@given(any_text)
def test_spans_lie_in_the_text_whatever_it_holds(text: str) -> None:
    for hit in Lexicon(["a", "b ... c", "abc*", "0", "recall"]).scan(text):
        assert 0 <= hit.start < hit.end <= len(text)


@pytest.mark.parametrize(
    "words", ["licence ", "licence revoked ", "revoked licence ", "recaIl ", "recall", "qwertyuiop1 "]
)
def test_two_million_characters_of_repeated_words_are_scanned_to_the_end(words: str) -> None:
    lexicon = Lexicon(["licence ... revoked", "recall*", "recall", "licence ... revoked ... warrant"])
    text = words * (1_000_000 // len(words))
    assert all(hit.end <= len(text) for hit in lexicon.scan(text))
