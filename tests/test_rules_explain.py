"""`rules explain`: which test of which file held, what nearly fired, and what would change that a message is held."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from rule_office import RuleOffice

RECALL = "recall/prison-recall.yaml"
QUERY = "operations/operation-query.yaml"
NOTICE = "Licence revoked: John DOE, A1234BC.\nLast known address: 12 High Street, Halifax HX1 1AA.\n"


@pytest.fixture
def office(tmp_path: Path) -> RuleOffice:
    return RuleOffice(tmp_path)


def explained(
    office: RuleOffice,
    body: str,
    *,
    sender: str = "duty@justice.gov.uk",
    subject: str = "a notice",
    verdict: str = "pass",
) -> dict[str, str]:
    """The parts of the explanation by their headings; what comes before the first under ""."""
    mail = EmailMessage()
    domain = sender.rpartition("@")[2]
    mail["Authentication-Results"] = f"mx.pennine.police.example; dmarc={verdict} header.from={domain}"
    mail["Received"] = f"from mail.{domain} by mx.pennine.police.example; Mon, 02 Nov 2026 09:00:00 +0000"
    mail["From"], mail["Subject"] = sender, subject
    mail.set_content(body)
    (office.folder / "message.eml").write_bytes(mail.as_bytes())
    result = office.run("explain", str(office.folder / "message.eml"))
    assert result.exit_code == 0, result.output
    parts: dict[str, str] = {}
    heading = ""
    for line in result.output.replace(f"{office.rules}/", "").splitlines():
        if line.startswith("  ") and line[2:3] != " " and line[2:].startswith(("the ", "what ")):
            heading = line.strip()
        else:
            parts[heading] = f"{parts.get(heading, '')}{line}\n"
    return parts


def test_every_test_that_held_has_its_file_and_line_and_that_of_the_list(office: RuleOffice) -> None:
    held = explained(office, NOTICE)["the tests that held"]
    assert "prison-recall  recall/prison-recall.yaml:2:1" in held
    assert (
        'says "licence revoked"  recall/prison-recall.yaml:10:5 (<recall words>, lists.yaml:8:18)\n'
        "      has prison number  recall/prison-recall.yaml:12:5"
    ) in held


def test_the_type_that_was_chosen_has_its_line(office: RuleOffice) -> None:
    held = explained(office, f"Emergency recall.\n{NOTICE}")["the tests that held"]
    assert "prison-recall / emergency  recall/prison-recall.yaml:28:5" in held
    assert 'says "emergency recall"  recall/prison-recall.yaml:29:15' in held


def test_a_near_miss_says_the_one_thing_that_was_missing_and_where_it_is_asked_for(office: RuleOffice) -> None:
    parts = explained(office, "The recall notice for your records.\n")
    assert "HELD     no category" in parts[""]
    missing = 'any of: has prison number; attachment says "revocation order"'
    assert parts["what nearly fired"] == f"    prison-recall lacks {missing}  recall/prison-recall.yaml:12:5\n"
    assert (
        f"prison-recall would fire, but lacks {missing} (recall/prison-recall.yaml:12:5)"
        in (parts["what would change it"])
    )


def test_a_veto_is_shown_with_its_words_and_its_line(office: RuleOffice) -> None:
    parts = explained(office, NOTICE, subject="Product recall")
    assert (
        'is vetoed, because it subject says "Product recall"  recall/prison-recall.yaml:15:5'
        in (parts["what nearly fired"])
    )


def test_a_rule_that_gave_way_is_named(office: RuleOffice) -> None:
    parts = explained(office, f"{NOTICE}Known to Operation Larchwood.\n")
    assert (
        "operation-query, gives way to prison-recall  operations/operation-query.yaml:2:1"
        in (parts["what fired and did not count"])
    )


def test_a_rule_on_trial_is_named_as_such(office: RuleOffice) -> None:
    office.change(QUERY, "status: live", "status: trial")
    parts = explained(office, "Who runs Operation Larchwood?\n")
    assert "operation-query, on trial" in parts["what fired and did not count"]


def test_nothing_near_points_to_writing_a_rule(office: RuleOffice) -> None:
    assert "docs/rules.md says how" in explained(office, "Good morning.\n")["what would change it"]


@pytest.mark.parametrize(
    ("sender", "verdict", "change"),
    [
        (
            "a@stranger.example",
            "pass",
            "if stranger.example may send this, add it to a list that prison-recall names: <prisons> (lists.yaml:4:3)",
        ),
        ("a@justice.gov.uk", "none", "the force's own mail gateway must vouch for justice.gov.uk"),
        ("a@justice-gov.uk", "pass", "nothing, unless justice-gov.uk is known to you"),
        (
            "a@council.gov.uk",
            "pass",
            'if <partners> may send this, add it under "from" of prison-recall (recall/prison',
        ),
    ],
)
def test_a_sender_who_may_not_say_this(office: RuleOffice, sender: str, verdict: str, change: str) -> None:
    office.change("lists.yaml", "  police: [police.uk]\n", "  police: [police.uk]\n  partners: [council.gov.uk]\n")
    parts = explained(office, NOTICE, sender=sender, verdict=verdict)
    assert "HELD     untrusted sender" in parts[""]
    assert change in parts["what would change it"]


def test_a_person_without_an_abode(office: RuleOffice) -> None:
    change = explained(office, "Licence revoked: A1234BC.\nLast known address: no fixed abode.\n")[
        "what would change it"
    ]
    assert "no fixed abode leads nowhere, as registers/places.csv says" in change


def test_a_message_without_an_address(office: RuleOffice) -> None:
    change = explained(office, "Licence revoked: A1234BC.\n")["what would change it"]
    assert "the labels are home place in entities.yaml:4:3" in change
    assert "registers/places.csv" in change


def test_two_places_of_which_neither_is_said_to_be_his(office: RuleOffice) -> None:
    parts = explained(office, "Licence revoked: A1234BC. HX1 1AA, or else HD1 1AA.\n")
    assert "HELD     ambiguous place" in parts[""]
    assert "a label that says which of HX1 1AA, HD1 1AA is the last known address" in parts["what would change it"]


def test_two_persons(office: RuleOffice) -> None:
    change = explained(office, f"{NOTICE}And A7777ZZ.\n")["what would change it"]
    assert "if one of A1234BC, A7777ZZ is no Prison number of a person" in change


def test_rules_that_disagree(office: RuleOffice) -> None:
    office.change(RECALL, "outranks: [operation-query]\n", "")
    parts = explained(office, f"{NOTICE}Known to Operation Larchwood.\n")
    assert "HELD     conflicting categories" in parts[""]
    assert (
        "prison-recall decides, if it says outranks: [operation-query] (recall/prison-recall.yaml:"
        in (parts["what would change it"])
    )


def test_a_rule_that_holds(office: RuleOffice) -> None:
    office.change(QUERY, "  category: operation_query\n  priority: routine\n  to every: <operation.mailbox>\n", "")
    office.change(QUERY, "  template: operation-query\n", "  hold: exercise\n")
    office.change(QUERY, "{to: [larchwood-team]}", "{hold: exercise}")
    change = explained(office, "Operation Larchwood.\n")["what would change it"]
    assert "operation-query holds it, because of the words above: operations/operation-query.yaml:7:5" in change


def test_what_is_routed_needs_no_change(office: RuleOffice) -> None:
    assert "what would change it" not in explained(office, NOTICE)


def test_programs_get_the_same(office: RuleOffice) -> None:
    explained(office, "The recall notice for your records.\n")
    told = json.loads(office.run("explain", "--json", str(office.folder / "message.eml")).output)
    assert told["near misses"][0]["rule"] == "prison-recall"
    assert told["near misses"][0]["where"].endswith("recall/prison-recall.yaml:12:5")
    assert told["what would change it"]
