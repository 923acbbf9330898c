"""`rules check`: everything that is wrong, and what a colleague would say of rules that are right."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rule_office import UNTRIED, RuleOffice
from whole_service import ROOT

from inbox_router.core.decision import Claim, Decision, HoldReason, Outcome, Priority
from inbox_router.core.message import Message, Sender
from inbox_router.edges.attachments import Extractor
from inbox_router.edges.journal import Arrival, Journal, Routing
from inbox_router.files.config import load
from inbox_router.workbench import check_rules

RECALL = "recall/prison-recall.yaml"
QUERY = "operations/operation-query.yaml"
NOW = datetime.now(UTC)


@pytest.fixture
def office(tmp_path: Path) -> RuleOffice:
    return RuleOffice(tmp_path)


def warnings(office: RuleOffice) -> list[str]:
    """The warnings, as `file:line code message`, the file without its folder."""
    result = office.run("check", "--format", "json")
    assert result.exit_code == 0, result.output
    return [
        f"{Path(one['file']).name}:{one['line']} {one['code']} {one['message']} - {one['hint']}"
        for one in json.loads(result.output)["warnings"]
    ]


def test_the_shipped_rules_leave_nothing_to_be_said() -> None:
    with Extractor() as extractor:
        checked = check_rules(load(ROOT / "config.example.yaml"), extractor, now=datetime(2026, 12, 1, tzinfo=UTC))
    assert [str(one) for one in checked.advice] == []


def test_a_good_set_has_neither_problems_nor_warnings(office: RuleOffice) -> None:
    result = office.run("check", "--strict")
    assert result.exit_code == 0
    assert "2 rules and" in result.output
    assert "no problem found." in result.output


def test_every_problem_of_rules_and_templates_is_told_at_once(office: RuleOffice) -> None:
    office.change(RECALL, "status: live", "status: lve")
    office.change(QUERY, "priority: routine", "priority: low")
    (office.folder / "templates" / "rotl" / "body.txt").write_text("{{ marking }}{{ sendr }}", encoding="utf-8")
    result = office.run("check")
    assert result.exit_code == 2
    assert 'prison-recall.yaml:5:9: "status" cannot be "lve" - did you mean "live"?' in result.output
    assert 'operation-query.yaml:11:13: "priority" cannot be "low"' in result.output
    assert "templates/rotl/body.txt:1:1: 'sendr' is undefined" in result.output


def test_editors_get_one_object_and_ci_a_line_for_each(office: RuleOffice) -> None:
    office.change(RECALL, "status: live", "status: lve")
    for_editors = office.run("check", "--format", "json")
    assert for_editors.exit_code == 2
    (problem,) = json.loads(for_editors.output)["problems"]
    assert (problem["line"], problem["column"], problem["severity"]) == (5, 9, "error")
    assert problem["hint"] == 'did you mean "live"?'
    for_ci = office.run("check", "--format", "ci")
    assert for_ci.exit_code == 2
    assert f'{office.rules}/{RECALL}:5:9: error: "status" cannot be "lve"' in for_ci.output
    assert for_ci.output.endswith("1 error, 0 warnings\n")


def test_a_configuration_that_is_wrong_is_told_in_the_same_form(office: RuleOffice) -> None:
    (office.folder / "config.yaml").write_text("format: 1\nmod: live\n", encoding="utf-8")
    result = office.run("check", "--format", "json")
    assert result.exit_code == 2
    assert any("mod" in one["message"] for one in json.loads(result.output)["problems"])


def test_strict_makes_warnings_count(office: RuleOffice) -> None:
    office.change(RECALL, "review by: 2099-04-01", "review by: 2020-04-01")
    assert office.run("check").exit_code == 0
    strict = office.run("check", "--strict")
    assert strict.exit_code == 1
    assert "1 warning." in strict.output


def test_a_review_that_is_due(office: RuleOffice) -> None:
    office.change(RECALL, "review by: 2099-04-01", "review by: 2020-04-01")
    (told,) = warnings(office)
    assert told.startswith(
        'prison-recall.yaml:6 review-passed "prison-recall" was to be reviewed by offender-desk by 1 A'
    )


def test_a_type_that_no_example_comes_to(office: RuleOffice) -> None:
    office.change(RECALL, "outranks:", f"{UNTRIED}outranks:")
    (told,) = warnings(office)
    assert 'never-fires no example comes to the type "doubtful"' in told


def test_a_rule_that_fires_on_none_of_its_examples(office: RuleOffice) -> None:
    office.change(QUERY, "any of:\n  - has: operation\n", "any of:\n  - says: [words that nobody writes]\n")
    told = warnings(office)
    assert any('never-fires "operation-query" fires on none of its own examples' in one for one in told)
    assert any("example-fails" in one and "it was to be routed, yet it was held: no category" in one for one in told)


def test_a_type_behind_one_that_fits_wherever_it_does(office: RuleOffice) -> None:
    office.change(
        RECALL,
        "outranks:",
        "  - type: at_once\n    any of: [{subject says: [emergency recall]}]\n    then: {priority: high}\noutranks:",
    )
    told = warnings(office)
    assert any('shadowed the type "at_once" is never reached: "emergency" above it' in one for one in told)


def test_a_rule_that_another_always_outranks(office: RuleOffice) -> None:
    text = office.read(QUERY).replace("rule: operation-query", "rule: operation-desk")
    office.write("operations/operation-desk.yaml", text + "outranks: [operation-query]\n")
    assert any('shadowed "operation-query" never decides' in one for one in warnings(office))


def test_rules_that_fire_on_each_others_examples_and_disagree(office: RuleOffice) -> None:
    text = office.read(QUERY).replace("rule: operation-query", "rule: operation-desk")
    text = text.replace("category: operation_query", "category: desk")
    office.write("operations/operation-desk.yaml", text)
    told = [one for one in warnings(office) if " disagreement " in one]
    assert len(told) == 1
    assert '"operation-desk" and "operation-query" fire on each other\'s examples' in told[0]
    assert "outranks: [operation-query]" in told[0]


def test_a_phrase_that_many_rules_write_out(office: RuleOffice) -> None:
    text = office.read(QUERY).replace("- has: operation", "- says: [officer in the case, surgery]")
    for name in ("one", "two", "three", "four"):
        office.write(f"operations/{name}.yaml", text.replace("rule: operation-query", f"rule: {name}"))
    told = [one for one in warnings(office) if " shared-phrase " in one]
    assert told[0].startswith(
        'four.yaml:7 shared-phrase "officer in the case" is written out in 4 rules: four, one, th'
    )


def test_a_negative_among_what_is_sought(office: RuleOffice) -> None:
    office.change(
        RECALL,
        "  - attachment says: [revocation order]\n",
        "  - attachment says: [revocation order]\n  - says: [recalled today, not recalled today, unless recalled]\n"
        "  - sender is: [unverified]\n",
    )
    told = [one for one in warnings(office) if " negative " in one]
    assert 'prison-recall.yaml:14 negative "not recalled today" counts for the rule here' in told[0]
    assert 'write under "ignore": [not recalled today]' in told[0]
    assert '"unless recalled" in "any of" is sought as it stands' in told[1]
    assert "true of every sender who is unverified" in told[2]


def test_a_list_that_nobody_uses(office: RuleOffice) -> None:
    office.change("lists.yaml", "  own address:", "  left over: [old words]\n  own address:")
    (told,) = warnings(office)
    assert told.startswith(
        'lists.yaml:9 unused-list no rule and no entity names the list of phrases "left over" - write <'
    )


def test_a_mailbox_of_a_register_that_the_configuration_does_not_know(office: RuleOffice) -> None:
    office.write("registers/old.csv", "place,mailbox\nYork,y-division\n")
    (told,) = warnings(office)
    assert told.startswith('old.csv:1 not-a-mailbox "y-division"')


def test_a_template_that_does_not_show_the_clock_of_a_rule(office: RuleOffice) -> None:
    for file in ("body.txt", "body.html"):
        (office.folder / "templates" / "prison-recall" / file).write_text(
            "{{ marking }} {{ reference }} {{ because }} {{ marking }}{% for f in facts %} {{ f.value }}{% endfor %}",
            encoding="utf-8",
        )
    (told,) = warnings(office)
    assert 'template-field the template "prison-recall" does not show acknowledge_by' in told


def decided(number: int, rule: str, *, claims: tuple[str, ...] = ()) -> Routing:
    decision = Decision(
        outcome=Outcome.HOLD if claims else Outcome.FILE,
        rule=rule,
        rules_version="0" * 64,
        because="it is so",
        hold_reason=HoldReason.CONFLICTING_CATEGORIES if claims else None,
        claims=tuple(Claim(category="c", type=None, priority=Priority.HIGH, rule=name) for name in claims),
    )
    message = Message(sha256="", size=0, message_id="", subject="", sender=Sender(address="a@police.uk"))
    return Routing(message_id=number, decision=decision, message=message, submissions=(), folder="Filed")


def journal_of(office: RuleOffice, rules: list[Routing], *, since: timedelta) -> None:
    """A journal whose first message is `since` old and was decided by nobody; the others are of yesterday."""
    path = office.folder / "var" / "journal.sqlite3"
    path.parent.mkdir()
    with Journal.open(path, instance="test") as journal:
        arrivals = [
            Arrival(account="a", folder="INBOX", uidvalidity=1, uid=uid, internaldate=NOW, size=2, octets=b"%d" % uid)
            for uid in range(1, len(rules) + 2)
        ]
        journal.receive(arrivals, NOW - since)
        journal.route([decided(1, "gone")], NOW - since)
        journal.route(rules, NOW - timedelta(days=1))


def written_long_ago(office: RuleOffice) -> None:
    for path in office.rules.rglob("*.yaml"):
        os.utime(path, ((NOW - timedelta(days=400)).timestamp(),) * 2)


def test_rules_are_held_against_what_they_did_with_mail(office: RuleOffice) -> None:
    held = [decided(number, "conflicting_categories", claims=("prison-recall", "other")) for number in range(2, 42)]
    journal_of(office, [*held, *(decided(number, "other") for number in range(42, 122))], since=timedelta(days=100))
    written_long_ago(office)
    told = warnings(office)
    assert '"prison-recall" fired on 40 of the 120 messages of the last 90 days, more than a fifth' in told[1]
    assert '"operation-query" fired on none of the 120 messages of the last 90 days' in told[0]


def test_a_rule_that_was_changed_since_is_not_said_to_be_unused(office: RuleOffice) -> None:
    journal_of(office, [decided(number, "other") for number in range(2, 122)], since=timedelta(days=100))
    assert warnings(office) == []


def test_a_journal_that_does_not_reach_back_says_nothing_of_unused_rules(office: RuleOffice) -> None:
    journal_of(office, [decided(number, "other") for number in range(2, 122)], since=timedelta(days=10))
    written_long_ago(office)
    assert warnings(office) == []
    assert "does not reach back 90 days" in office.run("check").output


def test_without_a_journal_it_is_said_that_nothing_is_known(office: RuleOffice) -> None:
    assert "There is no journal at" in office.run("check").output
