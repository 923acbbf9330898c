"""Whether the demo adds up: the journal held against the mailbox, the SMTP server and the sample mail itself."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from inbox_router.commands.status import in_words
from inbox_router.commands.terminal import counted
from inbox_router.core.delivery import DeliveryState
from inbox_router.core.verification import Verification, verify
from inbox_router.demo.setting import Setting
from inbox_router.edges.journal import Journal, MessageRecord, Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    what: str
    holds: bool
    found: str


def checks(setting: Setting, samples: Collection[bytes]) -> list[Check]:
    """Each compares two accounts of the same thing that were kept by different programs."""
    with Journal.open(setting.settings.journal.path, read_only=True) as journal:
        sums = journal.sums()
        records = [record for number in range(1, sums.arrived + 1) if (record := journal.message(number))]
        log = verify(journal.events())
    return [
        _journal(sums, max(len(samples), sum(setting.counts().values()))),
        _mailbox(setting, sums),
        _mail_server(setting, records),
        _originals(setting, sums, samples),
        _audit_log(log),
    ]


def _audit_log(log: Verification) -> Check:
    found = f"{counted(log.entries, 'entry', 'entries')}, each sealed to the one before"
    return Check(what="audit log", holds=log.fault is None, found=log.fault.text if log.fault else found)


def _journal(sums: Sums, sent: int) -> Check:
    return Check(what="journal", holds=sums.arrived == sent and not sums.awaiting, found=in_words(sums))


def _mailbox(setting: Setting, sums: Sums) -> Check:
    """Each message is in one folder; of the held, those marked above the tier stay in the inbox."""
    folders, counts = setting.settings.inbox.folders, setting.counts()
    routed, held, filed = (counts.get(name, 0) for name in (folders.routed, folders.held, folders.filed))
    left = counts.get(setting.settings.inbox.folder, 0)
    found = (
        f"{routed} in {folders.routed}, {held} in {folders.held}, {filed} in {folders.filed}, "
        f"{left} left in the inbox (marked above the tier)"
    )
    return Check(
        what="mailbox", holds=(routed, held + left, filed) == (sums.routed, sums.held, sums.filed), found=found
    )


def _mail_server(setting: Setting, records: Iterable[MessageRecord]) -> Check:
    sent = Counter(
        (delivery.our_message_id, delivery.recipient)
        for record in records
        for delivery in record.deliveries
        if delivery.state is DeliveryState.SENT
    )
    accepted = Counter((each.message_id, recipient) for each in setting.accepted() for recipient in each.recipients)
    twice = sum(number - 1 for number in accepted.values())
    taken = counted(len(accepted), "delivery", "deliveries")
    found = f"accepted {taken}; the journal knows of {len(sent)}; {twice} came twice"
    return Check(what="mail server", holds=sent == accepted, found=found)


def _originals(setting: Setting, sums: Sums, samples: Iterable[bytes]) -> Check:
    """The SHA-256 of each attached original is that of a message, as it stood in the inbox."""
    known = {hashlib.sha256(octets).hexdigest() for octets in (*samples, *setting.messages())}
    forwards = [each for each in setting.accepted() if each.kind == "forward"]
    unaltered = [each for each in forwards if hashlib.sha256(each.original).hexdigest() in known]
    found = f"{len(unaltered)} of {len(forwards)} forwarded originals arrived bit for bit"
    return Check(what="originals", holds=len(unaltered) == len(forwards) == sums.routed, found=found)
