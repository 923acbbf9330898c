"""An IMAP server (pymap) and an SMTP server (aiosmtpd) in this process, to show the service at work without any other.

Both keep everything in memory and listen on ephemeral ports of the loopback interface. What is submitted to the SMTP
server is delivered into the INBOX of each recipient's account on the IMAP server, so that it can be looked at.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import ssl
import threading
from argparse import Namespace
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds that starting, stopping and each request may take; they take milliseconds."""
LARGEST = 64_000_000
"""Octets of a message that the SMTP server takes (it announces this as SIZE)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """One message that the SMTP server accepted."""

    sender: str
    """MAIL FROM."""
    recipients: tuple[str, ...]
    octets: bytes


class DemoMail:
    """Both servers, running between `with` and its end.

    `accounts` are the addresses that have a mailbox: each logs in with its address and `password`. Mail to any other
    address is refused (550).
    """

    host = "127.0.0.1"

    def __init__(self, accounts: Iterable[str]) -> None:
        self.accounts = tuple(dict.fromkeys(address.lower() for address in accounts))
        self.password = secrets.token_urlsafe(12)
        self.imap_port = 0
        self.smtp_port = 0
        self._loop = asyncio.new_event_loop()
        self._store: _Store | None = None
        self._submitted: list[Submitted] = []
        self._thread = threading.Thread(target=self._serve, name="demo-mail", daemon=True)
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(PATIENCE) or self._failure is not None:
            raise RuntimeError("The mail servers of the demo did not start.") from self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)

    def append(self, account: str, octets: bytes, when: datetime | None = None) -> None:
        """Puts a message into the INBOX of `account`; `when` (aware; now, if left out) is its INTERNALDATE."""
        self._ask(lambda store: store.append(account, octets, when or datetime.now(UTC)))

    def received(self) -> list[Submitted]:
        """What was submitted by SMTP and accepted, in that order."""
        return list(self._submitted)

    def messages(self, account: str, folder: str = "INBOX") -> list[bytes]:
        """What is in a folder; nothing, where there is no such folder."""
        return self._ask(lambda store: store.messages(account, folder))

    def counts(self, account: str) -> dict[str, int]:
        """Messages by folder."""
        return self._ask(lambda store: store.counts(account))

    def _ask(self, question: Callable[[_Store], Coroutine[Any, Any, T]]) -> T:
        if self._store is None or not self._thread.is_alive():
            raise RuntimeError("The mail servers of the demo are not running.")
        return asyncio.run_coroutine_threadsafe(question(self._store), self._loop).result(PATIENCE)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        # A client that hangs up is an everyday matter, and the terminal belongs to the demo.
        self._loop.set_exception_handler(lambda _loop, _context: None)
        for name in ("pymap", "mail.log", "mail.error", "mail.debug"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        try:
            servers = self._loop.run_until_complete(self._start())
        except BaseException as error:  # noqa: BLE001 - told to the thread that waits for the start
            self._failure = error
            self._ready.set()
            return
        self._ready.set()
        self._loop.run_forever()
        for server in servers:
            server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _start(self) -> list[asyncio.Server]:
        store = _Store(self.accounts, self.password)
        await store.open()
        imap = await asyncio.start_server(store.connected, self.host, 0)
        smtp = await self._loop.create_server(_smtp_protocol(self._accept, self.accounts, self._loop), self.host, 0)
        self.imap_port = imap.sockets[0].getsockname()[1]
        self.smtp_port = smtp.sockets[0].getsockname()[1]
        self._store = store
        return [imap, smtp]

    async def _accept(self, submitted: Submitted) -> None:
        assert self._store is not None  # noqa: S101 - the servers listen only after it was opened
        for recipient in submitted.recipients:
            await self._store.append(recipient, submitted.octets, datetime.now(UTC))
        self._submitted.append(submitted)


class _Store:
    """The accounts in pymap, and what is peculiar to it. Lives in the servers' loop."""

    def __init__(self, accounts: Iterable[str], password: str) -> None:
        self._accounts = tuple(accounts)
        self._password = password
        self._login: Any = None
        self.connected: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

    async def open(self) -> None:
        from proxyprotocol.reader import ProxyProtocolReader
        from pymap.backend.dict import Config, Identity, Login
        from pymap.concurrent import Subsystem
        from pymap.imap import IMAPServer
        from pymap.user import UserMetadata
        from pysasl.hashing import Cleartext

        class DemoConfig(Config):
            # pymap greets with the machine's full name, and looks it up in the DNS for every connection.
            greeting = b"ready"

        config = DemoConfig(
            Namespace(passlib_cfg=None, proxy_protocol=None),
            host=None,
            port=0,
            tls_enabled=False,
            demo_data=False,
            demo_user="",
            demo_password="",
            reject_dnsbl=False,
            invalid_user_sleep=0,
            # The passwords live as long as the demo does; hashing them would only make logging in slow.
            hash_context=Cleartext(),
            cpu_subsystem=Subsystem.for_asyncio(),
            # Given, so that no certificate is read from the environment.
            ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
        )
        config.apply_context()
        self._login = Login(config)
        for account in self._accounts:
            user = UserMetadata(config, account, password=self._password)
            await Identity(account, self._login, None, frozenset()).set(user)
        reader = ProxyProtocolReader(config.proxy_protocol)
        self.connected = reader.get_callback(IMAPServer(self._login, config))

    async def append(self, account: str, octets: bytes, when: datetime) -> None:
        from pymap.parsing.message import AppendMessage

        inbox = await (await self._folders(account)).get_mailbox("INBOX")
        await inbox.append(AppendMessage(octets, when), recent=True)

    async def messages(self, account: str, folder: str) -> list[bytes]:
        from pymap.parsing.specials import FetchRequirement

        folders = await self._folders(account)
        if folder not in _names(await folders.list_mailboxes()):
            return []
        found = [message async for message in (await folders.get_mailbox(folder)).messages()]
        loaded = [await message.load_content(FetchRequirement.CONTENT) for message in found]
        return [bytes(each.content) for each in loaded]

    async def counts(self, account: str) -> dict[str, int]:
        folders = await self._folders(account)
        numbers = {}
        for name in _names(await folders.list_mailboxes()):
            numbers[name] = (await (await folders.get_mailbox(name)).snapshot()).exists
        return numbers

    async def _folders(self, account: str) -> Any:
        from pymap.backend.dict import Identity

        async with Identity(account.lower(), self._login, None, frozenset()).new_session() as session:
            return session.mailbox_set


def _names(tree: Any) -> list[str]:
    return [entry.name for entry in tree.list() if entry.exists]


def _smtp_protocol(
    accept: Callable[[Submitted], Awaitable[None]], accounts: Iterable[str], loop: asyncio.AbstractEventLoop
) -> Callable[[], asyncio.Protocol]:
    """Makes an SMTP session (RFC 5321) for each connection."""
    from aiosmtpd.smtp import SMTP

    class Handler:
        async def handle_RCPT(  # noqa: N802
            self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
        ) -> str:
            if address.lower() not in accounts:
                return "550 5.1.1 no such mailbox here"
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
            return "250 2.1.5 recipient accepted"

        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            recipients = tuple(envelope.rcpt_tos)
            await accept(Submitted(sender=envelope.mail_from or "", recipients=recipients, octets=envelope.content))
            return "250 2.0.0 accepted"

    class Session(SMTP):
        def connection_made(self, transport: Any) -> None:
            # Without this, each reply waits for the client's delayed acknowledgement (Nagle).
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            super().connection_made(transport)

    return lambda: Session(
        Handler(), hostname="demo.example", data_size_limit=LARGEST, enable_SMTPUTF8=True, loop=loop, ident="ready"
    )
