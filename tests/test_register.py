"""The registers, as an officer reads, exports and completes them."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from journal_cases import C_DIVISION, NOW, OFFENDER, arrival, deliver, routing

from inbox_router.cli import commands
from inbox_router.core.decision import Outcome
from inbox_router.core.delivery import DeliveryState
from inbox_router.edges.journal import Journal

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Two notices of one recall that were routed and delivered, and a third message that is held."""
    path = tmp_path / "config.yaml"
    path.write_text((ROOT / "config.example.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "var").mkdir()
    with Journal.open(tmp_path / "var" / "journal.sqlite3", instance="pennine") as journal:
        ids = journal.receive([arrival(uid) for uid in (1, 2, 3)], NOW)
        journal.route([routing(ids[0], 1), routing(ids[1], 2), routing(ids[2], 3, Outcome.HOLD)], NOW)
        deliver(journal, DeliveryState.SENT)
    return path


def register(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(commands, ["register", arguments[0], "--config", str(config), *arguments[1:]])


def shown(config: Path, *arguments: str) -> list[dict[str, str]]:
    lines = register(config, "show", "recall", "--json", *arguments).output.splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def log(config: Path) -> list[dict[str, object]]:
    said = CliRunner().invoke(commands, ["audit", "show", "--config", str(config), "--json"]).output
    return [json.loads(line) for line in said.splitlines()]


def test_a_recall_of_two_messages_is_one_row_with_its_clock_and_who_was_told(config: Path) -> None:
    routed, held = shown(config)
    assert routed["messages"] == "2"
    assert routed["division told"] == "c-division, offender-management"
    assert routed["deadline"] == "2026-11-26 11:01 GMT"
    assert held["division told"] == "nobody yet: held for a person"


def test_what_a_person_enters_stands_in_the_register_and_in_the_audit_log(config: Path) -> None:
    reference = shown(config)[0]["reference"]
    entered = register(config, "update", "recall", reference, "--outcome", "arrested", "--close", "--as", "PC 4417")
    assert entered.exit_code == 0, entered.output
    assert [row["outcome"] for row in shown(config, "--all")] == ["arrested", ""]
    assert len(shown(config)) == 1
    (event,) = [each for each in log(config) if each["event"] == "entered"]
    assert (event["actor"], event["outcome"]) == ("PC 4417", "closed")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--outcome", "found at his mother's", "--close"), "is not an outcome of this register. It has: arrested"),
        (("--outcome", "arrested"), "--close"),
    ],
)
def test_what_cannot_be_entered_is_refused_with_what_can(config: Path, arguments: tuple[str, ...], told: str) -> None:
    refused = register(config, "update", "recall", "1", *arguments, "--as", "PC 4417")
    assert refused.exit_code == 2
    assert told in refused.output


def test_a_message_of_another_register_is_not_entered(config: Path) -> None:
    refused = register(config, "update", "crimestoppers", "1", "--outcome", "arrest", "--close", "--as", "PC 4417")
    assert refused.exit_code == 1
    assert "in no case of the crimestoppers register" in refused.output


def test_looking_is_a_consultation(config: Path) -> None:
    register(config, "show", "recall")
    assert log(config)[-1]["event"] == "consultation"
    assert log(config)[-1]["outcome"] == "recall register shown"


def test_the_register_is_exported_for_a_spreadsheet(config: Path, tmp_path: Path) -> None:
    table, book = tmp_path / "recalls.csv", tmp_path / "recalls.xlsx"
    assert register(config, "export", "recall", str(table)).exit_code == 0
    assert register(config, "export", "recall", str(book)).exit_code == 0
    header, *rows = csv.reader(table.read_text(encoding="utf-8-sig").splitlines())
    assert header[:4] == ["reference", "type", "received", "deadline"]
    assert len(rows) == 2
    with zipfile.ZipFile(book) as opened:
        words = opened.read("xl/sharedStrings.xml").decode()
    assert "offender-management" in words
    assert C_DIVISION not in words
    assert OFFENDER not in words


def test_another_kind_of_file_is_refused_by_its_name(config: Path, tmp_path: Path) -> None:
    refused = register(config, "export", "recall", str(tmp_path / "recalls.ods"))
    assert refused.exit_code == 2
    assert ".csv nor an .xlsx" in refused.output
