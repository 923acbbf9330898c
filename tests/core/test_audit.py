"""The audit log: nothing gets in that has no business there, and nothing can be done to it that does not show."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_router.core.audit import (
    DETAILS,
    Action,
    AuditError,
    Event,
    Head,
    Occurrence,
    digest_of,
    from_json_line,
    genesis,
    seal,
    to_json_line,
)
from inbox_router.core.verification import Tampering, Verification, verify

NOON = datetime(2026, 11, 22, 12, 0, 0, 250_000, tzinfo=UTC)
START = genesis("pennine")


def head_of(event: Event) -> Head:
    return Head(instance=event.instance, sequence=event.sequence, digest=event.digest)


def chain(count: int, *, after: Head = START, outcome: str = "accepted") -> list[Event]:
    events: list[Event] = []
    for number in range(count):
        occurrence = Occurrence(
            action=Action.DISCLOSURE,
            actor="inbox-router 0.1.0 (router@host)",
            message=number,
            sha256="ab" * 32,
            rule="prison-recall",
            rules_version="cd" * 32,
            recipients=("c.division@pennine.police.example",),
            outcome=outcome,
            detail={"code": 250, "reply": f"2.0.0 Ok: queued as {number}"},
        )
        events.append(seal(occurrence, at=NOON + timedelta(seconds=number), after=after))
        after = head_of(events[-1])
    return events


def resealed(event: Event, **changes: object) -> Event:
    """As somebody would write it who knows how entries are sealed."""
    changed = replace(event, **changes)  # type: ignore[arg-type]
    return replace(changed, digest=digest_of(changed))


class TestTheVocabulary:
    def test_has_the_six_operations_of_the_data_protection_act(self) -> None:
        operations = {"collection", "alteration", "consultation", "disclosure", "combination", "erasure"}
        assert operations <= {action.value for action in Action}

    def test_says_what_every_action_means(self) -> None:
        assert all(len(action.meaning.split()) > 2 for action in Action)

    def test_is_read_back_from_its_words(self) -> None:
        assert [Action(action.value) for action in Action] == list(Action)  # type: ignore[call-arg]


class TestWhatAnEntryHolds:
    def test_details_come_from_a_closed_set_of_names(self) -> None:
        with pytest.raises(AuditError, match="no detail named 'body'"):
            seal(Occurrence(action=Action.ALARM, detail={"body": "Dear colleague"}), at=NOON, after=START)

    @pytest.mark.parametrize("value", [1.5, True, None, 2**53, ["x"]])
    def test_details_are_text_or_whole_numbers(self, value: object) -> None:
        with pytest.raises(AuditError, match="detail 'code'"):
            seal(Occurrence(action=Action.ALARM, detail={"code": value}), at=NOON, after=START)  # type: ignore[dict-item]

    @given(st.text())
    def test_any_text_becomes_one_bounded_line_of_characters_that_can_be_seen(self, text: str) -> None:
        event = seal(
            Occurrence(action=Action.REFUSED, outcome=text, recipients=(text,), rule=text, detail={"reply": text * 9}),
            at=NOON,
            after=START,
        )
        for written in (event.outcome, event.rule, *event.recipients, str(event.detail["reply"])):
            assert len(written) <= 300
            assert not set(written) & set("\r\n\t\0\x1b\x7f\x85\u2028\u202e\u200b\ud800")

    def test_a_hostile_reply_stays_one_line_of_the_log(self) -> None:
        reply = '550 5.7.1 no\r\n{"action":"erasure"}\x1b[2J\u202egnp.exe'
        event = seal(Occurrence(action=Action.REFUSED, detail={"reply": reply}), at=NOON, after=START)
        line = to_json_line(event)
        assert "\n" not in line
        assert "\x1b" not in line
        assert json.loads(line)["action"] == "refused"

    def test_time_is_utc_wherever_it_was_taken(self) -> None:
        there = NOON.astimezone(timezone(timedelta(hours=5)))
        event = seal(Occurrence(action=Action.STARTED), at=there, after=START)
        assert json.loads(to_json_line(event))["at"] == "2026-11-22T12:00:00.250000Z"

    def test_time_without_a_zone_is_refused(self) -> None:
        with pytest.raises(AuditError, match="time zone"):
            seal(Occurrence(action=Action.STARTED), at=NOON.replace(tzinfo=None), after=START)

    def test_who_is_not_named_is_the_service(self) -> None:
        own = seal(Occurrence(action=Action.STARTED), at=NOON, after=START, by="inbox-router 0.1.0")
        person = seal(Occurrence(action=Action.CONSULTATION, actor="PC 4711"), at=NOON, after=START, by="inbox-router")
        assert (own.actor, person.actor) == ("inbox-router 0.1.0", "PC 4711")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
occurrences = st.builds(
    Occurrence,
    action=st.sampled_from(Action),
    actor=texts,
    message=st.none() | st.integers(0, 2**40),
    sha256=st.sampled_from(["", "ab" * 32]),
    rule=texts,
    rules_version=st.sampled_from(["", "cd" * 32]),
    recipients=st.lists(texts, max_size=3).map(tuple),
    outcome=texts,
    detail=st.dictionaries(st.sampled_from(sorted(DETAILS)), texts | st.integers(-(2**40), 2**40), max_size=5),
)


class TestTheCanonicalForm:
    @given(occurrences)
    def test_is_what_a_general_encoder_writes_by_rfc_8785(self, occurrence: Occurrence) -> None:
        line = to_json_line(seal(occurrence, at=NOON, after=START))
        fields = json.loads(line)
        assert line == json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    @given(occurrences)
    def test_lets_anybody_check_a_digest_with_a_json_library_and_sha_256(self, occurrence: Occurrence) -> None:
        fields = json.loads(to_json_line(seal(occurrence, at=NOON, after=START)))
        digest = fields.pop("digest")
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        assert hashlib.sha256(text.encode()).hexdigest() == digest

    @given(occurrences)
    def test_is_read_back_to_the_same_entry(self, occurrence: Occurrence) -> None:
        event = seal(occurrence, at=NOON, after=START)
        assert from_json_line(to_json_line(event)) == event
        assert from_json_line(to_json_line(event) + "\n") == event

    @pytest.mark.parametrize(
        "line",
        ["", "{", "[]", "null", "{}", '{"action":"erasure"}', "[" * 100_000, '{"a":' * 100_000],
        ids=["empty", "broken", "list", "null", "no fields", "too few fields", "deep lists", "deep objects"],
    )
    def test_anything_else_is_refused_with_a_reason(self, line: str) -> None:
        with pytest.raises(AuditError, match="not a"):
            from_json_line(line)

    @pytest.mark.parametrize(
        "change",
        [
            {"action": "party"},
            {"at": "yesterday"},
            {"at": "2026-11-22T12:00:00+01:00"},
            {"sequence": "1"},
            {"sequence": True},
            {"message": 1.0},
            {"recipients": "c.division"},
            {"recipients": [1]},
            {"detail": {"code": 1.5}},
            {"detail": []},
            {"extra": 1},
        ],
        ids=str,
    )
    def test_a_value_of_the_wrong_kind_is_refused(self, change: dict[str, object]) -> None:
        fields = json.loads(to_json_line(chain(1)[0])) | change
        with pytest.raises(AuditError, match="not an entry"):
            from_json_line(json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True))

    def test_a_line_that_says_a_thing_twice_is_refused(self) -> None:
        line = to_json_line(chain(1)[0])
        with pytest.raises(AuditError, match="canonical"):
            from_json_line('{"action":"erasure",' + line[1:])


def verdict_on(events: Sequence[Event], **how: object) -> tuple[Tampering, int, int]:
    """What was found, which entry is the first bad one, and which the last good one."""
    found = verify(events, **how)  # type: ignore[arg-type]
    assert found.fault is not None
    assert found.fault.text
    return found.fault.kind, found.fault.sequence, found.head.sequence if found.head else 0


class TestALogAsItWasWritten:
    def test_verifies_to_its_head(self) -> None:
        log = chain(5)
        assert verify(log) == Verification(entries=5, head=head_of(log[-1]), fault=None)

    def test_verifies_when_empty(self) -> None:
        assert verify([]) == Verification(entries=0, head=None, fault=None)

    def test_verifies_across_pieces_such_as_daily_files(self) -> None:
        log = chain(9)
        first = verify(log[:4])
        assert verify(log[4:], after=first.head).fault is None
        assert verify([*log[:4], *log[4:]]).fault is None

    def test_verifies_against_heads_that_were_noted_on_the_way(self) -> None:
        log = chain(9)
        assert verify(log, noted=[head_of(log[2]), head_of(log[8])]).fault is None

    def test_is_read_once_and_not_kept(self) -> None:
        log = chain(3)
        assert verify(event for event in log).entries == 3


def swapped(log: list[Event]) -> list[Event]:
    return [*log[:3], log[4], log[3], *log[5:]]


TAMPERINGS: dict[str, tuple[Callable[[list[Event]], list[Event]], tuple[Tampering, int, int]]] = {
    "an outcome was changed": (
        lambda log: [*log[:4], replace(log[4], outcome="refused"), *log[5:]],
        (Tampering.CHANGED, 5, 4),
    ),
    "the first entry was changed": (
        lambda log: [replace(log[0], actor="nobody"), *log[1:]],
        (Tampering.CHANGED, 1, 0),
    ),
    "the last entry was changed": (
        lambda log: [*log[:-1], replace(log[-1], recipients=())],
        (Tampering.CHANGED, 9, 8),
    ),
    "a time was changed": (
        lambda log: [*log[:4], replace(log[4], at=NOON), *log[5:]],
        (Tampering.CHANGED, 5, 4),
    ),
    "a digest was changed": (
        lambda log: [*log[:4], replace(log[4], digest="0" * 64), *log[5:]],
        (Tampering.CHANGED, 5, 4),
    ),
    "a link to the entry before was changed": (
        lambda log: [*log[:4], replace(log[4], previous="0" * 64), *log[5:]],
        (Tampering.CHANGED, 5, 4),
    ),
    "a number was changed": (
        lambda log: [*log[:4], replace(log[4], sequence=77), *log[5:]],
        (Tampering.CHANGED, 5, 4),
    ),
    "an entry was changed and sealed anew": (
        lambda log: [*log[:4], resealed(log[4], outcome="refused"), *log[5:]],
        (Tampering.CHANGED, 5, 4),
    ),
    "the first entry was changed and sealed anew": (
        lambda log: [resealed(log[0], outcome="refused"), *log[1:]],
        (Tampering.CHANGED, 1, 0),
    ),
    "an entry was removed": (lambda log: [*log[:4], *log[5:]], (Tampering.REMOVED, 5, 4)),
    "the first entries were removed": (lambda log: log[2:], (Tampering.REMOVED, 1, 0)),
    "several entries were removed": (lambda log: [*log[:3], *log[7:]], (Tampering.REMOVED, 4, 3)),
    "an entry was removed and the rest renumbered": (
        lambda log: [*log[:4], *(replace(event, sequence=event.sequence - 1) for event in log[5:])],
        (Tampering.REMOVED, 5, 4),
    ),
    "two entries were swapped": (swapped, (Tampering.REORDERED, 4, 3)),
    "two entries were swapped and renumbered": (
        lambda log: [replace(event, sequence=place) for place, event in enumerate(swapped(log), 1)],
        (Tampering.REORDERED, 4, 3),
    ),
    "the last entry was put first": (lambda log: [log[-1], *log[:-1]], (Tampering.REORDERED, 1, 0)),
    "an entry stands twice": (lambda log: [*log[:5], log[4], *log[5:]], (Tampering.INSERTED, 6, 5)),
    "an older entry stands again at the end": (lambda log: [*log, log[2]], (Tampering.INSERTED, 10, 9)),
    "an unsealed entry was put in": (
        lambda log: [*log[:4], replace(log[4], outcome="made up"), *log[4:]],
        (Tampering.INSERTED, 5, 4),
    ),
    "a sealed entry was put in": (
        lambda log: [*log[:4], resealed(log[4], outcome="made up"), *log[4:]],
        (Tampering.INSERTED, 5, 4),
    ),
    "a sealed entry was put in and the rest renumbered": (
        lambda log: [
            *log[:4],
            resealed(log[4], outcome="made up"),
            *(replace(event, sequence=event.sequence + 1) for event in log[4:]),
        ],
        (Tampering.INSERTED, 5, 4),
    ),
    "an entry of another instance was put in": (
        lambda log: [*log[:4], *chain(5, after=genesis("elsewhere"))[4:], *log[4:]],
        (Tampering.INSERTED, 5, 4),
    ),
}


class TestATamperedLog:
    @pytest.mark.parametrize("name", TAMPERINGS)
    def test_shows_what_was_done_and_where(self, name: str) -> None:
        tamper, expected = TAMPERINGS[name]
        assert verdict_on(tamper(chain(9))) == expected

    @pytest.mark.parametrize("name", TAMPERINGS)
    def test_shows_whichever_way_it_was_done_when_the_end_was_noted(self, name: str) -> None:
        log = chain(9)
        assert verify(TAMPERINGS[name][0](log), noted=[head_of(log[-1])]).fault is not None

    @pytest.mark.parametrize("kept", [0, 1, 6, 8])
    def test_shows_that_its_tail_was_cut_off_against_a_noted_head(self, kept: int) -> None:
        log = chain(9)
        assert verify(log[:kept]).fault is None
        assert verdict_on(log[:kept], noted=[head_of(log[-1])]) == (Tampering.CUT_OFF, kept + 1, kept)

    def test_shows_that_it_was_written_anew_against_a_noted_head(self) -> None:
        log = chain(9)
        forged = chain(9, outcome="never happened")
        assert verify(forged).fault is None
        assert verdict_on(forged, noted=[head_of(log[5])]) == (Tampering.REWRITTEN, 6, 5)

    def test_shows_that_an_entry_after_a_noted_one_does_not_follow_it(self) -> None:
        log = chain(9)
        forged = [*log[:5], *chain(4, after=replace(head_of(log[4]), digest="0" * 64))]
        assert verdict_on(forged, noted=[head_of(log[4])]) == (Tampering.CHANGED, 6, 5)

    def test_shows_an_entry_that_cannot_be_read(self) -> None:
        lines = [to_json_line(event) for event in chain(9)]
        lines[4] = lines[4][:-1]
        assert verdict_on([*map(from_json_line, lines[:4])], noted=[head_of(chain(9)[8])])[0] == Tampering.CUT_OFF
        found = verify(map(from_json_line, lines))
        assert found.fault is not None
        assert (found.fault.kind, found.fault.sequence, found.entries) == (Tampering.UNREADABLE, 5, 4)

    def test_shows_an_unreadable_first_line(self) -> None:
        assert verify(map(from_json_line, ["hello"])).fault is not None

    @given(st.data())
    def test_never_verifies_after_any_change_of_any_one_field(self, data: st.DataObject) -> None:
        log = chain(4)
        place = data.draw(st.integers(0, 3))
        fields = json.loads(to_json_line(log[place]))
        name = data.draw(st.sampled_from(sorted(fields.keys() - {"at", "action", "recipients", "detail", "message"})))
        value = fields[name] + 1 if isinstance(fields[name], int) else fields[name] + "x"
        log[place] = replace(log[place], **{name: value})
        assert verify(log).fault is not None

    @given(st.permutations(range(6)))
    def test_never_verifies_in_any_other_order(self, order: list[int]) -> None:
        log = chain(6)
        assert (verify([log[place] for place in order]).fault is None) == (order == sorted(order))

    @given(st.sets(st.integers(0, 5), min_size=1))
    def test_never_verifies_with_any_entries_missing_once_its_head_was_noted(self, missing: set[int]) -> None:
        log = chain(6)
        kept = [event for place, event in enumerate(log) if place not in missing]
        assert verify(kept, noted=[head_of(log[-1])]).fault is not None
