"""From the configuration to accounts on servers. Passwords are read when they are needed, never kept in a setting."""

from __future__ import annotations

from collections.abc import Callable

from inbox_router.edges.imap import FetchLimits, ImapAccount, Mailbox
from inbox_router.edges.smtp import SmtpAccount
from inbox_router.files.config import Config, Server


def mailbox_account(settings: Config) -> str:
    """Names the account in the journal. Another server or another user is another mailbox, with UIDs of its own."""
    return f"{settings.inbox.imap.username}@{settings.inbox.imap.host}"


def mailbox_maker(settings: Config, *, read_only: bool = False, folder: str = "") -> Callable[[], Mailbox]:
    """Makes a mailbox with the password as it is then: an expired one is mended without a restart.

    `folder` is the one to open; "" is the inbox.
    """
    server, inbox = settings.inbox.imap, settings.inbox

    def make() -> Mailbox:
        account = ImapAccount(
            host=server.host,
            port=server.port,
            security=server.security,
            username=server.username,
            password=_password(server),
            folder=folder or inbox.folder,
            timeout=server.timeout.total_seconds(),
            ca_file=str(server.ca_file) if server.ca_file else None,
        )
        limits = FetchLimits(octets=settings.limits.parsing.octets)
        return Mailbox(account, limits=limits, limit=inbox.cycle_deadline.total_seconds(), read_only=read_only)

    return make


def smtp_account(settings: Config) -> SmtpAccount:
    server = settings.submission.smtp
    return SmtpAccount(
        host=server.host,
        port=server.port,
        security=server.security,
        username=server.username or None,
        password=_password(server) or None,
        connections=settings.submission.connections,
        timeout=server.timeout.total_seconds(),
        ca_file=str(server.ca_file) if server.ca_file else None,
    )


def _password(server: Server) -> str:
    return server.password.read() if server.password else ""
