"""What people type, and what they get: words, exit status, never a traceback."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from whole_service import ROOT

from inbox_router.cli import commands
from inbox_router.commands.terminal import Terminal, age, cut, length, visible
from inbox_router.core.audit import Action, Occurrence
from inbox_router.core.decision import Claim, Decision, Destination, Evidence, HoldReason, Outcome, Priority
from inbox_router.core.delivery import Submission
from inbox_router.core.message import Message, Sender
from inbox_router.edges.journal import Arrival, Journal, Routing

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(commands, list(arguments))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    example = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    for name in ("rules", "templates"):
        example = example.replace(f"{name}: {name} ", f"{name}: {ROOT / name} ", 1)
    path = tmp_path / "config.yaml"
    path.write_text(example, encoding="utf-8")
    return path


@pytest.fixture
def journal(config: Path) -> Path:
    """One message routed, one held as urgent and one held for its marking."""
    path = config.parent / "var" / "journal.sqlite3"
    path.parent.mkdir()
    with Journal.open(path, instance="test") as opened:
        ids = opened.receive([arrival(number) for number in (1, 2, 3)], NOW)
        decisions = [routed(), held(HoldReason.NO_PLACE), held(HoldReason.OVER_CLASSIFIED)]
        opened.route([routing(number, each) for number, each in zip(ids, decisions, strict=True)], NOW)
    return path


def arrival(uid: int) -> Arrival:
    octets = b"Subject: message %d\r\n\r\nwords\r\n" % uid
    return Arrival(
        account="a", folder="INBOX", uidvalidity=1, uid=uid, internaldate=NOW, size=len(octets), octets=octets
    )


def routed() -> Decision:
    to = Destination(mailbox="c-division", address="c.division@pennine.police.example", why="HX1")
    return Decision(
        outcome=Outcome.ROUTE,
        rule="prison-recall",
        rules_version="0" * 64,
        because="a person on licence has been recalled to prison",
        category="prison_recall",
        type="standard",
        priority=Priority.HIGH,
        destinations=(to,),
    )


def held(reason: HoldReason) -> Decision:
    return Decision(
        outcome=Outcome.HOLD,
        rule=reason.value,
        rules_version="0" * 64,
        because="no address of the person is given",
        hold_reason=reason,
        claims=(Claim(category="prison_recall", type="emergency", priority=Priority.URGENT, rule="prison-recall"),),
        evidence=(Evidence(fact='says "no fixed abode"', part="own words", text="No fixed abode"),),
    )


def routing(number: int, decision: Decision) -> Routing:
    sender = Sender(address="duty@justice.gov.uk")
    submission = Submission(
        message_id=f"{number}@pennine.police.example",
        octets=b"Subject: a notice\r\n\r\nwords\r\n",
        sender="force.intelligence@pennine.police.example",
        recipients=("review@pennine.police.example",),
        original_sha256="",
        kind="notice",
        reference=f"FIR-261130-000{number}",
    )
    message = Message(sha256="", size=0, message_id="", subject="", sender=sender)
    return Routing(message_id=number, decision=decision, message=message, submissions=(submission,), folder="Held")


def test_help_names_every_command_and_what_the_exit_status_means() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for name in ("run", "demo", "check", "status", "held", "audit", "rules"):
        assert f"\n  {name}" in result.output
    assert "Exit status:" in result.output


def test_a_configuration_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    result = run("check", "--config", str(tmp_path / "none.yaml"))
    assert result.exit_code == 2
    assert "none.yaml" in result.output
    assert "Traceback" not in result.output


def test_config_may_stand_before_or_after_the_command(config: Path, journal: Path) -> None:
    before = run("--config", str(config), "held", "list")
    after = run("held", "list", "--config", str(config))
    assert before.exit_code == after.exit_code == 0
    assert before.output == after.output


def test_without_a_journal_it_says_who_makes_one(config: Path) -> None:
    result = run("status", "--config", str(config))
    assert result.exit_code == 3
    assert "inbox-router run" in result.output


def test_status_of_a_service_that_does_not_run_adds_up_and_is_not_zero(config: Path, journal: Path) -> None:
    result = run("status", "--config", str(config))
    assert result.exit_code == 1
    assert "not running" in result.output
    assert "3 arrived = 0 routed + 0 held + 0 filed + 3 awaiting" in result.output


def test_what_is_held_is_listed_with_its_reference_and_reason(config: Path, journal: Path) -> None:
    result = run("held", "list", "--config", str(config))
    assert "FIR-261130-0002" in result.output
    assert "no place" in result.output
    assert "over classified" in result.output


def test_a_held_message_is_shown_with_what_it_would_have_been(config: Path, journal: Path) -> None:
    result = run("held", "show", "FIR-261130-0002", "--config", str(config))
    assert result.exit_code == 0
    assert "urgent prison_recall / emergency" in result.output
    assert "No fixed abode" in result.output


def test_words_of_a_message_above_the_tier_are_not_shown(config: Path, journal: Path) -> None:
    result = run("held", "show", "FIR-261130-0003", "--config", str(config))
    assert result.exit_code == 0
    assert "over_classified" in result.output
    assert "No fixed abode" not in result.output


def test_a_reference_that_nobody_knows_is_told(config: Path, journal: Path) -> None:
    result = run("held", "show", "FIR-000000-9999", "--config", str(config))
    assert result.exit_code == 1
    assert "FIR-000000-9999" in result.output


def test_the_audit_log_can_be_asked_for_one_message_and_one_category(config: Path, journal: Path) -> None:
    of_one = run("audit", "show", "--json", "--message", "2", "--config", str(config))
    assert {json.loads(line)["message"] for line in of_one.output.splitlines()} == {2}
    recalls = run("audit", "show", "--json", "--category", "prison_recall", "--config", str(config))
    assert {json.loads(line)["message"] for line in recalls.output.splitlines()} == {1}


def test_the_life_of_a_message_is_told_in_sentences_and_telling_it_is_recorded(config: Path, journal: Path) -> None:
    told = run("audit", "trace", "1", "--config", str(config))
    assert told.exit_code == 0, told.output
    assert "Received from INBOX" in told.output
    assert "Decided by the rule prison-recall of the rules 000000000000: to be routed as prison recall" in told.output
    assert "Looked at by" in run("audit", "trace", "1", "--config", str(config)).output


def test_the_log_can_be_asked_by_rule_and_outcome_and_be_had_as_a_table_that_computes_nothing(
    config: Path, journal: Path
) -> None:
    with Journal.open(journal) as opened:
        opened.record([Occurrence(action=Action.ALARM, outcome='=HYPERLINK("http://x.example")')], NOW)
    options = ("--action", "alteration", "--rule", "prison-recall", "--outcome", "route")
    rows = list(csv.reader(run("audit", "show", "--config", str(config), "--csv", *options).output.splitlines()))
    assert [row[2] for row in rows] == ["action", "alteration"]
    alarm = list(csv.reader(run("audit", "show", "--config", str(config), "--csv").output.splitlines()))[-1]
    assert alarm[9] == '\'=HYPERLINK("http://x.example")'


def test_since_takes_a_moment_or_a_time_ago(config: Path, journal: Path) -> None:
    everything = run("audit", "show", "--since", "2026-11-30", "--config", str(config))
    nothing = run("audit", "show", "--since", "2026-12-01", "--config", str(config))
    assert everything.output
    assert not nothing.output
    assert run("audit", "show", "--since", "yesterday", "--config", str(config)).exit_code == 2


def test_a_whole_log_is_verified_against_its_own_head(config: Path, journal: Path) -> None:
    result = run("audit", "verify", "--config", str(config))
    assert result.exit_code == 0
    head = next(line for line in result.output.splitlines() if line.startswith("head")).removeprefix("head").strip()
    assert run("audit", "verify", "--head", head, "--config", str(config)).exit_code == 0
    number, _, digest = head.partition(" ")
    longer = run("audit", "verify", "--head", f"{int(number) + 1} {digest}", "--config", str(config))
    assert longer.exit_code == 1
    assert "cut off" in longer.output


def test_the_shipped_configuration_passes_its_own_check() -> None:
    result = run("check", "--config", str(ROOT / "config.example.yaml"))
    assert result.exit_code == 0, result.output


def test_a_template_that_asks_for_too_much_is_refused(config: Path, tmp_path: Path) -> None:
    text = config.read_text(encoding="utf-8").replace(str(ROOT / "templates"), "templates")
    config.write_text(text, encoding="utf-8")
    import shutil

    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    (tmp_path / "templates" / "crimestoppers" / "subject.txt").write_text("{{ sender }}", encoding="utf-8")
    result = run("check", "--config", str(config))
    assert result.exit_code == 2
    assert "crimestoppers/subject.txt:1" in result.output


def test_colour_is_for_terminals_only(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().line(Terminal().ink("words", "red"))
    assert capsys.readouterr().out == "words\n"


def test_control_characters_are_shown_and_not_obeyed() -> None:
    assert visible("a\x1b[31mb\u202ec\x07") == "a\\u001b[31mb\\u202ec\\u0007"


def test_text_is_cut_to_the_columns_that_it_takes_up() -> None:
    assert cut("\x1b[31mabcdef\x1b[0m", 4) == "\x1b[31mabc…\x1b[0m"
    assert length("\x1b[31mab\x1b[0m") == 2


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "5 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (172_800, "2 days"), (-3, "0 s")]
)
def test_ages_are_told_in_the_largest_unit_that_fits(seconds: int, words: str) -> None:
    assert age(NOW, NOW - timedelta(seconds=seconds)) == words
