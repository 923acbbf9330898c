"""Waiting for mail on a session in IDLE (RFC 2177), so that another thread can end the wait."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from inbox_router.edges.imap_errors import Lost, words
from inbox_router.edges.imap_session import Session


class Waker:
    """A bell that any thread may ring, and that can be waited for together with a connection."""

    def __init__(self) -> None:
        self._ringing, self._heard = socket.socketpair()
        self._ringing.setblocking(False)
        self._heard.setblocking(False)

    def ring(self) -> None:
        """Ends the wait under way, or the next one."""
        with suppress(OSError):
            self._ringing.send(b".")

    def pause(self, seconds: float) -> bool:
        """Sleeps; True where the bell ended it."""
        return self.wait_with(None, seconds)[0]

    def wait_with(self, connection: Any, seconds: float) -> tuple[bool, bool]:
        """Waits for the bell or for `connection` to have something to read: whether each came within `seconds`."""
        poller = select.poll()
        poller.register(self._heard, select.POLLIN)
        if connection is not None:
            poller.register(connection.fileno(), select.POLLIN)
        ready = {number for number, _ in poller.poll(max(0.0, seconds) * 1000)}
        rung = self._heard.fileno() in ready
        if rung:
            with suppress(BlockingIOError):
                while self._heard.recv(64):
                    pass
        return rung, connection is not None and connection.fileno() in ready

    def close(self) -> None:
        self._ringing.close()
        self._heard.close()


def idle(session: Session, waker: Waker, until: float) -> bool:
    """Enters IDLE, and leaves it when mail is announced (True), the bell rings, or at `until` (monotonic clock)."""
    session.idle()
    news = announces_mail(session.idle_check())
    while not news and (left := until - time.monotonic()) > 0:
        rung, readable = waker.wait_with(session.socket(), left)
        if rung:
            break
        if readable:
            responses = session.idle_check()
            if not responses:
                # The end of the stream, or a matter of TLS alone: leaving IDLE tells which.
                break
            news = announces_mail(responses)
    _, responses = session.idle_done()
    return announces_mail(responses) or news


def announces_mail(responses: Iterable[Sequence[Any]]) -> bool:
    """Whether untagged responses tell of new mail. Raises Lost for BYE."""
    found = False
    for response in responses:
        found = found or response[1:2] == (b"EXISTS",)
        if response[:1] == (b"BYE",):
            reply = words(b" ".join(one if isinstance(one, bytes) else str(one).encode() for one in response[1:]))
            raise Lost(f"The server ended the session, and said: {reply}", reply=reply)
    return found
