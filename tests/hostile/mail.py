"""Mail written by hand, octet by octet, so that what is wrong with it stands in plain sight."""

from __future__ import annotations

import base64
import quopri
from collections.abc import Iterable

from tests.edges import attachment_files as made

FORCE = "pennine.police.example"
GATEWAY = f"mx.{FORCE}"
PRISONS = "justice.gov.uk"

WORDS = (
    b"Licence revoked today, to be recalled to prison.\r\n"
    b"Prison number: A1234BC\r\n"
    b"Emergency recall: YES\r\n"
    b"Last known address: 4 Mill Lane, Halifax HX1 1AA\r\n"
)
"""An emergency recall as plain as can be: it goes to C division, offender management and the fugitives desk."""

COVER = b"Please see attached.\r\n"
TEXT = b"Content-Type: text/plain; charset=utf-8"
HTML = b"Content-Type: text/html; charset=utf-8"
BASE64 = b"Content-Transfer-Encoding: base64"


def vouched(domain: str = PRISONS) -> bytes:
    """The fields that the force's own gateway writes above those of the sender."""
    lines = (
        f"Authentication-Results: {GATEWAY}; dmarc=pass header.from={domain}",
        f"Received: from mail.{domain} by {GATEWAY}; Mon, 30 Nov 2026 09:28:45 +0000",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


SENDER = b"From: Duty Desk <duty.desk@justice.gov.uk>"
HEAD = (
    SENDER,
    b"To: force.intelligence@pennine.police.example",
    b"Subject: EMERGENCY RECALL",
    b"Date: Mon, 30 Nov 2026 09:28:38 +0000",
    b"Message-ID: <1@justice.gov.uk>",
)


def mail(*fields: bytes, body: bytes = WORDS, without: Iterable[bytes] = ()) -> bytes:
    """A message that the gateway vouches for. A field given replaces the one of its name; `without` drops some."""
    named = {field.partition(b":")[0].lower() for field in fields}
    dropped = named | {name.lower() for name in without}
    usual = [field for field in HEAD if field.partition(b":")[0].lower() not in dropped]
    return vouched() + b"\r\n".join([*usual, *fields]) + b"\r\n\r\n" + body


def part(*fields: bytes, body: bytes) -> bytes:
    return b"\r\n".join(fields) + b"\r\n\r\n" + body


def mixed(*parts: bytes, kind: bytes = b"mixed", fields: Iterable[bytes] = ()) -> bytes:
    """A multipart message of these parts."""
    return mail(*fields, b"Content-Type: multipart/" + kind + b"; boundary=edge", body=joined(parts))


def joined(parts: Iterable[bytes], boundary: bytes = b"edge") -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + each + b"\r\n" for each in parts) + b"--" + boundary + b"--\r\n"


def text(body: bytes = WORDS) -> bytes:
    return part(TEXT, body=body)


def html(body: bytes) -> bytes:
    return part(HTML, body=body)


def file(octets: bytes, name: str, media_type: str = "application/octet-stream") -> bytes:
    disposition = f'Content-Disposition: attachment; filename="{name}"'.encode()
    return part(f"Content-Type: {media_type}".encode(), disposition, BASE64, body=base64.encodebytes(octets))


def with_file(octets: bytes, name: str, media_type: str = "application/octet-stream", cover: bytes = COVER) -> bytes:
    """A covering line, and what matters in a file."""
    return mixed(text(cover), file(octets, name, media_type), fields=[b"Subject: notice"])


def quoted_printable(body: bytes) -> bytes:
    return quopri.encodestring(body)


# Files and objects that do not open


def locked_zip() -> bytes:
    """An archive whose one member needs a password: bit 0 of its flags is set, in both of its headers."""
    octets = bytearray(made.zipped({"notice.txt": b"Licence revoked"}))
    octets[6] |= 1
    octets[octets.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(octets)


def locked_pdf() -> bytes:
    locked = "/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /O <{0}> /U <{0}> /P -4 >>".format("ab" * 32)
    return made.pdf(made.words((50, 700, "Licence revoked")), trailer=locked)


def locked_docx() -> bytes:
    return made.compound({"EncryptedPackage": b"\0" * 64, "EncryptionInfo": b"\x04\0\x04\0"})


def bomb(octets: int = 300_000_000) -> bytes:
    """A document of a few hundred kilobytes that unpacks to hundreds of megabytes."""
    return made.docx(made.paragraph("Licence revoked"), more={"word/media/image1.png": bytes(octets)})


def archives_within(depth: int) -> bytes:
    octets = made.zipped({"notice.txt": b"Licence revoked"})
    for number in range(depth):
        octets = made.zipped({f"{number}.zip": octets})
    return octets


# Cryptographic Message Syntax (RFC 5652)


def _element(tag: int, content: bytes) -> bytes:
    size = len(content).to_bytes(4, "big")
    return bytes([tag, 0x84]) + size + content


def _content_info(kind: str, content: bytes) -> bytes:
    return _element(0x30, _element(0x06, bytes.fromhex(kind)) + _element(0xA0, content))


def signed(content: bytes) -> bytes:
    """A signed object with the words inside it; nobody checks its signature, so it has none."""
    kind = _element(0x06, bytes.fromhex("2a864886f70d010701"))
    words = _element(0x30, kind + _element(0xA0, _element(0x04, content)))
    return _content_info("2a864886f70d010702", _element(0x30, _element(0x02, b"\x01") + _element(0x31, b"") + words))


def enveloped(content: bytes) -> bytes:
    return _content_info("2a864886f70d010703", _element(0x30, _element(0x02, b"\x00") + _element(0x04, content)))


def sealed(octets: bytes, kind: bytes) -> bytes:
    """A message that is nothing but a CMS object."""
    return mail(
        b"Content-Type: application/pkcs7-mime; smime-type=" + kind + b"; name=smime.p7m",
        BASE64,
        body=base64.encodebytes(octets),
    )
