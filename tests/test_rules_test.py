"""`rules test`: examples judged by the whole set, failures told in a few lines, and what no example tries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rule_office import UNTRIED, RuleOffice

RECALL = "recall/prison-recall.yaml"
QUERY = "operations/operation-query.yaml"


@pytest.fixture
def office(tmp_path: Path) -> RuleOffice:
    return RuleOffice(tmp_path)


def test_examples_that_hold_are_counted_and_timed(office: RuleOffice) -> None:
    result = office.run("test")
    assert result.exit_code == 0
    assert "4 examples: 4 hold, 0 fail.\nRead in " in result.output


def test_a_failing_example_shows_what_was_expected_what_came_and_why(office: RuleOffice) -> None:
    office.change(RECALL, "says: [emergency recall]", "says: [emergency return]")
    result = office.run("test")
    assert result.exit_code == 1
    told = result.output.splitlines()
    assert told[0].endswith(
        'prison-recall.yaml:35:5: the example "home address decides, not the prison\'s town" of prison-recall fails'
    )
    assert told[1] == "    expected  type emergency, urgent, to c-division, fugitives, offender-management"
    assert told[2] == "    got       routed by prison-recall: high, to c-division, offender-management"
    assert told[3] == '    why       own words: "Licence revoked" (says "licence revoked")'


def test_a_rule_that_does_not_fire_says_what_it_lacks(office: RuleOffice) -> None:
    office.change(RECALL, "  - has: prison number\n", "  - quoted says: [prison number]\n")
    result = office.run("test", "--rule", "prison-recall")
    assert result.exit_code == 1
    assert "    got       held: no category, because no rule fits it\n" in result.output
    assert '    why       prison-recall lacks any of: quoted says "prison number"; attachment says' in result.output


def test_another_rule_that_fires_too_is_named_with_its_place(office: RuleOffice) -> None:
    text = office.read(QUERY).replace("rule: operation-query", "rule: operation-desk")
    office.write("operations/operation-desk.yaml", text.replace("category: operation_query", "category: desk"))
    result = office.run("test", "--rule", "operation-query")
    assert "operation-desk fired too (" in result.output
    assert "operation-desk.yaml:2:1)" in result.output


def test_only_one_rule_may_be_asked_for(office: RuleOffice) -> None:
    assert "2 examples: 2 hold" in office.run("test", "--rule", "prison-recall").output
    wrong = office.run("test", "--rule", "prison-recal")
    assert wrong.exit_code == 2
    assert 'There is no rule "prison-recal": did you mean "prison-recall"?' in wrong.output


def test_coverage_names_what_no_example_exercises(office: RuleOffice) -> None:
    office.change(RECALL, "outranks:", f"{UNTRIED}outranks:")
    result = office.run("test", "--coverage")
    assert "rules    2 of 2 fire" in result.output
    assert "types    1 of 2 are come to" in result.output
    assert "prison-recall / doubtful" in result.output
    assert "lists.yaml:8:3: 2 of 3 of <recall words>: recall notice*, recalled to prison" in result.output
    assert "prison-recall.yaml:2:1: 3 of 5 of prison-recall: " in result.output


def test_coverage_of_one_rule_is_about_that_rule(office: RuleOffice) -> None:
    result = office.run("test", "--coverage", "--rule", "operation-query")
    assert "rules    1 of 1 fire" in result.output
    assert "recall words" not in result.output


def test_programs_get_everything_in_one_object(office: RuleOffice) -> None:
    office.change(RECALL, "says: [emergency recall]", "says: [emergency return]")
    result = office.run("test", "--json", "--coverage")
    assert result.exit_code == 1
    told = json.loads(result.output)
    assert told["failed"] == 1
    assert [one["holds"] for one in told["examples"]].count(True) == 3
    assert told["coverage"]["types not exercised"][0]["type"] == "emergency"
    assert told["coverage"]["phrases not exercised"]["<recall words>"] == ["recall notice*", "recalled to prison"]
    assert all(one["milliseconds"] > 0 for one in told["examples"])
