"""A session with the SMTP server: connecting, TLS, EHLO and logging in, and words for why none came about."""

from __future__ import annotations

import os
import socket
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException, SMTPResponseException

from inbox_router.core.delivery import DeliveryState
from inbox_router.core.replies import Answer

FAILURES = (SMTPException, OSError)
"""Whatever a server or a network can do to a client (timeouts and TLS errors are OSError)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpAccount:
    """The server that takes our mail, and how to reach it."""

    host: str
    port: int
    security: Literal["tls", "starttls", "plain"]
    """`tls` from the first octet (port 465), `starttls` (587): the certificate is always checked. `plain`: neither."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: Callable[[], Awaitable[str]] | None = field(default=None, repr=False)
    """Gives an OAuth access token (XOAUTH2) for `username` instead of a password; raises OSError where it cannot."""
    connections: int = 2
    """At most so many at once: hosted services refuse clients that open more."""
    timeout: float = 60.0
    """Seconds for each reply but the last."""
    dot_timeout: float = 300.0
    """Seconds for the reply to the final dot: servers scan before they answer, and giving up early makes duplicates."""
    ca_file: str | None = None
    """PEM file of the authorities to believe besides the system's."""


def tls_context(account: SmtpAccount) -> ssl.SSLContext | None:
    """Checks certificates and names; None where the account says `plain`. Raises OSError for an unusable `ca_file`."""
    if account.security == "plain":
        return None
    context = ssl.create_default_context()
    if account.ca_file:
        context.load_verify_locations(cafile=account.ca_file)
    return context


async def open_session(account: SmtpAccount, tls: ssl.SSLContext | None) -> SMTP:
    """A client that is ready for MAIL. Raises one of FAILURES; `unreachable` says what that means."""
    client = SMTP(
        hostname=account.host,
        port=account.port,
        timeout=account.timeout,
        use_tls=account.security == "tls",
        start_tls=account.security == "starttls",
        tls_context=tls,
    )
    try:
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        await _log_in(client, account)
    except BaseException:
        client.close()
        raise
    return client


def unreachable(error: Exception, account: SmtpAccount) -> Answer:
    """No session came about. Always deferred: it says nothing about the message, and is mended without touching it."""
    where = f"{account.host}:{account.port}"
    if isinstance(error, SMTPResponseException) and 200 <= error.code <= 599:
        text = _without_secrets(error.message, account)
        return replace(Answer.server(error.code, text, "connect"), state=DeliveryState.DEFERRED)
    enhanced, words = _why_unreachable(error, account)
    return Answer.ours(DeliveryState.DEFERRED, enhanced, f"{where}: {words}", "connect")


async def _log_in(client: SMTP, account: SmtpAccount) -> None:
    """One try with one mechanism: a second one with the same wrong password only hastens the account's lock-out."""
    if account.username is None:
        return
    if account.token is not None:
        await client.auth_xoauth2(account.username, await account.token())
        return
    offered = client.server_auth_methods
    preferred = ("cram-md5", "plain", "login") if account.security == "plain" else ("plain", "login", "cram-md5")
    mechanism = next((each for each in preferred if each in offered), None)
    if mechanism is None:
        raise SMTPException("the server offers no way to log in that is known here (PLAIN, LOGIN, CRAM-MD5)")
    log_in = {"plain": client.auth_plain, "login": client.auth_login, "cram-md5": client.auth_crammd5}[mechanism]
    await log_in(account.username, account.password or "")


def _why_unreachable(error: Exception, account: SmtpAccount) -> tuple[str, str]:
    """(RFC 3463 status, words) for a failure before the server could say anything."""
    chain = list(_causes(error))
    for each in chain:
        if isinstance(each, ssl.SSLCertVerificationError):
            return "4.7.5", f"its certificate is not accepted: {each.verify_message}"
        if isinstance(each, ssl.SSLError):
            return "4.7.5", f"TLS could not be agreed: {each.reason or 'no reason given'}"
        if isinstance(each, socket.gaierror):
            return "4.4.3", "this host name cannot be found"
    if any(isinstance(each, TimeoutError) for each in chain):
        return "4.4.1", f"no answer within {account.timeout:g} seconds"
    refused = next((os.strerror(each.errno) for each in chain if isinstance(each, OSError) and each.errno), "")
    if isinstance(error, SMTPException) and not isinstance(error, OSError):
        return "4.7.4", _without_secrets(str(error), account)
    return "4.4.1", f"cannot be connected to: {refused or 'the connection was lost'}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__


def _without_secrets(text: str, account: SmtpAccount) -> str:
    """A server that repeats what it was sent must not get a password into the journal."""
    secret = account.password or ""
    if not secret:
        return text
    plain = f"\0{account.username}\0{secret}"
    for known in (b64encode(plain.encode()).decode(), b64encode(secret.encode()).decode(), secret):
        text = text.replace(known, "(password)")
    return text
