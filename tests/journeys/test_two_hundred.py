"""Two hundred messages through the whole service: mailbox, SMTP server and journal must tell the same story."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from servers.dovecot import Dovecot
from servers.recording_smtp import RecordingSmtp
from whole_service import FOLDERS, Arrived, WholeService, arrived, delivered_once, two_hundred

from inbox_router.core.decision import Outcome
from inbox_router.core.delivery import DeliveryState
from inbox_router.edges.journal import MessageRecord

ENDS = {
    "already-in-custody": "routed",
    "a-worried-neighbour": "held",
    "bounce": "filed",
    "broken-attachment": "held",
    "crimestoppers-high-risk": "routed",
    "crimestoppers-report": "routed",
    "crimestoppers-two-places": "held",
    "emergency-recall": "routed",
    "exercise": "held",
    "fixed-term-recall": "routed",
    "forged-recall": "held",
    "intelligence-report": "routed",
    "operation-query": "routed",
    "operation-unknown": "routed",
    "out-of-office": "filed",
    "product-recall": "held",
    "read-receipt": "filed",
    "recall-rescinded": "routed",
    "recall-to-nowhere": "held",
    "restricted-report": "held",
    "rotl-failure-to-return": "routed",
    "rotl-notification": "routed",
    "rotl-views-request": "routed",
    "secret-marking": "held",
    "standard-recall": "routed",
}
"""How each sample ends, by its name without the number."""


@pytest.fixture
def service(dovecot: Dovecot, smtp_server: RecordingSmtp, tmp_path: Path) -> Iterator[WholeService]:
    travelling = WholeService(dovecot, dovecot.new_account("journey"), smtp_server, tmp_path)
    yield travelling
    if travelling.process is not None and travelling.process.poll() is None:
        travelling.kill()


def kind_of(name: str) -> str:
    return name.partition("-")[2].removesuffix(".eml")


def expect_everything_accounted_for(service: WholeService, mail: list[tuple[str, bytes]]) -> None:
    sums = service.sums()
    assert sums is not None
    assert sums.arrived == len(mail) == sums.routed + sums.held + sums.filed
    assert sums.awaiting == 0

    records = {record.sha256: record for record in service.records()}
    folders = service.where()
    assert len(records) == len(folders) == len(mail)
    for name, octets in mail:
        digest = hashlib.sha256(octets).hexdigest()
        record = records[digest]
        assert record.state.value == ENDS[kind_of(name)], f"{name}: {record.decision and record.decision.because}"
        left = kind_of(name) == "secret-marking"
        assert folders[digest] == ("INBOX" if left else FOLDERS[record.state.value]), name
        # Where the reply to MOVE was lost in a kill, the journal says that nobody can say where the message is now.
        assert record.now_folder in {folders[digest], ""}

    arrivals = arrived(service.smtp.received)
    expect_deliveries_match(records, arrivals)


def expect_deliveries_match(records: Mapping[str, MessageRecord], arrivals: Sequence[Arrived]) -> None:
    """What the SMTP server took is what the journal says was sent, byte for byte the original, to the right people."""
    forwards = {each.stated_sha256: each for each in arrivals if each.kind == "forward"}
    routed = {digest for digest, record in records.items() if record.decision.outcome is Outcome.ROUTE}
    assert set(forwards) == routed
    for digest in routed:
        decided = {destination.address for destination in records[digest].decision.destinations}
        reached = {to for each in arrivals if each.stated_sha256 == digest for to in each.recipients}
        assert reached == decided
        assert forwards[digest].original_sha256 == digest
    for record in records.values():
        assert {delivery.state for delivery in record.deliveries} <= {DeliveryState.SENT}
        if record.decision.outcome is Outcome.FILE:
            assert record.deliveries == ()


def test_two_hundred_messages_arrive_while_the_service_runs(service: WholeService) -> None:
    mail = two_hundred()
    service.start()
    for start in range(0, len(mail), 40):
        service.dovecot.append(service.account, *(octets for _, octets in mail[start : start + 40]))
    service.wait_until(lambda sums: sums.arrived == len(mail) and sums.awaiting == 0)
    assert service.stop() == 0

    expect_everything_accounted_for(service, mail)
    counts = delivered_once(arrived(service.smtp.received))
    assert all(count == 1 for recipients in counts.values() for count in recipients.values())


def test_nothing_is_lost_when_the_service_is_killed_again_and_again(service: WholeService) -> None:
    mail = two_hundred()
    service.dovecot.append(service.account, *(octets for _, octets in mail))
    for accepted in (1, 60, 120):
        service.start()
        service.smtp.wait_for(accepted, seconds=60)
        service.kill()
    service.start()
    service.wait_until(lambda sums: sums.arrived == len(mail) and sums.awaiting == 0)
    assert service.stop() == 0

    expect_everything_accounted_for(service, mail)
    expect_copies_to_be_marked(service)


def expect_copies_to_be_marked(service: WholeService) -> None:
    """A second copy has the Message-ID of the first, and says that it may be one."""
    plain: Counter[tuple[str, str]] = Counter()
    for each in arrived(service.smtp.received):
        if not each.possible_duplicate:
            plain.update((each.message_id, recipient) for recipient in each.recipients)
    assert all(count == 1 for count in plain.values())


def test_observing_touches_nothing(service: WholeService) -> None:
    mail = two_hundred()[:25]
    service.mode = "observe"
    service.dovecot.append(service.account, *(octets for _, octets in mail))
    service.start()
    service.wait_until(lambda sums: sums.observed == len(mail))
    assert service.stop() == 0

    assert set(service.where().values()) == {"INBOX"}
    assert service.dovecot.folders(service.account) <= {"INBOX"}
    assert service.smtp.received == []
