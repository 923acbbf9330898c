"""A message saved as a file (RFC 5322: `.eml`, and web pages saved as `.mht`)."""

from __future__ import annotations

import base64
import binascii
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from inbox_router.core.html import visible_text
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.charsets import decode
from inbox_router.edges.extraction.correspondence import Correspondence, write_out
from inbox_router.edges.extraction.outcome import damaged, oversized

_WHAT = "The attached message"

Part = Message


def read(file: File, bounds: Bounds) -> Extract:
    """The message written out, with what is attached to it."""
    try:
        parsed = BytesParser(policy=compat32).parsebytes(file.octets)
    except RecursionError as deep:
        raise oversized(_WHAT) from deep
    letter = correspondence(parsed, file.depth, bounds)
    if not (letter.sender or letter.subject or letter.body or letter.files or letter.nested):
        raise damaged(_WHAT)
    return write_out(letter, bounds)


def correspondence(message: Part, depth: int, bounds: Bounds) -> Correspondence:
    """`message`, which lies at `depth`, with the messages nested in it; those beyond the bound of depth stay files."""
    bodies: dict[str, str] = {}
    nested: list[Correspondence] = []
    files: list[File] = []
    waiting: list[Part] = [message]
    seen = 0
    while waiting and seen < bounds.members:
        part = waiting.pop()
        seen += 1
        kind = part.get_content_type()
        if kind == "message/rfc822":
            inner = _inner(part)
            if inner is not None and depth < bounds.depth:
                nested.append(correspondence(inner, depth + 1, bounds))
            else:
                files.append(_file(part, depth + 1))
        elif part.is_multipart():
            waiting.extend(reversed(_parts(part)))
        elif kind in ("text/plain", "text/html") and not part.get_filename() and kind not in bodies:
            bodies[kind] = _body(part, kind)
        elif part.get_filename() or not kind.startswith("text/"):
            files.append(_file(part, depth + 1))
    return Correspondence(
        sender=_field(message, "From"),
        sent=_field(message, "Date"),
        to=_field(message, "To"),
        cc=_field(message, "Cc"),
        subject=_field(message, "Subject"),
        body=bodies.get("text/plain", "").strip() or bodies.get("text/html", ""),
        nested=tuple(nested),
        files=tuple(files),
    )


def _parts(part: Part) -> list[Part]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Message)] if isinstance(payload, list) else []


def _inner(part: Part) -> Part | None:
    """The nested message, also where it was sent base64, which RFC 2046 forbids and some gateways do."""
    parts = _parts(part)
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
        return parts[0] if parts else None
    try:
        octets = base64.b64decode(parts[0].as_bytes() if parts else _octets(part))
        return BytesParser(policy=compat32).parsebytes(octets)
    except (binascii.Error, ValueError, RecursionError):
        return None


def _body(part: Part, kind: str) -> str:
    text = decode(_octets(part), str(part.get_content_charset() or ""))
    return visible_text(text).text if kind == "text/html" else text


def _file(part: Part, depth: int) -> File:
    return File(
        name=" ".join(_words(str(part.get_filename() or "attachment")).split()),
        media_type=part.get_content_type(),
        octets=_octets(part),
        depth=depth,
    )


def _octets(part: Part) -> bytes:
    if part.is_multipart():
        return b"".join(inner.as_bytes() for inner in _parts(part))
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _field(message: Part, name: str) -> str:
    value = message.get(name)
    return "" if value is None else _words(str(value))


def _words(value: str) -> str:
    """RFC 2047, with every charset that is none forgiven."""
    try:
        pieces = decode_header(value)
    except Exception:  # noqa: BLE001 - the standard library raises all sorts on hostile words, which then stay as they are
        return value
    return "".join(piece if isinstance(piece, str) else decode(piece, charset or "") for piece, charset in pieces)
