"""The handover of a shift, as the officers read and sign it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from journal_cases import NOW, arrival, deliver, routing

from inbox_router.cli import commands
from inbox_router.core.audit import Action, Occurrence
from inbox_router.core.decision import Outcome
from inbox_router.core.delivery import DeliveryState
from inbox_router.edges.journal import Journal

ROOT = Path(__file__).resolve().parent.parent


def handover(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(commands, ["handover", "--config", str(config), *arguments])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An early shift with two messages routed, one of them to a mailbox that refused it, one held and one waiting."""
    example = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    for name in ("rules", "templates"):
        example = example.replace(f"{name}: {name} ", f"{name}: {ROOT / name} ", 1)
    path = tmp_path / "config.yaml"
    path.write_text(example, encoding="utf-8")
    (tmp_path / "var").mkdir()
    with Journal.open(tmp_path / "var" / "journal.sqlite3", instance="pennine") as journal:
        ids = journal.receive([arrival(uid) for uid in (1, 2, 3, 4)], NOW)
        journal.route([routing(ids[0], 1)], NOW)
        deliver(journal, DeliveryState.SENT, now=NOW + timedelta(seconds=7))
        journal.route([routing(ids[1], 2), routing(ids[2], 3, Outcome.HOLD)], NOW)
        deliver(journal, DeliveryState.BOUNCED, now=NOW + timedelta(seconds=9))
        alarm = Occurrence(action=Action.ALARM, outcome="", detail={"incident": "<script>alert(1)</script>"})
        journal.record([alarm], NOW + timedelta(minutes=5))
        journal.receive([arrival(5)], NOW + timedelta(hours=12))
    return path


def on(config: Path, *arguments: str) -> Result:
    return handover(config, "--shift", shift_of_now(), "--date", f"{NOW:%Y-%m-%d}", *arguments)


def shift_of_now() -> str:
    return "early" if 7 <= NOW.hour < 15 else "late"


def test_what_arrived_in_the_shift_adds_up_and_nothing_else_is_counted(config: Path) -> None:
    said = on(config).output
    numbers = [int(number) for number in re.findall(r"\d+", said.split("arrived =")[1].splitlines()[0])]
    assert "4 arrived = " in said
    assert sum(numbers) == 4


def test_what_was_refused_stands_with_the_words_of_the_server(config: Path) -> None:
    said = on(config).output
    assert "refused" in said
    assert "no such user" in said


def test_it_ends_with_the_head_of_the_log_which_verifies(config: Path) -> None:
    head = on(config).output.strip().splitlines()[-1].strip()
    verified = CliRunner().invoke(commands, ["audit", "verify", "--config", str(config), "--head", head])
    assert verified.exit_code == 0


def test_the_page_stands_by_itself_and_obeys_nothing(config: Path, tmp_path: Path) -> None:
    page = tmp_path / "handover.html"
    assert on(config, "--html", str(page)).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "4 arrived = " in text
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"(?:src|href)=|url\(|@import", text)


def test_a_signature_is_an_entry_of_the_log_under_the_name_of_who_signed(config: Path) -> None:
    signed = handover(config, "sign", "--as", "PC 4417", "--shift", "early", "--date", f"{NOW:%Y-%m-%d}")
    assert signed.exit_code == 0, signed.output
    shown = CliRunner().invoke(commands, ["audit", "show", "--config", str(config), "--json"]).output.splitlines()[-1]
    assert '"signed"' in shown
    assert "PC 4417" in shown
    assert f"handed over: early {NOW:%Y-%m-%d}" in shown


def test_a_shift_that_is_not_known_is_told_with_those_that_are(config: Path) -> None:
    refused = handover(config, "--shift", "twilight")
    assert refused.exit_code == 2
    assert "early, late, night" in refused.output
