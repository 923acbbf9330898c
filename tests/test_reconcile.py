"""Reconciliation: the mailbox and the journal add up, and what does not is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from servers.dovecot import PASSWORD, Dovecot
from servers.recording_smtp import RecordingSmtp
from whole_service import WholeService

from inbox_router.cli import commands
from inbox_router.demo.samples import sample_mail
from inbox_router.edges.imap import Mailbox

MAIL = [octets for _, octets in sample_mail()][:6]


@pytest.fixture
def service(dovecot: Dovecot, smtp_server: RecordingSmtp, tmp_path: Path) -> Iterator[WholeService]:
    """A service that has dealt with six messages."""
    whole = WholeService(dovecot, dovecot.new_account("reconcile"), smtp_server, tmp_path)
    dovecot.append(whole.account, *MAIL)
    whole.start()
    whole.wait_until(lambda sums: sums.arrived == len(MAIL) and not sums.awaiting)
    yield whole
    if whole.process is not None and whole.process.poll() is None:
        whole.kill()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOX_PASSWORD", PASSWORD)
    monkeypatch.setattr("inbox_router.service.reconciling.BETWEEN", 0.5)


def reconcile(service: WholeService, *arguments: str) -> Result:
    return CliRunner().invoke(commands, ["reconcile", "--config", str(service.config), *arguments])


def test_beside_the_running_service_everything_adds_up(service: WholeService) -> None:
    result = reconcile(service)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("6 arrived = ")
    assert "0 awaiting; 0 unaccounted; 0 moved by a person" in result.output


def test_a_message_that_the_service_never_took_up_is_unaccounted(service: WholeService) -> None:
    service.kill()
    service.dovecot.append(service.account, b"Subject: late\r\n\r\nwords\r\n")
    result = reconcile(service)
    assert result.exit_code == 1
    assert "7 arrived = " in result.output
    assert "1 unaccounted" in result.output
    assert "unaccounted  INBOX, UID 7" in result.output


def test_what_a_person_moved_or_deleted_is_told_and_is_not_lost(service: WholeService) -> None:
    folder = next(one for one in ("Routed", "Held") if len(service.dovecot.list(service.account, one)) > 1)
    other = "Held" if folder == "Routed" else "Routed"
    with service.dovecot.session(service.account, folder) as client:
        first, second, *_ = client.search("ALL")
        client.move([first], other)
        client.delete_messages([second])
        client.expunge([second])
    found = json.loads(reconcile(service, "--json").output)
    assert not found["unaccounted"]
    assert sorted(one["found"] for one in found["moved"]) == sorted(["", other])


def test_a_message_straight_into_a_folder_did_not_go_through_the_service_unless_it_is_older(
    service: WholeService,
) -> None:
    before = datetime.now(UTC) - timedelta(days=30)
    service.dovecot.append(service.account, b"Subject: old\r\n\r\nwords\r\n", folder="Held", when=before)
    assert reconcile(service).exit_code == 0
    service.dovecot.append(service.account, b"Subject: new\r\n\r\nwords\r\n", folder="Held")
    assert "unaccounted  Held" in reconcile(service).output


def test_the_service_reconciles_by_itself_and_says_so_in_its_status(service: WholeService) -> None:
    service.wait_for_log('"event": "reconciled"')
    status = CliRunner().invoke(commands, ["status", "--config", str(service.config)])
    assert "unaccounted" in status.output


def test_nothing_in_the_mailbox_is_changed(service: WholeService, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(mailbox: Mailbox) -> None:
        assert mailbox._read_only
        connect(mailbox)

    connect = Mailbox.connect
    monkeypatch.setattr(Mailbox, "connect", read_only)
    before = service.where()
    assert reconcile(service).exit_code == 0
    assert service.where() == before


def test_a_mailbox_that_cannot_be_read_proves_nothing(service: WholeService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILBOX_PASSWORD", "")
    assert reconcile(service).exit_code == 3


def test_a_backup_made_while_the_service_runs_is_a_whole_journal_to_go_on_from(
    service: WholeService, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite3"
    made = CliRunner().invoke(commands, ["journal", "backup", "--config", str(service.config), str(copy)])
    assert made.exit_code == 0, made.output
    assert "6 messages" in made.output
    again = CliRunner().invoke(commands, ["journal", "backup", "--config", str(service.config), str(copy)])
    assert again.exit_code == 3
    assert "overwrites nothing" in again.output
    service.stop()
    for name in ("", "-wal", "-shm"):
        service.journal.with_name(service.journal.name + name).unlink(missing_ok=True)
    copy.rename(service.journal)
    delivered = len(service.smtp.received)
    reconciliations = service.log().count('"event": "reconciled"')
    service.start()
    service.wait_for_log('"event": "reconciled"', times=reconciliations + 1)
    assert len(service.smtp.received) == delivered
    assert reconcile(service).exit_code == 0
