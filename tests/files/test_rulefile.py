"""A folder of rules -> the set that the program runs."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_set import MAILBOXES, RULES, TEMPLATES, copied_to

from inbox_router.core.decision import HoldReason, Priority
from inbox_router.core.rules import Ending, Rule, RuleSet, Status, TargetKind, Unlabelled, Word
from inbox_router.files.problems import Problems
from inbox_router.files.rulefile import load_rules

RECALL = "recall/prison-recall.yaml"


@pytest.fixture(scope="module")
def ruleset() -> RuleSet:
    return load_rules(RULES, MAILBOXES, TEMPLATES)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return copied_to(tmp_path)


def rule(ruleset: RuleSet, name: str) -> Rule:
    return next(rule for rule in ruleset.rules if rule.name == name)


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def told(folder: Path) -> str:
    with pytest.raises(Problems) as refused:
        load_rules(folder, MAILBOXES, TEMPLATES)
    return str(refused.value)


def test_a_rule_says_what_its_file_says(ruleset: RuleSet) -> None:
    recall = rule(ruleset, "prison-recall")
    assert recall.title == "a person on licence has been recalled to prison"
    assert recall.owner == "offender-desk"
    assert recall.status is Status.LIVE
    assert recall.review_by == date(2027, 4, 1)
    assert recall.senders == ("<prisons>", "<police>")
    assert recall.ignore == ("not been recalled",)
    assert recall.outranks == ("operation-query",)
    assert str(recall.where) == f"{RULES}/{RECALL}:2:1"


def test_lists_of_phrases_are_written_out(ruleset: RuleSet) -> None:
    recall = rule(ruleset, "prison-recall")
    assert recall.all_of[0].word is Word.SAYS
    assert recall.all_of[0].values == ("licence revoked", "recall notice*", "recalled to prison")
    assert recall.any_of[0].values == ("prison number",)
    assert [test.word for test in recall.none_of] == [Word.SUBJECT_SAYS]


def test_targets_are_tried_in_the_order_of_the_file(ruleset: RuleSet) -> None:
    then = rule(ruleset, "prison-recall").then
    assert [(target.kind, target.name, target.column) for target in then.to] == [
        (TargetKind.LOOKUP, "home place", "mailbox"),
        (TargetKind.EARLIER, "earlier", "mailbox"),
    ]
    assert not then.all_to
    assert rule(ruleset, "operation-query").then.all_to


def test_a_type_inherits_what_it_does_not_say(ruleset: RuleSet) -> None:
    recall = rule(ruleset, "prison-recall")
    emergency, doubtful = recall.types
    assert emergency.then.priority is Priority.URGENT
    assert emergency.then.acknowledge_within == timedelta(minutes=30)
    assert [target.name for target in emergency.then.copy] == ["offender-management", "fugitives"]
    assert emergency.then.to == recall.then.to
    assert emergency.then.template == "prison-recall"
    assert emergency.then.one_person_by == ("prison number",)
    assert doubtful.then.ending is Ending.HOLD
    assert doubtful.then.hold is HoldReason.NO_CATEGORY
    assert doubtful.then.category == "prison_recall"


def test_a_type_of_a_rule_that_holds_may_route(rules: Path) -> None:
    edit(
        rules / RECALL,
        lambda text: text.replace(
            "  category: prison_recall\n", "  category: prison_recall\n  hold: no place\n"
        ).replace("{priority: urgent,", "{outcome: route, priority: urgent,"),
    )
    recall = rule(load_rules(rules, MAILBOXES, TEMPLATES), "prison-recall")
    assert recall.then.ending is Ending.HOLD
    assert recall.types[0].then.ending is Ending.ROUTE
    assert recall.types[0].then.hold is None


def test_a_rule_that_files_needs_no_destination(rules: Path) -> None:
    (rules / "safeguards").mkdir()
    (rules / "safeguards" / "automatic.yaml").write_text(
        "format: 1\nrule: automatic\ntitle: a machine wrote it\nstatus: live\n"
        "any of: [{message is: [auto-reply, withdrawn by its sender]}, {sender is: ours}]\n"
        "then: {category: automatic, outcome: file}\n"
        "examples:\n"
        "  - {name: away, from: a@b.example, subject: Away, message is: auto-reply, expect: {outcome: file}}\n"
        "  - {name: near miss, from: a@b.example, subject: I am away, unverified: yes, expect: silent}\n",
        encoding="utf-8",
    )
    automatic = rule(load_rules(rules, MAILBOXES, TEMPLATES), "automatic")
    assert automatic.then.ending is Ending.FILE
    assert automatic.then.priority is None
    assert automatic.examples[0].traits == ("auto-reply",)
    assert automatic.examples[0].expect.file
    assert automatic.examples[1].unverified
    assert automatic.examples[1].expect.silent


def test_an_example_keeps_its_lines_and_says_what_must_come_of_it(ruleset: RuleSet) -> None:
    example = rule(ruleset, "prison-recall").examples[0]
    assert example.sender == "duty@justice.gov.uk"
    assert example.body.splitlines()[1] == "Last known address: 12 High Street, Halifax, HX1 1AA."
    assert example.expect.type == "emergency"
    assert example.expect.to == ("c-division", "offender-management", "fugitives")


def test_entities_and_registers_are_read_with_the_set(ruleset: RuleSet) -> None:
    home = ruleset.entities["home place"]
    assert home.after == ("last known address", "residing at")
    assert home.not_after == ("exclusion zone",)
    assert home.unlabelled is Unlabelled.POSTCODE
    assert home.register == "places"
    assert ruleset.registers["places"].columns == ("place", "mailbox", "division")
    assert ruleset.registers["places"].rows[-1] == {"place": "*", "mailbox": "operations-desk", "division": ""}
    assert ruleset.groups["prisons"] == ("justice.gov.uk", "hmps.gov.uk")


def test_the_version_depends_on_the_files_and_the_allow_list_alone(rules: Path, tmp_path: Path) -> None:
    version = load_rules(rules, MAILBOXES, TEMPLATES).version
    moved = Path(shutil.copytree(rules, tmp_path / "elsewhere"))
    (moved / "recall" / "prison-recall.yaml~").write_text("left by an editor", encoding="utf-8")
    assert load_rules(moved, MAILBOXES, TEMPLATES).version == version
    assert load_rules(moved, {**MAILBOXES, "review": "review@pennine.police.example"}, TEMPLATES).version != version
    edit(moved / RECALL, lambda text: text + "# a remark\n")
    assert load_rules(moved, MAILBOXES, TEMPLATES).version != version


def test_a_rule_on_trial_needs_no_examples(rules: Path) -> None:
    edit(rules / RECALL, lambda text: text[: text.index("examples:")].replace("status: live", "status: trial"))
    assert rule(load_rules(rules, MAILBOXES, TEMPLATES), "prison-recall").status is Status.TRIAL


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "there is no such folder" in told(tmp_path / "nowhere")


def test_a_lost_list_file_is_told_once_and_not_at_every_name_that_it_held(rules: Path) -> None:
    (rules / "lists.yaml").unlink()
    assert told(rules) == (
        f'{rules}/lists.yaml:1:1: this file is missing - put it back, or write a new one that begins "format: 1"'
    )


def test_a_file_that_cannot_be_decoded_does_not_hide_the_mistakes_of_the_others(rules: Path) -> None:
    (rules / RECALL).write_bytes(b"\xff\xfe")
    edit(rules / "operations" / "operation-query.yaml", lambda text: text.replace("routine", "slow"))
    assert [line.split(":")[0].rpartition("/")[2] for line in told(rules).splitlines()] == [
        "operation-query.yaml",
        "prison-recall.yaml",
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=st.sampled_from(
        [RECALL, "lists.yaml", "entities.yaml", "registers/places.csv", "operations/operation-query.yaml"]
    ),
    at=st.floats(0, 1),
    removed=st.integers(0, 30),
    put=st.sampled_from(["", "[", "]", "{a: b}", "x", "\n", "  ", ",", "<", "*", "- ", '"', ": ", "\ufeff", "é"]),
)
def test_a_set_spoilt_anywhere_is_loaded_or_refused_and_nothing_else(
    tmp_path: Path, file: str, at: float, removed: int, put: str
) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder, dirs_exist_ok=True)
    text = (folder / file).read_text(encoding="utf-8")
    place = int(at * len(text))
    (folder / file).write_text(text[:place] + put + text[place + removed :], encoding="utf-8")
    with contextlib.suppress(Problems):
        load_rules(folder, MAILBOXES, TEMPLATES)
