"""A message of ours written out as octets (RFC 5322, RFC 2045-2047): seven-bit, CRLF, every value made safe here.

Written by hand and not with the standard library's generator: that re-flows what it is given, and the original must
leave as it came, bit for bit.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from inbox_router.core.lines import one_line, printable

UNWANTED_ANSWERS = "DR, RN, NRN, OOF, AutoReply"
"""Delivery reports of success, receipts, absence notes and auto-replies (MS-OXCMAIL). Not `All` and not `NDR`: a bounce
of a forwarded recall must come back to us."""

_LINE_CHARACTERS = 76
_ENCODED_WORD_OCTETS = 45
"""Become 60 characters of base64, 72 with the encoded word around them; RFC 2047 allows 75."""
_FIELD_CHARACTERS = 900
_ATTACHMENT_LINE = 76
"""Characters of base64, the most that RFC 2045 allows on a line."""
_ATTACHMENT_BLOCK = 10_000 * _ATTACHMENT_LINE * 3 // 4
"""Octets of a file that are written at a time, so that a large one does not take many times its size."""
_TOKEN = re.compile(r"[!#-'*+\-/-9=?A-Z^-~]+(?: [!#-'*+\-/-9=?A-Z^-~]+)*")
_ADDRESS = re.compile(r"[^\s\x00-\x20\x7f<>(),;:\\\"\[\]@]+@[^\s\x00-\x20\x7f<>(),;:\\\"\[\]@]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Originator:
    """Who our mail is from (RFC 5598): never the person whose message it is about."""

    name: str
    """The force's name as recipients see it: `Pennine Police - Force Intelligence`."""
    address: str
    """The From field. Replies come here, and a reply from a recipient acknowledges."""
    return_path: str
    """The envelope's sender: where bounces go. May be the same address; "" is the null sender."""
    loop_token: str
    """Stands in every message of ours and nowhere else, so that our own mail is known when it comes back."""
    domain: str
    """The right-hand side of our Message-IDs, and the domain that Crimestoppers reports never leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Octets that travel unaltered. Sent as `application/octet-stream` whatever they are: servers and clients along the
    way rewrite `message/rfc822` parts."""

    name: str
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Everything of one message of ours, before it is written out."""

    message_id: str
    to: Sequence[str]
    copy: Sequence[str] = ()
    subject: str
    date: datetime
    text: str
    html: str
    urgent: bool
    ours: Sequence[tuple[str, str]]
    """Our own fields: name without its `X-Inbox-Router-`, and value."""
    file: File | None = None


def write(letter: Letter, originator: Originator) -> bytes:
    """The octets of the message. The same letter always gives the same octets."""
    boundary = f"=_{letter.message_id.partition('@')[0][:40]}"
    body = _alternative(letter, f"{boundary}_a")
    if letter.file is not None:
        body = _mixed([body, _attachment(letter.file)], f"{boundary}_m")
    return b"".join([_fields(letter, originator), body])


def address(value: str) -> str:
    """The address, as it may stand in a field or in the envelope.

    Raises ValueError where it is none: addresses come from the configuration, so a person can mend it there.
    """
    if not _ADDRESS.fullmatch(value) or one_line(value, len(value)) != value:
        raise ValueError(f"{one_line(value, 80)!r} is not a mail address; correct it in the configuration")
    return value


def field(name: str, value: str) -> bytes:
    """One unstructured field, folded, in encoded words where it must be."""
    return f"{name}: {_folded(_encoded(one_line(value, _FIELD_CHARACTERS)), len(name) + 2)}\r\n".encode("ascii")


def _fields(letter: Letter, originator: Originator) -> bytes:
    written = [
        _addresses("From", [originator.address], originator.name),
        _addresses("To", letter.to),
        _addresses("Cc", letter.copy) if letter.copy else b"",
        field("Subject", letter.subject),
        field("Date", format_datetime(letter.date)),
        field("Message-ID", f"<{letter.message_id}>"),
        field("MIME-Version", "1.0"),
        field("Auto-Submitted", "auto-generated"),
        field("X-Auto-Response-Suppress", UNWANTED_ANSWERS),
    ]
    if letter.urgent:
        written += [field("X-Priority", "1"), field("Importance", "high"), field("Priority", "urgent")]
    written += [field(f"X-Inbox-Router-{name}", value) for name, value in letter.ours if value]
    return b"".join(written)


def _addresses(name: str, addresses: Iterable[str], display: str = "") -> bytes:
    """A field of addresses, one a line. An address outside ASCII stays UTF-8 (RFC 6532): the submission then asks for
    SMTPUTF8."""
    listed = ",\r\n ".join(address(each) for each in addresses)
    shown = _phrase(one_line(display, 120))
    return f"{name}: {shown} <{listed}>\r\n".encode() if shown else f"{name}: {listed}\r\n".encode()


def _phrase(text: str) -> str:
    if not text or (_TOKEN.fullmatch(text) and "=?" not in text):
        return text
    if text.isascii() and "=?" not in text:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return _encoded(text, always=True)


def _encoded(text: str, *, always: bool = False) -> str:
    """The text itself where it is plain ASCII that nobody can take for an encoded word, else in encoded words."""
    if text.isascii() and "=?" not in text and not always:
        return text
    words, room = [b""], _ENCODED_WORD_OCTETS
    for character in text:
        octets = character.encode()
        if len(words[-1]) + len(octets) > room:
            words.append(b"")
        words[-1] += octets
    return " ".join(f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in words)


def _folded(value: str, used: int) -> str:
    """Folded at spaces (RFC 5322 section 2.2.3); a word too long for a line keeps a line of its own."""
    lines: list[str] = []
    current, room = "", _LINE_CHARACTERS - used
    for word in value.split(" "):
        if current and len(current) + 1 + len(word) > room:
            lines.append(current)
            current, room = word, _LINE_CHARACTERS - 1
        else:
            current = f"{current} {word}" if current else word
    return "\r\n ".join([*lines, current])


def _alternative(letter: Letter, boundary: str) -> bytes:
    parts = [_text_part("plain", letter.text), _text_part("html", letter.html)]
    return _multipart("alternative", parts, boundary)


def _mixed(parts: Sequence[bytes], boundary: str) -> bytes:
    return _multipart("mixed", parts, boundary)


def _multipart(subtype: str, parts: Sequence[bytes], boundary: str) -> bytes:
    """Quoted-printable and base64 cannot hold `=_`, so no boundary can occur within a part (RFC 2045 section 6.7)."""
    mark = boundary.encode("ascii")
    head = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii")
    return b"".join([head, *(b"--%b\r\n%b\r\n" % (mark, part) for part in parts), b"--%b--\r\n" % mark])


def _text_part(subtype: str, text: str) -> bytes:
    lines = printable(text).rstrip("\n").replace("\n", "\r\n") + "\r\n"
    quoted = binascii.b2a_qp(lines.encode("utf-8"), istext=True)
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode("ascii") + quoted


def _attachment(file: File) -> bytes:
    starts = range(0, len(file.octets), _ATTACHMENT_BLOCK)
    head = (
        f'Content-Type: application/octet-stream;\r\n name="{file.name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment;\r\n filename="{file.name}"\r\n\r\n'
    )
    lines = b"".join(
        [head.encode("ascii"), *(_base64_lines(file.octets[start : start + _ATTACHMENT_BLOCK]) for start in starts)]
    )
    return lines.removesuffix(b"\r\n")


def _base64_lines(octets: bytes) -> bytes:
    encoded = base64.b64encode(octets)
    lines = [encoded[start : start + _ATTACHMENT_LINE] for start in range(0, len(encoded), _ATTACHMENT_LINE)]
    return b"\r\n".join([*lines, b""])
