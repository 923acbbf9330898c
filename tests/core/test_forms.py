"""What a form prints is not what its sender says."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.forms import answers, blank, negated, unchosen

any_text = st.text(alphabet=st.characters(exclude_categories=()), max_size=200)
form_text = st.text(alphabet="YESNOyesno ab:?\t\n[]()xX☐☒~/-.N", max_size=120)


def not_chosen(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in unchosen(text)]


def said_no(text: str) -> list[str]:
    return [text[field.label_start : field.label_end] for field in answers(text)]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("YES ☐ NO ☒", ["YES ☐"]),
        ("YES\u00a0☒\u00a0NO\u00a0☐", ["NO\u00a0☐"]),
        ("EMERGENCY RECALL YES [ ] NO [X]", ["YES [ ]"]),
        ("EMERGENCY RECALL\tYES ☑\tNO ☐", ["NO ☐"]),
        ("LEVEL 1 ☐ LEVEL 2 ☒", ["LEVEL 1 ☐"]),
        ("MAPPA LEVEL 1 [ ] LEVEL 2 [X] N/A [ ]", ["LEVEL 1 [ ]", "N/A [ ]"]),
        ("Recall type: Standard ☐ Fixed term ☒", ["Standard ☐"]),
        ("[ ] 1 Reliable [X] 2 Untested [ ] 3 Not reliable", ["[ ] 1 Reliable", "[ ] 3 Not reliable"]),
        ("Source evaluation [x] 1 Reliable [ ] 2 Untested", ["[ ] 2 Untested"]),
        ("Emergency [ ] YES [X] NO\tReason: none", ["[ ] YES"]),
        ("( ) Emergency (x) Standard", ["( ) Emergency"]),
        ("Emergency recall [ ]\nStandard recall [X]\nFixed term [ ]", ["Emergency recall [ ]", "Fixed term [ ]"]),
        ("YES [X] NO [ ]   Arrest issues YES [ ] NO [X]", ["NO [ ]", "YES [ ]"]),
    ],
)
def test_an_option_without_a_tick_beside_one_with_a_tick_was_not_chosen(text: str, options: list[str]) -> None:
    assert not_chosen(text) == options


def test_a_list_of_boxes_that_goes_on_below_belongs_to_the_question_above() -> None:
    text = "Handling code [X] P - Lawful sharing permitted\n[ ] C - Lawful sharing permitted with conditions\nText"
    assert not_chosen(text) == ["[ ] C - Lawful sharing permitted with conditions"]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("EMERGENCY RECALL YES/NO\tYES", ["YES/NO"]),
        ("Emergency Y/N: N", ["Y/N"]),
        ("Objection: YES / NO   Reason:", ["YES / NO"]),
        ("Emergency recall   YES / NO   (delete)  NO", ["YES / NO", "(delete)"]),
        ("MAPPA yes/no/n/a (please delete as appropriate)", ["yes/no/n/a", "(please delete as appropriate)"]),
        ("Emergency ~~YES~~ NO", ["~~YES~~"]),
    ],
)
def test_printed_choices_and_struck_words_are_no_answers(text: str, options: list[str]) -> None:
    assert not_chosen(text) == options


@pytest.mark.parametrize(
    "text",
    [
        "YES ☐ NO ☐",
        "[ ] C - Lawful sharing permitted with conditions",
        "Emergency recall ☐",
        "see list[ ] in the code",
        "and/or, 24/7, A/N/B",
        "He was tick (x) boxed",
        "YES NO",
    ],
)
def test_what_is_not_clear_is_left_alone(text: str) -> None:
    assert unchosen(text) == []


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Firearms?   N", ["Firearms"]),
        ("Firearms?\t\tN\nOther weapons?\tn", ["Firearms", "Other weapons"]),
        ("Child at risk: No", ["Child at risk"]),
        ("Contraband suspected:  No\nVulnerability: None known", ["Contraband suspected", "Vulnerability"]),
        ("Access / dogs / weapons None known", ["Access / dogs / weapons"]),
        ("Suspicion of contraband No\nSentence expiry date", ["Suspicion of contraband"]),
        ("MAPPA      Not applicable", ["MAPPA"]),
        ("MAPPA: N/A     Index offence: Robbery", ["MAPPA"]),
        ("Vehicle . . . . . None", ["Vehicle"]),
        ("Warnings\nNone\n", ["Warnings"]),
        ("Threat to life?\nNo", ["Threat to life"]),
        ("Emergency recall: NO - see below", ["Emergency recall"]),
        ("Firearms: no, but he carries a knife", ["Firearms"]),
        ("Licence revoked today. Emergency recall: NO. Please arrest.", ["Emergency recall"]),
        ("Type          Standard. Emergency: N", ["Emergency"]),
        ("EMERGENCY RECALL YES [ ] NO [X]", ["EMERGENCY RECALL"]),
        ("EMERGENCY RECALL\tYES ☐ NO ☒", ["EMERGENCY RECALL"]),
        ("EMERGENCY RECALL\n\nYES ☐   NO ☒\n\nName", ["EMERGENCY RECALL"]),
        ("Emergency recall    YES / NO   (delete)   NO", ["Emergency recall"]),
        ("Emergency Y/N:     N", ["Emergency"]),
    ],
)
def test_a_question_answered_with_no_is_known_by_its_label(text: str, labels: list[str]) -> None:
    assert said_no(text) == labels


@pytest.mark.parametrize(
    "text",
    [
        "Last known address: No fixed abode",
        "Address: No. 14 High Street",
        "Address: No 14 High Street",
        "Prison No  A1234BC",
        "Prison No\nA1234BC",
        "PNC No: 2012/0052494Q",
        "Emergency recall: YES",
        "Emergency recall\tYES ☒ NO ☐",
        "No firearms were seen",
        "I asked him and he said No\nand left",
        "Forename: Noah",
        "Middle name: N Smith",
        "Firearms: none of the above, see the report",
        "Arrest issues: No-one may approach him alone",
        "Risk: not known",
    ],
)
def test_what_only_begins_like_a_no_is_none(text: str) -> None:
    assert negated(text) == []


def test_the_words_after_a_no_still_count() -> None:
    text = "Firearms: No, but carries a machete"
    assert [text[start:end] for start, end in negated(text)] == ["Firearms: No"]


def test_blanking_keeps_every_other_character_in_its_place() -> None:
    assert blank("YES ☐ NO ☒\nnext", [(0, 5)]) == "      NO ☒\nnext"
    assert blank("a\nb", [(0, 3)]) == " \n "
    assert blank("abc", []) == "abc"


@given(st.one_of(any_text, form_text))
def test_areas_lie_in_the_text_in_order_and_apart(text: str) -> None:
    areas = unchosen(text)
    assert all(0 <= start < end <= len(text) for start, end in areas)
    assert all(one[1] < other[0] for one, other in pairwise(areas))
    assert len(blank(text, areas)) == len(text)


@given(st.one_of(any_text, form_text))
def test_an_answer_stands_behind_its_label_in_the_text(text: str) -> None:
    for field in answers(text):
        assert 0 <= field.label_start < field.label_end <= field.value_start < field.value_end <= len(text)
        assert text[field.value_start].lower() == "n"
        assert text[field.label_start : field.label_end].strip()


@pytest.mark.parametrize(
    "odd", ["no ", "[ ]", "[X] a ", "[ ]\n", ": no ", " ", "~~a", "(delete ", "YES/NO ", "No\n", "a? ", "("]
)
def test_two_million_odd_characters_are_read_to_the_end(odd: str) -> None:
    text = odd * (2_000_000 // len(odd))
    assert all(end <= len(text) for _, end in [*unchosen(text)[-3:], *negated(text)[-3:]])
