"""A real SMTP server in a thread of its own, that keeps what it accepts and misbehaves when told to."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True, kw_only=True)
class Received:
    """One transaction that the server accepted (or kept though the client never heard so)."""

    sender: str
    recipients: tuple[str, ...]
    octets: bytes
    """The message as it came, dot-stuffing undone."""
    mail_options: tuple[str, ...] = ()
    acknowledged: bool = True
    """False where the connection was dropped instead of the reply to the final dot."""


class RecordingSmtp:
    """An SMTP server on an ephemeral loopback port (`host`, `port`) that records.

    - `received`: every accepted transaction, in order; `wait_for(n)` waits until there are that many.
    - `refuse_recipient(address, reply)`, `refuse_sender(reply)`, `refuse_data(reply)` (the reply to the final dot):
      from now on, `times` times or for ever, with the reply given (`"451 4.3.2 later"`, `"550 5.1.1 unknown"`).
    - `drop(phase)`: the connection is cut, unanswered, at `"ehlo"`, `"mail"`, `"rcpt"`, `"data"` (the command), `"dot"`
      (the whole message came; nothing is kept) or `"accepted"` (it is kept, the reply is lost).
    - `stall(phase)`: no answer until `heal()`.
    - `heal()` forgets all of these; `stop()` and `start()` keep the port; `connections` counts those opened so far.

    `tls` is a server context, for STARTTLS, or for TLS from the first octet with `implicit_tls`; with `password` any
    user name has to log in with it; `size` is the announced limit in octets; `smtputf8` says whether that extension
    is offered.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        password: str | None = None,
        size: int | None = 40_000_000,
        smtputf8: bool = True,
    ) -> None:
        self._tls = tls
        self._implicit_tls = implicit_tls
        self._password = password
        self._size = size
        self._smtputf8 = smtputf8
        self._changed = threading.Condition()
        self._released = threading.Event()
        self._faults: list[_Fault] = []
        self._thread: threading.Thread | None = None
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.Transport] = set()
        self.port = 0
        self.received: list[Received] = []
        self.connections = 0
        self.commands: Counter[str] = Counter()
        self.start()

    def start(self) -> None:
        """Listens; on the same port as before where it ran before."""
        ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, args=(ready,), name="recording-smtp", daemon=True)
        self._thread.start()
        assert ready.wait(20), "the SMTP server did not start"

    def stop(self) -> None:
        """Stops listening and cuts every connection."""
        if self._thread is not None:
            self._released.set()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(20)
            self._thread = None

    def wait_for(self, count: int, seconds: float = 20) -> list[Received]:
        """What was received, once there are at least `count`; fails after `seconds`."""
        with self._changed:
            enough = self._changed.wait_for(lambda: len(self.received) >= count, seconds)
            assert enough, f"{len(self.received)} messages came, {count} were expected"
            return list(self.received)

    def refuse_recipient(self, address: str, reply: str, *, times: int | None = None) -> None:
        self._add(_Fault(phase="rcpt", reply=reply, address=address, times=times))

    def refuse_sender(self, reply: str, *, times: int | None = None) -> None:
        self._add(_Fault(phase="mail", reply=reply, times=times))

    def refuse_data(self, reply: str, *, times: int | None = None) -> None:
        self._add(_Fault(phase="dot", reply=reply, times=times))

    def drop(self, phase: str, *, times: int | None = None) -> None:
        self._add(_Fault(phase=phase, times=times))

    def stall(self, phase: str, *, times: int | None = None) -> None:
        self._released.clear()
        self._add(_Fault(phase=phase, stall=True, times=times))

    def heal(self) -> None:
        with self._changed:
            self._faults.clear()
        self._released.set()

    def _add(self, fault: _Fault) -> None:
        with self._changed:
            self._faults.append(fault)

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(lambda _loop, _context: None)
        implicit = self._tls if self._implicit_tls else None
        listening = self._loop.create_server(self._protocol, self.host, self.port, ssl=implicit, reuse_address=True)
        server = self._loop.run_until_complete(listening)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()
        server.close()
        for transport in list(self._open):
            transport.abort()
        pending = asyncio.all_tasks(self._loop)
        for task in pending:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self._loop.close()

    def _protocol(self) -> SMTP:
        return _Protocol(
            self,
            self._open,
            hostname="sink.example",
            loop=self._loop,
            data_size_limit=self._size,
            enable_SMTPUTF8=self._smtputf8,
            tls_context=None if self._implicit_tls else self._tls,
            auth_required=self._password is not None,
            auth_require_tls=False,
            authenticator=self._authenticate,
        )

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        given = isinstance(data, LoginPassword) and (data.password or b"").decode()
        return AuthResult(success=self._password is not None and given == self._password, handled=False)

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        fault = await self._meet(server, "ehlo")
        return [fault] if fault else responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = await self._meet(server, "mail")
        if fault:
            return fault
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender accepted"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = await self._meet(server, "rcpt", address)
        if fault:
            return fault
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 recipient accepted"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = await self._meet(server, "dot")
        if fault:
            return fault
        lost = await self._meet(server, "accepted")
        one = Received(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            octets=bytes(envelope.original_content or b""),
            mail_options=tuple(envelope.mail_options),
            acknowledged=not lost,
        )
        with self._changed:
            self.received.append(one)
            number = len(self.received)
            self._changed.notify_all()
        return lost or f"250 2.0.0 accepted as {number}"

    async def _meet(self, server: SMTP, phase: str, address: str = "") -> str | None:
        """The reply of the fault that is due here, after doing what it does; None where there is none."""
        self.commands[phase] += 1
        fault = self._take(phase, address)
        if fault is None:
            return None
        if fault.stall:
            await asyncio.get_running_loop().run_in_executor(None, self._released.wait, 60)
            return None
        if fault.reply is None and server.transport is not None:
            server.transport.abort()
        return fault.reply or "421 4.4.2 never heard"

    def _take(self, phase: str, address: str) -> _Fault | None:
        with self._changed:
            for fault in self._faults:
                if fault.phase == phase and fault.address.lower() in ("", address.lower()) and fault.times != 0:
                    fault.times = None if fault.times is None else fault.times - 1
                    return fault
        return None


@dataclass(kw_only=True)
class _Fault:
    phase: str
    reply: str | None = None
    address: str = ""
    times: int | None = None
    stall: bool = False


class _Protocol(SMTP):
    """aiosmtpd's, that answers without Nagle's delay, counts connections, and can be cut off at the DATA command."""

    def __init__(self, owner: RecordingSmtp, open_transports: set[asyncio.Transport], **options: Any) -> None:
        super().__init__(owner, **options)
        self._owner = owner
        self._open_transports = open_transports

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open_transports.add(transport)
        self._owner.connections += 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport in self._open_transports:
            self._open_transports.discard(self.transport)
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        fault = await self._owner._meet(self, "data")
        if fault:
            await self.push(fault)
            return
        await super().smtp_DATA(arg)
