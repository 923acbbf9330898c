"""One IMAP connection: how the socket is made and watched, so that nothing here can wait for ever."""

from __future__ import annotations

import imaplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from imapclient import IMAPClient, SocketTimeout

from inbox_router.edges.imap_errors import MailboxError, Untrusted, at_login, while_connecting

LONGEST_LINE = 16_000_000
"""Octets. The reply to SEARCH ALL is one line; 16 million hold the numbers of two million messages."""

LARGEST_LITERAL = 256_000_000
"""Octets. Messages over the size limit are not fetched, so a server that announces more than this is not believed."""

READ_AT_ONCE = 262_144

KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 20, "TCP_KEEPCNT": 3}
"""Seconds, seconds and probes: a peer that vanished without a word is noticed within two minutes."""

Login = Callable[[IMAPClient], None]
"""Proves to the server who we are, on a connection that is up; raises what IMAPClient raises. Other ways of logging in
(OAuth 2.0, RFC 7628) are other functions of this type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """Where a mailbox is and how to get in."""

    host: str
    port: int = 993
    security: Literal["tls", "starttls", "plain"] = "tls"
    username: str
    password: str = field(default="", repr=False)
    folder: str = "INBOX"
    timeout: float = 30.0
    """Seconds that connecting, and each read and write, may take."""
    ca_file: str | None = None
    """PEM file of the authorities to trust instead of the system's."""

    @property
    def where(self) -> str:
        return f"{self.host}:{self.port}"


class Line:
    """A second handle on a connection's socket, by which another thread can cut it.

    Closing a socket under a thread that reads from it does not wake that thread; shutting the connection down does,
    whatever TLS has been put round the first handle meanwhile.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._cut = False

    def attach(self, connection: socket.socket) -> None:
        with self._lock:
            self._handle = connection.dup()
            if self._cut:
                self._shut()

    def cut(self) -> None:
        with self._lock:
            self._cut = True
            self._shut()

    def release(self) -> None:
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def _shut(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)


class Session(IMAPClient):  # type: ignore[misc]
    """IMAPClient on a socket made here: keepalive, no Nagle, TLS with names checked, and a `Line` to cut it by."""

    def __init__(self, account: ImapAccount, context: ssl.SSLContext | None, line: Line) -> None:
        self._account = account
        self._line = line
        self._context = context if account.security == "tls" else None
        timeout = SocketTimeout(connect=account.timeout, read=account.timeout)
        super().__init__(account.host, account.port, ssl=account.security == "tls", timeout=timeout)
        # IMAPClient turns imaplib's debugging up: each line is formatted for a log, people's mail included.
        self._imap.debug = 0
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802
        return _Protocol(self._account, self._context, self._line)

    def begin_idle(self) -> None:
        """IDLE (RFC 2177). What the server tells before its go-ahead is kept, where `idle` takes it for an error."""
        self._idle_tag = self._imap._command("IDLE")
        while self._imap._get_response() is not None:
            if self._imap.tagged_commands[self._idle_tag]:
                kind, words = self._imap.tagged_commands.pop(self._idle_tag)
                self._checkok("IDLE", kind, words)

    def has_octets(self) -> bool:
        """Whether something of the server's was read ahead, where a poll of the socket does not see it."""
        return bool(self._imap.read_ahead)

    def untagged(self, name: str) -> list[bytes]:
        """Takes the untagged responses and response codes of that name that came since the last `forget`."""
        return [one for one in self._imap.untagged_responses.pop(name, []) if one is not None]

    def forget(self) -> None:
        """Drops untagged responses that nobody asked for: imaplib keeps them for the life of the connection."""
        self._imap.untagged_responses.clear()


class _Protocol(imaplib.IMAP4):
    """imaplib's client; the socket is opened, and TLS begun, under the eyes of the watchdog.

    It reads ahead by itself: imaplib's reader hides what it holds, and loses half a line when it is interrupted.
    """

    def __init__(self, account: ImapAccount, context: ssl.SSLContext | None, line: Line) -> None:
        self._line = line
        self._context = context
        self.read_ahead = bytearray()
        self._read_from: socket.socket | None = None
        super().__init__(account.host, account.port, account.timeout)

    def readline(self) -> bytes:
        self._check_source()
        searched = 0
        while (end := self.read_ahead.find(b"\n", searched)) < 0:
            searched = len(self.read_ahead)
            if searched > LONGEST_LINE:
                raise self.abort(f"a line of more than {LONGEST_LINE} octets")
            self._receive()
        return self._take(end + 1)

    def read(self, size: int) -> bytes:
        self._check_source()
        if size > LARGEST_LITERAL:
            raise self.abort(f"a literal of {size} octets")
        while len(self.read_ahead) < size:
            self._receive()
        return self._take(size)

    def _check_source(self) -> None:
        """What came before TLS began is not believed after it (the injection that RFC 9051, section 11.1 warns of)."""
        if self._read_from is not self.sock:
            self.read_ahead.clear()
            self._read_from = self.sock

    def _receive(self) -> None:
        octets = self.sock.recv(READ_AT_ONCE)
        if not octets:
            raise self.abort("the connection was closed")
        self.read_ahead += octets

    def _take(self, size: int) -> bytes:
        octets = bytes(self.read_ahead[:size])
        del self.read_ahead[:size]
        return octets

    def _create_socket(self, timeout: float | None) -> socket.socket:
        connection = socket.create_connection((self.host, self.port), timeout)
        try:
            self._line.attach(connection)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in KEEPALIVE.items():
                if hasattr(socket, name):
                    connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
            return self._context.wrap_socket(connection, server_hostname=self.host) if self._context else connection
        except BaseException:
            connection.close()
            raise


def password_login(account: ImapAccount) -> Login:
    """Logs in with the account's password: by LOGIN, or by SASL PLAIN where LOGIN cannot carry its characters."""

    def login(client: IMAPClient) -> None:
        if client.has_capability("LOGINDISABLED"):
            raise Untrusted(
                f"{account.where} takes no passwords over an unprotected connection, so none was sent. "
                "Set `security: tls` or `security: starttls`."
            )
        if (account.username + account.password).isascii():
            client.login(account.username, account.password)
        else:
            client.plain_login(account.username, account.password)

    return login


def tls_context(account: ImapAccount) -> ssl.SSLContext | None:
    """Certificates and host names are always checked. Raises Untrusted where `ca_file` cannot be used."""
    if account.security == "plain":
        return None
    try:
        return ssl.create_default_context(cafile=account.ca_file)
    except OSError as error:
        raise Untrusted(
            f"The file of trusted authorities {account.ca_file} cannot be used: {error.strerror or 'not a PEM file'}. "
            "Correct `ca_file` in the configuration."
        ) from error


def open_session(account: ImapAccount, line: Line, login: Login) -> Session:
    """A session that is logged in. Raises Unreachable, Untrusted, Refused, Unavailable or Lost."""
    context = tls_context(account)
    session = None
    try:
        try:
            session = Session(account, context, line)
            if account.security == "starttls":
                session.starttls(context)
        except (OSError, imaplib.IMAP4.error, ValueError) as error:
            raise while_connecting(error, account.where) from error
        try:
            login(session)
        except (OSError, imaplib.IMAP4.error, ValueError) as error:
            # Without the chain: a server may have repeated the password in words that are blotted out only here.
            raise at_login(error, account.where, account.username, account.password) from None
    except MailboxError:
        if session is not None:
            hang_up(session)
        raise
    return session


def present_uids(session: Session, uids: Sequence[int]) -> set[int]:
    """Which of these are in the folder. NOOP first, for a server searches what it has told the client of so far."""
    session.noop()
    return set(session.search(["UID", ",".join(map(str, uids))]))


def hang_up(session: Session) -> None:
    """Closes the socket without negotiating: after any doubt there is nothing to say."""
    with suppress(OSError, imaplib.IMAP4.error):
        session.shutdown()


@contextmanager
def deadline(line: Line, seconds: float) -> Iterator[threading.Event]:
    """Cuts `line` when `seconds` have passed: a socket's timeout bounds one read, not a reply that comes in drips.

    The event that it gives is set where that happened.
    """
    passed = threading.Event()

    def expire() -> None:
        passed.set()
        line.cut()

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield passed
    finally:
        timer.cancel()
