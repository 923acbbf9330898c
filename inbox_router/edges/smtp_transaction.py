"""One message on one connection, phase by phase (RFC 5321 section 3.3): an answer for each recipient.

What a lost connection means depends on how far it got: until the message's own octets were sent nothing was handed over
and it is deferred; after that it is uncertain.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPResponseException, SMTPServerDisconnected

from inbox_router.core.delivery import DeliveryState, Submission
from inbox_router.core.outgoing import address
from inbox_router.core.replies import Answer, accepted
from inbox_router.edges.smtp_session import FAILURES, SmtpAccount

_START_MAIL_INPUT = 354
_SERVICE_CLOSING = 421


class Transaction:
    """One message on one connection, phase by phase."""

    def __init__(self, client: SMTP, submission: Submission, account: SmtpAccount) -> None:
        self._client = client
        self._submission = submission
        self._account = account
        self._phase = "mail"
        self.answers: dict[str, Answer] = {}
        self.clean = False
        """The connection stands where a next message may begin."""
        self.found_dead = False
        """The connection was gone before anything of this message was taken."""

    async def run(self) -> None:
        try:
            await self._run()
        except FAILURES as error:
            self.found_dead = self._phase == "mail"
            self._settle(self._lost(error))
            self.clean = False

    async def _run(self) -> None:
        self._refuse_what_is_no_address()
        if self._open() and (unfit := self._unfit()):
            self._settle(unfit)
        if not self._open():
            self.clean = True
            return
        if not await self._envelope():
            return
        self._phase = "data"
        code, text = await self._command(b"DATA")
        if code != _START_MAIL_INPUT:
            self._settle(Answer.server(code, text, "data"))
            await self._reset(code)
            return
        code, text = await self._content()
        if code // 100 in (2, 4, 5):
            self._settle(Answer.server(code, text, "dot"))
            self.clean = code != _SERVICE_CLOSING
        else:
            raise SMTPResponseException(code, text)

    def _unfit(self) -> Answer | None:
        """Why this server cannot take this message at all, known from its greeting (RFC 1870, RFC 6152, RFC 6531)."""
        size, limit = len(self._submission.octets), self._client.esmtp_extensions.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < size:
            words = f"not sent: the message has {size} octets, and the server takes at most {int(limit)}"
            return Answer.ours(DeliveryState.BOUNCED, "5.3.4", words, "mail")
        if self._international() and not self._client.supports_extension("smtputf8"):
            words = "not sent: an address is outside ASCII, and the server does not offer SMTPUTF8"
            return Answer.ours(DeliveryState.BOUNCED, "5.6.7", words, "mail")
        if not self._submission.octets.isascii() and not self._client.supports_extension("8bitmime"):
            words = "not sent: the message has eight-bit octets, and the server does not offer 8BITMIME"
            return Answer.ours(DeliveryState.BOUNCED, "5.6.3", words, "mail")
        return None

    def _refuse_what_is_no_address(self) -> None:
        """Before anything is said to the server: what is no address could be read as another command's words."""
        for recipient in self._submission.recipients:
            if words := _no_address(recipient):
                self.answers[recipient] = Answer.ours(DeliveryState.BOUNCED, "5.1.3", words, "rcpt")
        if self._submission.sender and (words := _no_address(self._submission.sender)):
            self._settle(Answer.ours(DeliveryState.BOUNCED, "5.1.7", words, "mail"))

    def _open(self) -> list[str]:
        """The recipients that have no answer yet."""
        return [each for each in dict.fromkeys(self._submission.recipients) if each not in self.answers]

    def _international(self) -> bool:
        return not all(each.isascii() for each in (self._submission.sender, *self._open()))

    async def _envelope(self) -> bool:
        """MAIL and every RCPT; whether any recipient was accepted. One refused never stands in another's way."""
        code, text = await self._command(b"MAIL", b"FROM:" + _path(self._submission.sender), *self._options())
        if not accepted(code):
            self._settle(Answer.server(code, text, "mail"))
            self.found_dead = code == _SERVICE_CLOSING
            await self._reset(code)
            return False
        self._phase = "rcpt"
        for recipient in self._open():
            code, text = await self._command(b"RCPT", b"TO:" + _path(recipient))
            if code == _SERVICE_CLOSING:
                self._settle(Answer.server(code, text, "rcpt"))
                return False
            if not accepted(code):
                self.answers[recipient] = Answer.server(code, text, "rcpt")
        if not self._open():
            await self._reset(code)
        return bool(self._open())

    def _options(self) -> Iterator[bytes]:
        if self._client.supports_extension("size"):
            yield b"SIZE=%d" % len(self._submission.octets)
        if not self._submission.octets.isascii():
            yield b"BODY=8BITMIME"
        if self._international():
            yield b"SMTPUTF8"

    async def _command(self, *words: bytes) -> tuple[int, str]:
        response = await self._client.execute_command(*words)
        if response.code < 200:
            raise SMTPResponseException(response.code, response.message)
        return response.code, response.message

    async def _content(self) -> tuple[int, str]:
        """The octets with their dots stuffed (RFC 5321 section 4.5.2), and the reply to the final one.

        Not by the client library's `data`: that is one step from DATA to the last reply, and rewrites line ends.
        """
        protocol = self._client.protocol
        if protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        octets = self._submission.octets
        ending = b".\r\n" if octets.endswith(b"\r\n") else b"\r\n.\r\n"
        start = b"." if octets.startswith(b".") else b""
        protocol.write(b"".join([start, octets.replace(b"\r\n.", b"\r\n.."), ending]))
        self._phase = "dot"
        response = await protocol.read_response(timeout=self._account.dot_timeout)
        return response.code, response.message

    async def _reset(self, code: int) -> None:
        """After a refusal: the connection stays good for the next message, unless the server is closing it."""
        if code != _SERVICE_CLOSING:
            with contextlib.suppress(*FAILURES):
                self.clean = (await self._client.rset()).code < 300

    def _settle(self, answer: Answer) -> None:
        """The same answer for every recipient that has none yet."""
        for recipient in self._open():
            self.answers[recipient] = answer

    def _lost(self, error: Exception) -> Answer:
        what = _what_happened(error, self._account.dot_timeout if self._phase == "dot" else self._account.timeout)
        if self._phase == "dot":
            words = f"{what} after the whole message was sent: the server may or may not have taken it"
            return Answer.ours(DeliveryState.UNCERTAIN, "4.4.2", words, "dot")
        words = f"{what} at {self._phase.upper()}, before anything of the message was sent"
        return Answer.ours(DeliveryState.DEFERRED, "4.4.2", words, self._phase)


def _no_address(value: str) -> str:
    try:
        address(value)
    except ValueError as error:
        return f"not sent: {error}"
    return ""


def _path(mailbox: str) -> bytes:
    """As it stands in MAIL and RCPT; the null sender is `<>`."""
    return b"<%b>" % (address(mailbox).encode() if mailbox else b"")


def _what_happened(error: BaseException, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {seconds:g} seconds"
    if isinstance(error, SMTPResponseException):
        return "the server answered with what is no SMTP reply"
    return "the connection was lost"
