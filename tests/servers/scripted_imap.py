"""An IMAP server that says what a test wrote down: for what a real one will not do on demand."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from inbox_router.edges.imap import ImapAccount
from servers.certificates import Certificates

Answer = bytes | Callable[["Connection", bytes], None]
"""Octets to send (`{tag}` stands for the command's tag), or a function that does as it likes."""

USUAL: Mapping[str, Answer] = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 UIDPLUS MOVE IDLE\r\n{tag} OK done\r\n",
    "LOGIN": b"{tag} OK [CAPABILITY IMAP4rev1 UIDPLUS MOVE IDLE] logged in\r\n",
    "LIST": b'* LIST (\\Noselect) "/" ""\r\n{tag} OK done\r\n',
    "SELECT": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n{tag} OK [READ-WRITE] selected\r\n",
    "NOOP": b"{tag} OK done\r\n",
    "LOGOUT": b"* BYE goodbye\r\n{tag} OK done\r\n",
}


class Connection:
    """One client's connection: `send`, `line`, `start_tls`, `drop`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._file = sock.makefile("rb")

    def send(self, octets: bytes) -> None:
        self._sock.sendall(octets)

    def line(self) -> bytes:
        return self._file.readline()

    def start_tls(self, certificates: Certificates) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)
        self._sock = context.wrap_socket(self._sock, server_side=True)
        self._file = self._sock.makefile("rb")

    def drop(self) -> None:
        self._file.close()
        self._sock.close()


class ScriptedImap:
    """Listens on `host` and `port`; answers each command by its name (`UID` ones as `UID FETCH`) from `answers`.

    An answer may also be a list: one for each time the command comes, the last one for ever. `commands` are those that
    came.
    """

    host = "127.0.0.1"

    def __init__(
        self, answers: Mapping[str, Answer | list[Answer]] | None = None, *, greeting: bytes = b"* OK ready\r\n"
    ) -> None:
        self._answers: dict[str, list[Answer]] = {
            name: list(answer) if isinstance(answer, list) else [answer]
            for name, answer in {**USUAL, **(answers or {})}.items()
        }
        self._greeting = greeting
        self.commands: list[bytes] = []
        self._listening = socket.create_server((self.host, 0))
        self._open: list[socket.socket] = []
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, name="scripted-imap", daemon=True).start()

    def account(self, *, timeout: float = 5.0) -> ImapAccount:
        return ImapAccount(
            host=self.host,
            port=self.port,
            security="plain",
            username="inbox",
            password="correct-horse",
            timeout=timeout,
        )

    def close(self) -> None:
        # Closing alone does not end an accept that waits in the other thread.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for sock in self._open:
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        connection = Connection(sock)
        try:
            connection.send(self._greeting)
            while line := connection.line():
                self._answer(connection, line.rstrip())
        except (OSError, ValueError):
            return

    def _answer(self, connection: Connection, line: bytes) -> None:
        self.commands.append(line)
        tag, _, rest = line.partition(b" ")
        tokens = rest.decode().upper().split() or [""]
        name = " ".join(tokens[:2]) if tokens[0] == "UID" else tokens[0]
        answers = self._answers.get(name, [b"{tag} BAD unknown command\r\n"])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            answer(connection, tag)
        else:
            connection.send(answer.replace(b"{tag}", tag))
