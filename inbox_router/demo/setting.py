"""Where the demo takes place: a folder, a mail system with the force's mailboxes, and a configuration for both."""

from __future__ import annotations

import email
import email.policy
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inbox_router.demo.mail_servers import DemoMail
from inbox_router.files.config import Config, load, shipped_example


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A message that the SMTP server took."""

    message_id: str
    kind: str
    """`forward`, `notice` or `alarm`, as its own field says."""
    recipients: tuple[str, ...]
    original: bytes
    """The attached original as it arrived; empty where none was attached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    folder: Path
    config: Path
    settings: Config
    mail: DemoMail

    def deliver(self, messages: Iterable[bytes]) -> None:
        for octets in messages:
            self.mail.append(self.settings.inbox.address, octets)

    def counts(self) -> dict[str, int]:
        """Messages by folder of the inbox's account."""
        return self.mail.counts(self.settings.inbox.address)

    def messages(self) -> list[bytes]:
        """Every message of the inbox's account, wherever it is now."""
        inbox = self.settings.inbox.address
        return [octets for folder in self.counts() for octets in self.mail.messages(inbox, folder)]

    def accepted(self) -> list[Accepted]:
        return [_accepted(each.octets, each.recipients) for each in self.mail.received()]

    def onward(self, held: str) -> list[tuple[str, str]]:
        """What to look at afterwards, and the command for it; `held` is the reference of a held message."""
        program, config = _program(), self.config
        sample = Path(__file__).parent / "mail" / "01-emergency-recall.eml"
        return [
            ("why one message went where it went", f"{program} rules explain {_short(sample)}"),
            ("what waits for a person", f"{program} held list --config {config}"),
            ("one of those", f"{program} held show {held} --config {config}"),
            ("every step of every message", f"{program} audit show --config {config}"),
            ("whether that log is as it was written", f"{program} audit verify --config {config}"),
        ]


@contextmanager
def prepare(folder: Path) -> Iterator[Setting]:
    """Starts the mail servers and writes a configuration that leads to them."""
    example = load(shipped_example())
    accounts = [example.inbox.address, *example.mailboxes.values()]
    with DemoMail(accounts) as mail:
        secret = folder / "password"
        secret.write_text(mail.password, encoding="ascii")
        secret.chmod(0o600)
        config = folder / "config.yaml"
        config.write_text(
            _configuration(shipped_example().read_text(encoding="utf-8"), example, mail), encoding="utf-8"
        )
        yield Setting(folder=folder, config=config, settings=load(config), mail=mail)


def _configuration(text: str, example: Config, mail: DemoMail) -> str:
    """The shipped example with other servers, where mail may really be moved and sent."""
    login = f"username: {example.inbox.address}\n    password: {{file: password}}"
    imap = f"imap:\n    host: {mail.host}\n    port: {mail.imap_port}\n    security: plain\n    {login}\n"
    smtp = f"smtp:\n    host: {mail.host}\n    port: {mail.smtp_port}\n    security: plain\n"
    text = re.sub(r"(?m)^mode: .*$", "mode: live", text)
    text = re.sub(r"imap:\n(?:    .*\n)+", imap, text)
    text = re.sub(r"smtp:\n(?:    .*\n)+", smtp, text)
    for name, path in (("rules", example.rules), ("templates", example.templates)):
        text = re.sub(rf"(?m)^{name}: \S+", f"{name}: {path.resolve()}", text)
    return text


def _accepted(octets: bytes, recipients: tuple[str, ...]) -> Accepted:
    message = email.message_from_bytes(octets, policy=email.policy.compat32)
    attached = [part for part in message.walk() if part.get_filename("").endswith(".eml")]
    original = attached[0].get_payload(decode=True) if attached else b""
    return Accepted(
        message_id=message["Message-ID"].strip("<>"),
        kind=message["X-Inbox-Router-Kind"],
        recipients=recipients,
        original=original if isinstance(original, bytes) else b"",
    )


def _program() -> str:
    """What to type for `inbox-router` where the demo was started."""
    beside = Path(sys.executable).parent / "inbox-router"
    return _short(beside) if beside.exists() else "inbox-router"


def _short(path: Path) -> str:
    """Relative to the working directory where that is shorter."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
