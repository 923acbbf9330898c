"""What is recognised in a message, and whose it is: cut out of the text as it stands, however that is laid out."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_router.core.canonical import fold
from inbox_router.core.decision import Decision, Outcome
from inbox_router.core.entities import Found
from inbox_router.core.labels import Standing
from inbox_router.core.message import Message
from inbox_router.core.observe import MOST_SEEN, observe
from tests.core.deciding import decided, mailboxes, message, shipped_rules

RECALL = "Recall notification for A1234BC. Licence revoked. Emergency recall: NO"
HOME = "Last known address: 4 Mill Lane, Halifax HX1 1AA"
OF_OTHERS = (
    "Releasing prison: HMP Leeds, 2 Gloucester Terrace, Leeds LS12 2TJ",
    "Victim: lives at 9 Hill View, Pudsey LS28 7AA",
    "Victim's address: 9 Hill View, Pudsey LS28 7AA",
    "Exclusion zone: Otley town centre, LS21",
    "Probation office: 2 Bridge Street, Bradford BD1 4AA",
    "Previous address: 9 Hill View, Dewsbury WF13 1AA",
    "Sentencing court: Wakefield",
)
OF_THE_CASE = (
    "Prison number: A1234BC",
    "Date of birth: 01/02/1980",
    "MAPPA: Level 2",
    "Firearms: No",
    "Recall type: standard",
    "Supervising officer: Jo Ash",
)


def places(decision: Decision) -> set[str]:
    assert decision.outcome is Outcome.ROUTE, decision.because
    return mailboxes(decision) - {"offender-management"}


def found_in(read: Message) -> list[Found]:
    found = observe(read, shipped_rules(), tier="OFFICIAL").found
    return [thing for things in found.values() for thing in things]


def bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold(text)).upper()


PIECES = (
    *OF_OTHERS,
    *OF_THE_CASE,
    HOME,
    "HX1 1AA (victim)",
    "PNC ID 2012/52494Q, CRO 85227/65L",
    "Operation Larchwood",
    "hx11aa",
    "LS6\n2AB",
    "Prison number\tA1234BC",
    "Crimestoppers report 5510284",
    "he is living at",
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=12).flatmap(
    lambda pieces: st.sampled_from(["\n", " ", ", ", ". ", "\t", "\n\n"]).map(lambda gap: gap.join(pieces))
)


@settings(deadline=None)
@given(own=TEXTS, quoted=TEXTS, subject=TEXTS)
def test_what_is_found_is_what_stands_at_its_place(own: str, quoted: str, subject: str) -> None:
    read = message(own, quoted=(quoted,), subject=" ".join(subject.split()))
    for thing in found_in(read):
        text = read.passages[thing.span.passage].text
        assert 0 <= thing.span.start < thing.span.end <= len(text)
        said = bare(text[thing.span.start : thing.span.end])
        if not (thing.repaired or thing.is_name):
            assert said.endswith(bare(thing.value)) or thing.entity in {"pnc id", "cro number"}
        if thing.label is not None:
            assert thing.label.passage == thing.span.passage
            assert thing.standing is not Standing.ELSEWHERE
        assert thing.depth == read.passages[thing.span.passage].depth


@given(own=TEXTS, quoted=TEXTS)
def test_newer_words_come_before_older_ones(own: str, quoted: str) -> None:
    found = observe(message(own, quoted=(quoted,)), shipped_rules(), tier="OFFICIAL").found
    for things in found.values():
        assert [thing.depth for thing in things] == sorted(thing.depth for thing in things)


@given(
    others=st.lists(st.sampled_from(OF_OTHERS), unique=True), before=st.booleans(), gap=st.sampled_from(["\n", "\n\n"])
)
def test_the_address_of_somebody_else_in_a_field_of_its_own_never_changes_the_division(
    others: list[str], before: bool, gap: str
) -> None:
    fields = [*others, HOME] if before else [HOME, *others]
    assert places(decided(gap.join([RECALL, *fields]))) == {"c-division"}


@given(st.permutations([HOME, *OF_THE_CASE]))
def test_the_order_of_the_fields_does_not_matter(fields: list[str]) -> None:
    decision = decided("\n".join([RECALL, *fields]))
    assert places(decision) == {"c-division"}
    assert ("prison number", "A1234BC") in decision.identifiers


@st.composite
def ways_of_writing(draw: st.DrawFn) -> str:
    """The same address in another case, with other spaces between its words, over other lines."""
    address = "4 Mill Lane, Halifax, HX1 1AA"
    first, *others = draw(st.sampled_from([address, address.upper(), address.lower()])).split()
    written = first
    for word in others:
        gap = draw(st.sampled_from([" ", " ", "\u00a0", "  ", "\n", "\n    ", " \u200b"]))
        written += gap + word
    return written


@settings(max_examples=200, deadline=None)
@given(
    ways_of_writing(),
    st.sampled_from(["Last known address: ", "Last known address:\n", "LKA - ", "LAST KNOWN ADDRESS\t"]),
)
def test_neither_case_nor_spaces_nor_line_ends_change_the_division(address: str, label: str) -> None:
    assert places(decided(f"{RECALL}\n{label}{address}\nDate of birth: 01/02/1980")) == {"c-division"}


def test_more_things_than_are_weighed_are_left_to_a_person() -> None:
    crowd = "\n".join(f"A{number:04d}BC" for number in range(MOST_SEEN + 1))
    decision = decided(f"{RECALL}\n{HOME}\n{crowd}")
    assert decision.hold_reason == "unreadable"
    assert "than are weighed" in decision.because
