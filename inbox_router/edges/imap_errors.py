"""What can go wrong with a mailbox, in words that say which mailbox, what the server said and what a person can do."""

# ruff: noqa: N818 - callers read `except Lost`, as the names of outcomes; all of them are MailboxError.

from __future__ import annotations

import re
import socket
import ssl

from imapclient.exceptions import (
    CapabilityError,
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    ProtocolError,
)

LONGEST_REPLY = 300
"""Characters of a server's reply that are kept."""

_BYTES_LITERAL = re.compile(r"""\[?b(['"])(.*)\1\]?$""", re.DOTALL)
"""How imaplib writes a server's words into its own messages."""
_BACKEND_GONE = ("authenticated but not connected", "server unavailable", "[unavailable]", "[inuse]")
_NO_SUCH_FOLDER = ("[trycreate]", "[nonexistent]", "doesn't exist", "does not exist", "no such mailbox")
_OVER_QUOTA = ("[overquota]", "[limit]", "quota exceeded", "over quota")


class MailboxError(Exception):
    """Something is wrong with the mailbox. The text is a sentence for people; it never holds a password.

    `reply` is the server's own words, on one line, or "" where it said nothing. `connected` says whether the session
    can still be used; where it cannot, it has been dropped and `connect()` is the way on.
    """

    connected = False

    def __init__(self, text: str, *, reply: str = "") -> None:
        super().__init__(text)
        self.reply = reply


class Unreachable(MailboxError):
    """No session could be set up: name, network, port, or the server turned the connection away. Try again later."""


class Untrusted(MailboxError):
    """The server's certificate, or its lack of TLS, stands in the way. Nothing secret was sent. A person has to act."""


class Refused(MailboxError):
    """The server refused the credentials. Trying again soon does not help and may lock the account."""


class Unavailable(MailboxError):
    """The account was accepted, but the mailbox behind it cannot be had. Try again, slowly."""


class Lost(MailboxError):
    """The session was lost or is in doubt: cut, timed out, over its deadline, BYE. Connect again."""


class Malformed(Lost):
    """The server's reply could not be understood, so the session was dropped. Connect again."""


class Declined(MailboxError):
    """The server said NO (or BAD) to a command and nothing was changed by it. The session goes on."""

    connected = True


class FolderMissing(Declined):
    """The folder named does not exist; nothing was changed."""


class OverQuota(Declined):
    """The account is full, so the server will not copy or move; nothing was changed."""


class ReadOnly(Declined):
    """The folder was opened, or is granted, for reading only; nothing was changed."""


def words(raw: object, *, secret: str = "") -> str:
    """A server's reply, or an exception's text, on one line, shortened, without control characters and `secret`."""
    if isinstance(raw, OSError) and raw.strerror:
        raw = raw.strerror
    elif isinstance(raw, BaseException):
        raw = raw.args[0] if raw.args else type(raw).__name__
    if isinstance(raw, list | tuple):
        raw = raw[0] if raw else ""
    text = bytes(raw).decode("utf-8", "replace") if isinstance(raw, bytes | bytearray) else str(raw)
    text = _BYTES_LITERAL.sub(r"\2", text[: 10 * LONGEST_REPLY])
    if secret:
        text = text.replace(secret, "(password)")
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST_REPLY else line[: LONGEST_REPLY - 1] + "\N{HORIZONTAL ELLIPSIS}"


def while_connecting(error: Exception, where: str) -> MailboxError:
    """What an exception before login means. `where` is `host:port`."""
    reply = words(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Untrusted(
            f"The certificate of {where} is not trusted: {error.verify_message}. Check the host name in the "
            "configuration, and `ca_file` if the certificate was issued by the force's own authority.",
            reply=reply,
        )
    if isinstance(error, CapabilityError):
        return Untrusted(
            f"{where} does not offer STARTTLS, so nothing was sent to it. Set `security: tls` if it has a port for "
            "that, or ask its administrator.",
            reply=reply,
        )
    if isinstance(error, ssl.SSLError):
        return Untrusted(
            f"No TLS connection could be made with {where}: {reply}. Check that the port is the one for "
            "`security: tls`.",
            reply=reply,
        )
    if isinstance(error, socket.gaierror):
        return Unreachable(
            f"The name in {where} could not be resolved: {error.strerror}. Check it, and the network's DNS."
        )
    if isinstance(error, TimeoutError):
        return Unreachable(
            f"{where} did not answer in time. Check that the server runs and that no firewall is in between."
        )
    if isinstance(error, OSError):
        return Unreachable(
            f"{where} could not be reached: {error.strerror or reply}. Check that the server runs and that the port is "
            "right."
        )
    return Unreachable(f"{where} turned the connection away. The server said: {reply}", reply=reply)


def at_login(error: Exception, where: str, username: str, secret: str) -> MailboxError:
    """What an exception of the login means: IMAPClient's LoginError also wraps a connection that was cut."""
    cause = error.__context__ if isinstance(error.__context__, IMAPClientError) else error
    reply = words(cause, secret=secret)
    if isinstance(cause, IMAPClientAbortError | OSError):
        return Lost(f"The connection to {where} was lost while logging in as {username}: {reply}", reply=reply)
    if _says(reply, _BACKEND_GONE):
        return _unavailable(where, username, reply)
    return Refused(
        f"{where} refused the login of {username}. The server said: {reply} - check the user name and the password or "
        "secret (has it expired?), and that the account may use IMAP. It is tried again slowly, so as not to lock it.",
        reply=reply,
    )


def in_session(error: Exception, where: str, username: str, doing: str, *, bye: bytes = b"") -> MailboxError:
    """What an exception in a session means; `doing` completes "while", `bye` is what the server said with BYE."""
    reply = words(bye or error)
    if bye:
        return Lost(f"{where} ended the session of {username} while {doing}, and said: {reply}", reply=reply)
    if isinstance(error, IMAPClientReadOnlyError):
        return ReadOnly(
            f"{where} lets {username} only read this folder, so nothing can be moved. Give the account the right to "
            "change it, or run in observe mode.",
            reply=reply,
        )
    if isinstance(error, ProtocolError):
        return Malformed(f"A reply of {where} while {doing} could not be understood: {reply}", reply=reply)
    if isinstance(error, TimeoutError):
        return Lost(f"{where} stopped answering while {doing} ({username}).", reply=reply)
    if isinstance(error, IMAPClientAbortError | OSError):
        return Lost(f"The connection to {where} was lost while {doing} ({username}): {reply}", reply=reply)
    if isinstance(error, IMAPClientError):
        return declined(reply, where, username, doing)
    return Malformed(f"A reply of {where} while {doing} could not be understood ({type(error).__name__}).", reply=reply)


def declined(reply: str, where: str, username: str, doing: str) -> MailboxError:
    """What a NO or BAD means."""
    if _says(reply, _BACKEND_GONE):
        return _unavailable(where, username, reply)
    text = f"{where} declined while {doing} ({username}). The server said: {reply}"
    if _says(reply, _NO_SUCH_FOLDER):
        return FolderMissing(f"{text} - nothing was changed; create the folder, or correct its name.", reply=reply)
    if _says(reply, _OVER_QUOTA):
        return OverQuota(f"{text} - nothing was changed; make room in the account or raise its quota.", reply=reply)
    if _says(reply, ("read-only", "read only", "[noperm]", "permission denied")):
        return ReadOnly(f"{text} - nothing was changed; give the account the right to change the folder.", reply=reply)
    return Declined(text, reply=reply)


def _unavailable(where: str, username: str, reply: str) -> Unavailable:
    return Unavailable(
        f"{where} accepted {username} but does not give out the mailbox. The server said: {reply} - check that the "
        "mailbox exists and has a licence, that IMAP is switched on for it, that a shared mailbox is named as the "
        "server wants it, and that the server is not in maintenance.",
        reply=reply,
    )


def _says(reply: str, signs: tuple[str, ...]) -> bool:
    lower = reply.lower()
    return any(sign in lower for sign in signs)
