"""Waiting for mail on a session in IDLE (RFC 2177), so that another thread can end the wait."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

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
        return self.wait_with(None, seconds)

    def wait_with(self, connection: Any, seconds: float) -> bool:
        """Waits for the bell (True), for `connection` to have something to read, or until `seconds` have passed."""
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
        return rung

    def close(self) -> None:
        self._ringing.close()
        self._heard.close()


def idle(session: Session, waker: Waker, until: float) -> bool:
    """Waits in IDLE until `until` (monotonic clock), the bell, or anything from the server: whether that was mail."""
    session.begin_idle()
    news = bool(session.untagged("EXISTS"))
    if not news and not session.has_octets():
        waker.wait_with(session.socket(), until - time.monotonic())
    _, responses = session.idle_done()
    return announces_mail(responses) or news


def announces_mail(responses: Iterable[Sequence[Any]]) -> bool:
    """Whether untagged responses tell of new mail."""
    return any(response[1:2] == (b"EXISTS",) for response in responses)
