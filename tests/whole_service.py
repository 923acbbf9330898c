"""The service as a process of its own, between a real Dovecot and a recording SMTP server."""

from __future__ import annotations

import email
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from servers.dovecot import PASSWORD, Account, Dovecot
from servers.recording_smtp import Received, RecordingSmtp

from inbox_router.demo.samples import sample_mail
from inbox_router.edges.journal import Journal, JournalError, MessageRecord, Sums

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"routed": "Routed", "held": "Held", "filed": "Filed"}
PERSON = re.compile(rb"\b[A-Z]\d{4}[A-Z]{2}\b")
CASES = (b"Alder", b"Beech", b"Cedar", b"Damson", b"Elder", b"Fir", b"Gorse", b"Hazel")
PNC_LINE = re.compile(rb"(?m)^PNC ID:.*\r\n")

SETTINGS = """
format: 1
mode: {mode}
force: {{name: Pennine Police, domain: pennine.police.example}}
inbox:
  address: force.intelligence@pennine.police.example
  gateway: mx.pennine.police.example
  imap: {{host: {host}, port: {imap_port}, security: plain, username: {username}, password: {{env: MAILBOX_PASSWORD}}}}
submission:
  smtp: {{host: {host}, port: {smtp_port}, security: plain}}
  connections: 4
{shared}
rules: {rules}
templates: {root}/templates
journal: {{path: journal.sqlite3}}
audit: {{folder: audit}}
"""


def settings_of(example: Path) -> str:
    """The mailboxes, roles, tier and time zone of the example configuration: as shipped."""
    text = example.read_text(encoding="utf-8")
    wanted = ("mailboxes", "review", "duty manager", "tier", "timezone", "reference prefix")
    blocks = re.split(r"(?m)^(?=[a-z])", text)
    return "".join(block for block in blocks if block.partition(":")[0] in wanted)


@dataclass
class WholeService:
    """One mailbox, one SMTP server, one service that can be killed and started again."""

    dovecot: Dovecot
    account: Account
    smtp: RecordingSmtp
    folder: Path
    mode: str = "live"
    rules: Path = ROOT / "rules"
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def journal(self) -> Path:
        return self.folder / "journal.sqlite3"

    def start(self) -> None:
        self.config.write_text(
            SETTINGS.format(
                mode=self.mode,
                host=self.dovecot.host,
                imap_port=self.dovecot.port,
                smtp_port=self.smtp.port,
                username=self.account.username,
                shared=settings_of(ROOT / "config.example.yaml"),
                root=ROOT,
                rules=self.rules,
            ),
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "inbox_router", "run", "--config", str(self.config)]
        environment = {**os.environ, "MAILBOX_PASSWORD": PASSWORD}
        with (self.folder / "service.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """As systemd would; returns the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15)

    def tell(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def log(self) -> str:
        return (self.folder / "service.log").read_text(encoding="utf-8")

    def sums(self) -> Sums | None:
        """None while there is no journal yet."""
        try:
            with Journal.open(self.journal, read_only=True) as journal:
                return journal.sums()
        except JournalError:
            return None

    def wait_until(self, enough: Callable[[Sums], bool], seconds: float = 90) -> Sums:
        give_up = time.monotonic() + seconds
        sums = None
        while time.monotonic() < give_up:
            sums = self.sums()
            if sums is not None and enough(sums):
                return sums
            assert self.process is None or self.process.poll() is None, f"the service ended:\n{self.log()[-3000:]}"
            time.sleep(0.1)
        raise AssertionError(f"not reached: {sums}\n{self.log()[-3000:]}")

    def wait_for_log(self, words: str, times: int = 1, seconds: float = 30) -> None:
        give_up = time.monotonic() + seconds
        while self.log().count(words) < times:
            assert time.monotonic() < give_up, f"{words!r} is not in the log:\n{self.log()[-3000:]}"
            time.sleep(0.05)

    def records(self) -> list[MessageRecord]:
        with Journal.open(self.journal, read_only=True) as journal:
            count = journal.sums().arrived
            return [record for number in range(1, count + 1) if (record := journal.message(number))]

    def where(self) -> dict[str, str]:
        """Folder by SHA-256 of every message in the mailbox; fails if one is there twice."""
        found: dict[str, str] = {}
        for folder in self.dovecot.folders(self.account) | {"INBOX"}:
            for _, octets in self.dovecot.list(self.account, folder):
                digest = hashlib.sha256(octets).hexdigest()
                assert digest not in found, f"in {found[digest]} and in {folder}"
                found[digest] = folder
        return found


@dataclass(frozen=True)
class Arrived:
    """One transaction at the SMTP server, as far as tests care."""

    message_id: str
    recipients: tuple[str, ...]
    kind: str
    possible_duplicate: bool
    original_sha256: str
    """Of the attached original, worked out from the octets that came; "" where none is attached."""
    stated_sha256: str


def arrived(received: Sequence[Received]) -> list[Arrived]:
    return [_arrived(each) for each in received]


def _arrived(received: Received) -> Arrived:
    message = email.message_from_bytes(received.octets)
    attached = [part for part in message.walk() if part.get_filename("").endswith(".eml")]
    original = attached[0].get_payload(decode=True) if attached else b""
    assert isinstance(original, bytes)
    return Arrived(
        message_id=message["Message-ID"],
        recipients=received.recipients,
        kind=message["X-Inbox-Router-Kind"],
        possible_duplicate=message["X-Inbox-Router-Possible-Duplicate"] == "yes",
        original_sha256=hashlib.sha256(original).hexdigest() if attached else "",
        stated_sha256=message["X-Inbox-Router-Original-SHA256"] or "",
    )


def two_hundred() -> list[tuple[str, bytes]]:
    """Name of the sample, and octets: the sample mail eight times over, about other people each time."""
    samples = list(sample_mail())
    return [(name, _about_somebody_else(octets, turn)) for turn in range(8) for name, octets in samples]


def _about_somebody_else(octets: bytes, turn: int) -> bytes:
    """Another prison number, another Message-ID, another case, no PNC number (its check letter would be wrong)."""
    letters = b"BCDEFGHJ"[turn : turn + 1]
    octets = PNC_LINE.sub(b"", octets)
    octets = PERSON.sub(lambda found: letters + found[0][1:], octets)
    octets = re.sub(rb"\b55(10\d{3})\b", lambda found: b"%d" % (60 + turn) + found[1][:-1] + found[1][-1:], octets)
    octets = octets.replace(b": 8bit\r\n\r\n", b": 8bit\r\n\r\nOur case: %s\r\n\r\n" % CASES[turn], 1)
    return octets.replace(b"Message-ID: <", b"Message-ID: <%d." % turn, 1)


def delivered_once(arrivals: Sequence[Arrived]) -> dict[str, Counter[str]]:
    """How often each recipient got each message of ours, by Message-ID."""
    counts: dict[str, Counter[str]] = {}
    for each in arrivals:
        counts.setdefault(each.message_id, Counter()).update(each.recipients)
    return counts
