"""The running service: how it starts, stops, reads rules again, and what it does when a server fails it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.dovecot import Dovecot
from servers.recording_smtp import RecordingSmtp
from whole_service import ROOT, WholeService, arrived

from inbox_router.core.audit import Action
from inbox_router.demo.samples import sample_mail
from inbox_router.edges.journal import Journal

MAIL = dict(sample_mail())
RECALL = MAIL["02-standard-recall.eml"]
QUERY = MAIL["10-operation-query.eml"]


@pytest.fixture
def service(dovecot: Dovecot, smtp_server: RecordingSmtp, tmp_path: Path) -> Iterator[WholeService]:
    whole = WholeService(dovecot, dovecot.new_account("service"), smtp_server, tmp_path)
    yield whole
    if whole.process is not None and whole.process.poll() is None:
        whole.kill()


def home_of(service: WholeService) -> Path:
    """Where Dovecot keeps the account's files: without its indexes it numbers every message anew."""
    return Path(service.dovecot.ca_file).parents[1] / "homes" / service.account.username


def actions(service: WholeService) -> list[Action]:
    with Journal.open(service.journal, read_only=True) as journal:
        return [event.action for event in journal.events()]


def test_it_finishes_what_is_in_hand_and_ends_with_zero_when_told_to_stop(service: WholeService) -> None:
    service.start()
    service.wait_for_log('"event": "connected"')
    began = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - began < 10
    assert actions(service)[0] is Action.STARTED
    assert actions(service)[-1] is Action.STOPPED


def test_a_second_process_is_told_who_owns_the_inbox(service: WholeService) -> None:
    service.start()
    service.wait_for_log('"event": "started"')
    command = [sys.executable, "-m", "inbox_router", "run", "--config", str(service.config)]
    second = subprocess.run(
        command, capture_output=True, text=True, timeout=30, env={"MAILBOX_PASSWORD": "x"}, check=False
    )
    assert second.returncode == 3
    assert service.process is not None
    assert f"process {service.process.pid} on " in second.stderr
    assert "Traceback" not in second.stderr


def test_an_owner_that_was_killed_leaves_no_lock_behind(service: WholeService) -> None:
    service.start()
    service.wait_for_log('"event": "started"', times=2)
    service.kill()
    service.start()
    service.wait_for_log('"event": "started"', times=4)
    assert service.stop() == 0


def test_a_recipient_that_is_refused_ends_as_held_and_somebody_is_told(service: WholeService) -> None:
    service.smtp.refuse_recipient("e.division@pennine.police.example", "550 5.1.1 no such mailbox")
    service.dovecot.append(service.account, RECALL)
    service.start()
    service.wait_until(lambda sums: sums.held == 1)
    told = [each for each in arrived(service.smtp.wait_for(2)) if each.kind != "forward"]
    assert {to for each in told for to in each.recipients} == {
        "review@pennine.police.example",
        "duty.manager@pennine.police.example",
    }
    assert service.stop() == 0
    assert set(service.where().values()) == {"Held"}
    reached = [each for each in arrived(service.smtp.received) if each.kind == "forward"]
    assert [each.recipients for each in reached] == [("offender.management@pennine.police.example",)]


def test_mail_waits_while_the_smtp_server_is_away(service: WholeService) -> None:
    service.smtp.stop()
    service.dovecot.append(service.account, MAIL["01-emergency-recall.eml"])
    service.start()
    service.wait_for_log('"event": "deferred"')
    service.smtp.start()
    service.wait_until(lambda sums: sums.routed == 1)
    assert len(service.smtp.received) == 1


def test_a_reply_that_was_lost_means_a_marked_second_copy(service: WholeService) -> None:
    service.smtp.drop("accepted", times=1)
    service.dovecot.append(service.account, MAIL["01-emergency-recall.eml"])
    service.start()
    service.wait_until(lambda sums: sums.routed == 1)
    first, second = arrived(service.smtp.received)
    assert (first.possible_duplicate, second.possible_duplicate) == (False, True)
    assert first.message_id == second.message_id
    assert first.original_sha256 == second.original_sha256


def test_it_goes_on_when_the_mailbox_comes_back(
    own_dovecot: Callable[..., Dovecot], smtp_server: RecordingSmtp, tmp_path: Path
) -> None:
    dovecot = own_dovecot()
    service = WholeService(dovecot, dovecot.new_account(), smtp_server, tmp_path)
    service.start()
    try:
        service.wait_for_log('"event": "connected"')
        dovecot.stop()
        service.wait_for_log('"event": "trying again"')
        dovecot.start()
        dovecot.append(service.account, QUERY)
        service.wait_until(lambda sums: sums.routed == 1)
        assert service.stop() == 0
    finally:
        if service.process is not None and service.process.poll() is None:
            service.kill()


def test_mail_of_a_renumbered_mailbox_is_not_sent_again(service: WholeService) -> None:
    secret = MAIL["17-secret-marking.eml"]
    service.dovecot.append(service.account, secret)
    service.start()
    service.wait_until(lambda sums: sums.held == 1)
    assert service.stop() == 0
    sent = len(service.smtp.received)
    for index in home_of(service).rglob("dovecot*"):
        index.unlink()
    service.start()
    service.wait_until(lambda sums: sums.arrived == 2 and sums.awaiting == 0)
    assert service.stop() == 0
    assert len(service.smtp.received) == sent


@pytest.fixture
def own_rules(service: WholeService) -> Path:
    rules = service.folder / "rules"
    shutil.copytree(ROOT / "rules", rules)
    service.rules = rules
    return rules


def test_a_broken_rule_is_refused_and_the_set_before_stays_in_force(service: WholeService, own_rules: Path) -> None:
    service.start()
    service.wait_for_log('"event": "started"')
    (own_rules / "recall" / "new.yaml").write_text("format: 1\nrule: new\nrule: again\n", encoding="utf-8")
    service.tell(signal.SIGHUP)
    service.wait_for_log('"event": "rules refused"')
    service.dovecot.append(service.account, QUERY)
    service.wait_until(lambda sums: sums.routed == 1)
    command = [sys.executable, "-m", "inbox_router", "status", "--config", str(service.config)]
    status = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert status.returncode == 0
    assert "rules refused" in status.stdout
    assert "new.yaml:" in status.stdout
    assert service.stop() == 0


def test_rules_that_are_right_come_into_force_without_a_restart(service: WholeService, own_rules: Path) -> None:
    service.start()
    service.wait_for_log('"event": "started"')
    operations = next((own_rules / "operations").glob("*.yaml"))
    operations.write_text(operations.read_text(encoding="utf-8") + "\n# reviewed\n", encoding="utf-8")
    service.tell(signal.SIGHUP)
    service.wait_for_log('"rules_version"')
    deadline = time.monotonic() + 20
    while actions(service).count(Action.RULES_LOADED) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert service.stop() == 0


def test_a_server_that_hangs_does_not_keep_it_from_stopping(service: WholeService) -> None:
    service.smtp.stall("accepted", times=1)
    service.dovecot.append(service.account, MAIL["01-emergency-recall.eml"])
    service.start()
    service.wait_for_log('"event": "alteration"')
    while not service.smtp.commands["accepted"]:
        time.sleep(0.05)
    began = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - began < 10
    service.smtp.heal()

    service.start()
    service.wait_until(lambda sums: sums.routed == 1)
    copies = arrived(service.smtp.received)
    assert {each.message_id for each in copies} == {copies[0].message_id}
    assert copies[-1].possible_duplicate
