"""A mailbox reached by IMAP (RFC 3501): one session, used by one thread, that never waits for ever.

Nothing here marks, deletes or changes a message but `move`. Whatever is in doubt ends the session: `connect()` begins a
new one, and the caller decides when.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from inbox_router.edges.imap_errors import (
    Declined,
    FolderMissing,
    Lost,
    MailboxError,
    Malformed,
    OverQuota,
    ReadOnly,
    Refused,
    Unavailable,
    Unreachable,
    Untrusted,
    in_session,
)
from inbox_router.edges.imap_fetch import Fetched, Fetcher, FetchLimits
from inbox_router.edges.imap_folders import Layout, ask_for_layout, ensure_folder
from inbox_router.edges.imap_idle import Waker, announces_mail, idle
from inbox_router.edges.imap_move import MOVE_AT_ONCE, Moved, MoveOutcome, Mover
from inbox_router.edges.imap_session import (
    ImapAccount,
    Line,
    Login,
    Session,
    deadline,
    hang_up,
    open_session,
    password_login,
)

__all__ = [
    "Declined",
    "FetchLimits",
    "Fetched",
    "FolderMissing",
    "ImapAccount",
    "Login",
    "Lost",
    "Mailbox",
    "MailboxError",
    "Malformed",
    "MoveOutcome",
    "Moved",
    "OverQuota",
    "ReadOnly",
    "Refused",
    "Unavailable",
    "Unreachable",
    "Untrusted",
]

POLL_EVERY = 15.0
"""Seconds between two NOOPs while waiting on a server without IDLE."""

FAREWELL = 2.0
"""Seconds that LOGOUT and NOOP as a probe may take."""

T = TypeVar("T")


class Mailbox:
    """One folder of one account. All methods but `wake` and `cut` belong to one thread, and raise only MailboxError.

    `limit` is the deadline, in seconds, of each step: connecting, one batch of a fetch, one command of a move. With
    `read_only` the folder is opened so that nothing in it can be changed (EXAMINE).

    After Lost and the like, call `connect` on the same object: it remembers which messages broke the connection, asks
    for those one by one, and reports one that does so three times as a problem instead of failing for ever.
    """

    def __init__(
        self,
        account: ImapAccount,
        *,
        login: Login | None = None,
        limits: FetchLimits | None = None,
        limit: float = 300.0,
        read_only: bool = False,
    ) -> None:
        self.account = account
        self.uidvalidity = 0
        """Of the folder, since `connect()`; where it changes, UIDs known from before mean nothing."""
        self.capabilities: frozenset[str] = frozenset()
        """What the server said it can do after login; nothing else is believed."""
        self._login = login or password_login(account)
        self._limit = limit
        self._read_only = read_only
        self._session: Session | None = None
        self._line = Line()
        self._fetcher = Fetcher(self._run, limits or FetchLimits())
        self._layout = Layout()
        self._news = False
        self._waker = Waker()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def connected(self) -> bool:
        """Whether there is a session, as far as is known."""
        return self._session is not None

    def connect(self) -> None:
        """Begins a session, dropping the one there was: TLS, login, the folder opened.

        Raises Unreachable, Untrusted, Refused, Unavailable, FolderMissing, ReadOnly or Lost; without a session then.
        """
        self._drop()
        self._line = line = Line()
        with deadline(line, self._limit) as passed:
            try:
                self._session = open_session(self.account, line, self._login)
            except MailboxError as error:
                line.release()
                if passed.is_set():
                    raise self._too_late("connecting", self._limit) from error
                raise
        try:
            self._run("opening the folder", self._open)
        except MailboxError:
            self._drop()
            raise

    def search(self) -> list[int]:
        """The UIDs of every message in the folder, ascending, whatever its flags and date."""
        self._news = False

        def search(session: Session) -> list[int]:
            session.forget()
            # A server may search what it last told the client of; NOOP lets it tell of mail that came since.
            session.noop()
            return sorted(session.search("ALL"))

        return self._run("searching", search)

    def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        """All of `fetch_batches`, in one list: the caller bounds the memory by the number of `uids`."""
        return [one for batch in self.fetch_batches(uids) for one in batch]

    def fetch_batches(self, uids: Sequence[int]) -> Iterator[list[Fetched]]:
        """Every message asked for, once, in batches as they come; leaves \\Seen alone.

        Not an error, but told of: messages that are gone, over the size limit, or that the server does not give out.
        """
        return self._fetcher.batches(uids)

    def wait(self, seconds: float) -> bool:
        """Waits until new mail is announced (True), or `seconds` have passed, `wake` is called, or the server says
        anything else (False).

        By IDLE (RFC 2177) where the server has it, otherwise by a NOOP every 15 seconds. Search afterwards in any case:
        an announcement may get lost. `seconds` is how long one IDLE lasts; ten minutes is the most that is sensible.
        """
        until = time.monotonic() + seconds
        if self._run("asking for news", self._ask_for_news):
            return True
        if "IDLE" in self.capabilities:
            return self._run("waiting for mail", partial(self._idle, until), seconds + self._limit)
        while (left := until - time.monotonic()) > 0:
            if self._waker.pause(min(left, POLL_EVERY)):
                return False
            if self._run("asking for news", self._ask_for_news):
                return True
        return False

    def wake(self) -> None:
        """From any thread: ends the wait that is under way, or the next one."""
        self._waker.ring()

    def cut(self) -> None:
        """From any thread: cuts the connection, so that whatever is under way ends at once with Lost."""
        self._line.cut()
        self.wake()

    def ensure_folders(self, names: Iterable[str]) -> None:
        """Creates the folders that are missing, and makes sure that each can hold messages.

        `names` are written with "/" between levels, whatever the server uses. Raises Declined where one cannot be had.
        """
        for name in names:
            self._run(f"making sure of the folder {name}", partial(ensure_folder, name=name, layout=self._layout))

    def move(self, uids: Sequence[int], target: str) -> dict[int, Moved]:
        """Moves messages to the folder `target` (written with "/"), and says what became of each.

        Raises FolderMissing, OverQuota, ReadOnly or Declined with nothing changed, and Lost with the outcome unknown:
        what was moved is no longer found then. Where this happens after the first 250, what is known so far is
        returned, and messages not in the result have not been dealt with.
        """
        if self._read_only:
            raise ReadOnly(f"The folder {self.account.folder} was opened for reading only: nothing is moved.")
        mover = Mover(self._run, has_move="MOVE" in self.capabilities, has_uidplus="UIDPLUS" in self.capabilities)
        results: dict[int, Moved] = {}
        for start in range(0, len(uids), MOVE_AT_ONCE):
            try:
                results |= mover.move(uids[start : start + MOVE_AT_ONCE], self._layout.server_name(target))
            except MailboxError:
                if not results:
                    raise
                break
            self._run("moving messages", self._forget)
        return results

    def probe(self) -> None:
        """Makes sure that the session still answers, within seconds. Raises Lost."""
        self._run("probing the connection", self._ask_for_news, FAREWELL)

    def disconnect(self) -> None:
        """Ends the session, with a goodbye where it is sound; `connect` begins another."""
        if self._session is not None:
            with suppress(MailboxError):
                self._run("logging out", lambda session: session.logout(), FAREWELL)
        self._drop()

    def close(self) -> None:
        """Ends the session and frees everything: this object is not used again."""
        self.disconnect()
        self._waker.close()

    def _run(self, doing: str, step: Callable[[Session], T], limit: float | None = None) -> T:
        """One step on the session, under a deadline. Whatever goes wrong leaves as a MailboxError."""
        session = self._session
        if session is None:
            raise Lost(f"There is no connection to {self.account.where}.")
        limit = self._limit if limit is None else limit
        with deadline(self._line, limit) as passed:
            try:
                return step(session)
            except Exception as error:  # noqa: BLE001 - a hostile or broken reply can raise anything in the parser
                problem = self._explain(error, session, doing)
                if passed.is_set():
                    problem = self._too_late(doing, limit)
                if not problem.connected:
                    self._drop()
                raise problem from (None if problem is error else error)

    def _explain(self, error: Exception, session: Session, doing: str) -> MailboxError:
        if isinstance(error, MailboxError):
            return error
        bye = session.untagged("BYE")
        return in_session(error, self.account.where, self.account.username, doing, bye=bye[-1] if bye else b"")

    def _too_late(self, doing: str, limit: float) -> Lost:
        return Lost(f"{self.account.where} took over {limit:g} seconds while {doing}, so the connection was cut.")

    def _drop(self) -> None:
        if self._session is not None:
            hang_up(self._session)
            self._session = None
        self._line.release()

    def _open(self, session: Session) -> None:
        self.capabilities = frozenset(one.decode("ascii", "replace").upper() for one in session.capabilities())
        self._layout = ask_for_layout(session)
        session.forget()
        answer = session.select_folder(self._layout.server_name(self.account.folder), readonly=self._read_only)
        uidvalidity = answer.get(b"UIDVALIDITY")
        if not isinstance(uidvalidity, int) or b"UIDNOTSTICKY" in answer:
            raise Unavailable(
                f"{self.account.where} keeps no lasting message numbers (UIDVALIDITY) for the folder "
                f"{self.account.folder}, without which no message can be known again. Choose another folder or server."
            )
        if uidvalidity != self.uidvalidity:
            self._fetcher.forget()
        self.uidvalidity = uidvalidity
        session.forget()
        self._news = True

    def _forget(self, session: Session) -> None:
        """Frees what imaplib collected, but for the announcement of new mail."""
        self._news = self._news or bool(session.untagged("EXISTS"))
        session.forget()

    def _ask_for_news(self, session: Session) -> bool:
        """Whether new mail was announced since the last search."""
        self._forget(session)
        _, responses = session.noop()
        self._news = self._news or announces_mail(responses)
        self._forget(session)
        return self._news

    def _idle(self, until: float, session: Session) -> bool:
        self._news = idle(session, self._waker, until) or self._news
        self._forget(session)
        return self._news
