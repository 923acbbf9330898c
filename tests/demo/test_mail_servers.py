from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from inbox_router.demo.mail_servers import DemoMail
from inbox_router.edges.imap import ImapAccount, Mailbox, MoveOutcome, Refused

INBOX = "force.intelligence@pennine.police.example"
DIVISION = "c.division@pennine.police.example"
MAIL = b"Subject: one\r\n\r\nOne, two.\r\n.\r\n\xff bare octets\r\n"


@pytest.fixture
def demo() -> Iterator[DemoMail]:
    with DemoMail([INBOX, DIVISION]) as servers:
        yield servers


def mailbox_of(demo: DemoMail, address: str = INBOX, password: str | None = None) -> Mailbox:
    return Mailbox(
        ImapAccount(
            host=demo.host,
            port=demo.imap_port,
            security="plain",
            username=address,
            password=password or demo.password,
        )
    )


def test_the_service_finds_fetches_and_moves_what_is_put_in(demo: DemoMail) -> None:
    when = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    demo.append(INBOX, MAIL, when)
    demo.append(INBOX, b"Subject: two\r\n\r\n")
    with mailbox_of(demo) as mailbox:
        mailbox.connect()
        first, second = mailbox.fetch(mailbox.search())
        assert (first.octets, first.internaldate, second.octets) == (MAIL, when, b"Subject: two\r\n\r\n")
        mailbox.ensure_folders(["Routed/C Division"])
        mailbox.ensure_folders(["Routed/C Division"])
        moved = mailbox.move([first.uid], "Routed/C Division")
        assert moved[first.uid].outcome is MoveOutcome.MOVED
        assert moved[first.uid].new_uid
        assert mailbox.search() == [second.uid]
    assert demo.messages(INBOX, "Routed/C Division") == [MAIL]
    assert demo.messages(INBOX, "Nowhere") == []
    counts = demo.counts(INBOX)
    assert (counts["INBOX"], counts["Routed/C Division"]) == (1, 1)


def test_mail_that_arrives_ends_the_wait_of_the_service(demo: DemoMail) -> None:
    with mailbox_of(demo) as mailbox:
        mailbox.connect()
        mailbox.search()
        timer = threading.Timer(0.2, lambda: demo.append(INBOX, MAIL))
        timer.start()
        assert mailbox.wait(20)
        timer.join()
        assert len(mailbox.search()) == 1


def test_what_is_submitted_is_recorded_and_can_be_looked_at(demo: DemoMail) -> None:
    with smtplib.SMTP(demo.host, demo.smtp_port) as client:
        refused = client.sendmail(
            "router@pennine.police.example", [DIVISION.upper(), "nobody@pennine.police.example"], MAIL
        )
    assert refused == {"nobody@pennine.police.example": (550, b"5.1.1 no such mailbox here")}
    (submitted,) = demo.received()
    assert (submitted.sender, submitted.recipients) == ("router@pennine.police.example", (DIVISION.upper(),))
    assert submitted.octets == MAIL
    with mailbox_of(demo, DIVISION) as mailbox:
        mailbox.connect()
        assert [one.octets for one in mailbox.fetch(mailbox.search())] == [MAIL]
    assert demo.counts(INBOX)["INBOX"] == 0


def test_each_account_has_its_password(demo: DemoMail) -> None:
    with mailbox_of(demo, password="wrong") as mailbox, pytest.raises(Refused):
        mailbox.connect()


def test_it_stops_silently_with_clients_connected(capfd: pytest.CaptureFixture[str]) -> None:
    with DemoMail([INBOX]) as demo:
        mailbox = mailbox_of(demo)
        mailbox.connect()
        client = smtplib.SMTP(demo.host, demo.smtp_port)
    mailbox.close()
    client.close()
    assert capfd.readouterr() == ("", "")
    with pytest.raises(RuntimeError, match="not running"):
        demo.counts(INBOX)
