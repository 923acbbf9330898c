"""The handover of a shift, as the officers read and sign it."""

from __future__ import annotations

import email
import email.policy
import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from journal_cases import NOW, arrival, deliver, routing

from inbox_router.audit_mirror import LineOutput, service_log
from inbox_router.cli import commands
from inbox_router.core.audit import Action, Occurrence
from inbox_router.core.decision import Outcome
from inbox_router.core.delivery import DeliveryState
from inbox_router.core.shifts import just_ended
from inbox_router.edges.attachments import Extractor
from inbox_router.edges.journal import Journal
from inbox_router.files.config import load
from inbox_router.service.in_force import load_in_force
from inbox_router.service.office import Office
from inbox_router.service.shared import Shared

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


def test_a_recall_whose_clock_runs_stands_in_it_with_the_hours_that_are_left(config: Path, tmp_path: Path) -> None:
    sheets = tmp_path / "handover.csv"
    assert on(config, "--sheets", str(sheets)).exit_code == 0
    lines = sheets.read_text(encoding="utf-8-sig").splitlines()
    recall = next(line for line in lines if "26 Nov 11:01 GMT" in line)
    left = recall.split(",")[4]
    assert left.isdigit() or left.startswith("over by ")


def test_the_tables_go_into_a_workbook(config: Path, tmp_path: Path) -> None:
    book = tmp_path / "handover.xlsx"
    assert on(config, "--sheets", str(book)).exit_code == 0
    with zipfile.ZipFile(book) as opened:
        assert "&lt;script&gt;" in opened.read("xl/sharedStrings.xml").decode()


def test_reading_it_is_a_consultation(config: Path) -> None:
    on(config)
    shown = CliRunner().invoke(commands, ["audit", "show", "--config", str(config), "--action", "consultation"])
    assert f"handover of {shift_of_now()} {NOW:%Y-%m-%d}" in shown.output


async def test_a_shift_that_has_ended_is_handed_over_by_mail_once(config: Path) -> None:
    """However often the service looks, and over a restart: to the mailbox that is named, with the page attached."""
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("mode: observe", "mode: live"), encoding="utf-8")
    settings = load(config)
    after = just_ended(settings.shifts, settings.timezone, NOW + timedelta(hours=8)).end + timedelta(minutes=1)
    log = service_log(LineOutput(None, io.StringIO()))
    with Extractor() as extractor, Journal.open(settings.journal.path) as journal:
        in_force = load_in_force(settings, extractor, after)
        for _restart in range(2):
            shared = Shared(journal=journal, now=lambda: after, jitter=lambda: 0.5, log=log)
            office = Office(shared, settings, in_force, extractor)
            (chore,) = [each for each in office.chores() if each.name == "the handover"]
            await chore.run()
            await chore.run()
        (mail,) = [each for each in journal.due(after, 100) if each.submission.kind == "report"]
    read = email.message_from_bytes(mail.submission.octets, policy=email.policy.default)
    assert mail.recipients == ("duty.manager@pennine.police.example",)
    assert "Handover:" in read["Subject"]
    (page,) = read.iter_attachments()
    assert page.get_filename() == f"handover-{NOW:%Y-%m-%d}-{shift_of_now()}.html"
    assert b"4 arrived = " in page.get_content()
