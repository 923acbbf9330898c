"""Octets -> a tree of parts (RFC 2045, 2046), within explicit limits, in linear time.

The tree is found by looking for boundaries in the octets, not line by line: a message of many megabytes of base64 costs
as much as copying it. Nothing raises; whatever is odd becomes a sentence in `Reader.defects`, and the reading goes on.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from inbox_router.core import cms
from inbox_router.core.fields import Fields, base64_octets, decode, parameters, plain, safe_name

FIELD_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
HEADER_END = re.compile(rb"\n\r?\n")
GUESSED_BOUNDARY = re.compile(rb"(?:^|\n)--([^\r\n]{1,70})\r?\nContent-", re.IGNORECASE)
TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")

MESSAGE_TYPES = frozenset({"message/rfc822", "message/global"})
SEALED_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
MOST_OCTETS_OF_A_CHARACTER = 4
PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})
PLAIN_OCTETS = bytes(range(0x20, 0x7F)) + b"\t\r\n"
MOST_NOISE = 0.3
"""Share of octets outside plain ASCII from which what came out of broken base64 is taken for noise, not for words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of one message is read. What goes beyond is not read, and the message is marked as unreadable."""

    octets: int = 40_000_000
    """Of the whole message, as transferred."""
    depth: int = 20
    """Parts within parts, nested messages included."""
    parts: int = 500
    header_octets: int = 65_536
    """Of one header, be it the message's or a part's."""
    text_characters: int = 200_000
    """Of all the text of a message: its own bodies, nested ones, and what came out of attachments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One node of the tree: a leaf with a body, or a container with parts of its own."""

    fields: Fields
    media_type: str
    """Lower case; `text/plain` where it is missing or makes no sense (RFC 2045 section 5.2)."""
    parameters: Mapping[str, str]
    disposition: str
    """`attachment`, `inline` or ""."""
    name: str
    """The file name, made safe; "" where there is none."""
    content: bytes
    """The octets of a leaf, transfer encoding undone; empty for a container."""
    parts: tuple[Part, ...] = ()
    sealed: str = ""
    """For a CMS object: `signed` or `encrypted`, or "" where it is neither, or cannot be read."""

    @property
    def charset(self) -> str:
        return self.parameters.get("charset", "")

    @property
    def is_message(self) -> bool:
        """Whether this holds a message, which is then its only part."""
        if self.media_type in MESSAGE_TYPES:
            return True
        return self.media_type == "application/octet-stream" and self.name.lower().endswith(".eml")

    @property
    def is_sealed(self) -> bool:
        """Whether this is a CMS object around the words themselves (RFC 8551), not a signature beside them."""
        return self.media_type in SEALED_TYPES


class Reader:
    """Reads one message. Holds what counts for the message as a whole: the parts so far, the defects, the limits."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.defects: list[str] = []
        self.over_limit = False
        self.lost_words = False
        """Whether the words of a body could not be had because its octets are damaged."""
        self._parts = 0

    def defect(self, sentence: str) -> None:
        """Note what was wrong; the same sentence counts once, however many parts have the fault."""
        if sentence not in self.defects:
            self.defects.append(sentence)

    def exceeded(self, sentence: str) -> None:
        """Note that a limit cut the reading short."""
        self.over_limit = True
        self.defect(sentence)

    def read(self, octets: bytes) -> Part:
        """The tree of a whole message."""
        if b"\n" not in octets[: self.limits.header_octets] and b"\r" in octets:
            self.defect("Its lines end in CR alone; it was read as if they ended in CRLF.")
            octets = octets.replace(b"\r", b"\n")
        end = len(octets)
        if end > self.limits.octets:
            self.exceeded(f"It is larger than {self.limits.octets} octets; only its header was read.")
            end = min(self._head(octets, 0, end)[1], self.limits.header_octets)
        start = octets.find(b"\n") + 1 if octets.startswith((b"From ", b">From ")) else 0
        return self._part(octets, start, end, depth=0)

    def text(self, part: Part) -> str:
        """The text of a leaf, by its declared charset or the nearest that fits."""
        most = self.limits.text_characters * MOST_OCTETS_OF_A_CHARACTER
        if len(part.content) > most:
            self.exceeded(f"It holds more than {self.limits.text_characters} characters of text.")
        text, problem = decode(part.content[:most], part.charset)
        if problem:
            self.defect(f"A {part.media_type} part {problem}; its text was guessed as UTF-8 or Windows-1252.")
        return plain(text)

    def _part(self, octets: bytes, start: int, end: int, *, depth: int, default: str = "text/plain") -> Part:
        self._parts += 1
        fields, body = self._head(octets, start, end)
        media_type, values = parameters(fields.first("content-type"))
        if not TYPE.fullmatch(media_type):
            if media_type:
                self.defect("A Content-Type field makes no sense; the part was read as plain text.")
            media_type = default
        disposition, disposition_values = parameters(fields.first("content-disposition"))
        part = Part(
            fields=fields,
            media_type=media_type,
            parameters=values,
            disposition=disposition if disposition in {"", "inline"} else "attachment",
            name=safe_name(disposition_values.get("filename") or values.get("name") or ""),
            content=b"",
        )
        if media_type.startswith("multipart/"):
            return self._multipart(part, octets, body, end, depth)
        return self._leaf(part, octets, body, end, depth)

    def _leaf(self, part: Part, octets: bytes, start: int, end: int, depth: int) -> Part:
        content = self._transfer_decoded(part, octets[start:end])
        if part.is_message:
            if depth < self.limits.depth and self._parts < self.limits.parts:
                return _with(part, parts=(self._part(content, 0, len(content), depth=depth + 1),))
            self._too_deep_or_many(depth)
        if part.is_sealed:
            return self._unsealed(part, content, depth)
        return _with(part, content=content)

    def _unsealed(self, part: Part, content: bytes, depth: int) -> Part:
        kind, inner = cms.opened(content)
        if inner is None or depth >= self.limits.depth:
            return _with(part, content=content, sealed=kind)
        return _with(part, sealed=kind, parts=(self._part(inner, 0, len(inner), depth=depth + 1),))

    def _multipart(self, part: Part, octets: bytes, start: int, end: int, depth: int) -> Part:
        if depth >= self.limits.depth:
            self._too_deep_or_many(depth)
            return part
        boundary = part.parameters.get("boundary", "").encode("utf-8", "replace")
        sections = self._sections(octets, start, end, boundary) if boundary else []
        if not sections:
            self.defect("A multipart has no part within its boundary.")
            guess = GUESSED_BOUNDARY.search(octets, max(0, start - 1), min(end, start + self.limits.header_octets))
            sections = self._sections(octets, start, end, guess[1].rstrip()) if guess else []
        if not sections:
            return _with(part, media_type="text/plain", content=octets[start:end])
        default = "message/rfc822" if part.media_type == "multipart/digest" else "text/plain"
        children: list[Part] = []
        for section_start, section_end in sections:
            if self._parts >= self.limits.parts:
                self._too_deep_or_many(depth)
                break
            children.append(self._part(octets, section_start, section_end, depth=depth + 1, default=default))
        return _with(part, parts=tuple(children))

    def _too_deep_or_many(self, depth: int) -> None:
        if self._parts >= self.limits.parts:
            self.exceeded(f"It has more than {self.limits.parts} parts; the rest was not read.")
        elif depth >= self.limits.depth:
            self.exceeded(f"Its parts are nested more than {self.limits.depth} deep; what is deeper was not read.")

    def _sections(self, octets: bytes, start: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
        """Where the parts between the delimiter lines of a multipart begin and end (RFC 2046 section 5.1.1)."""
        line = rb"--" + re.escape(boundary) + rb"(--)?[ \t]{0,100}\r?(?:\n|\Z)"
        delimiter = re.compile(line).match(octets, start, end)
        later = re.compile(rb"\n" + line)
        sections: list[tuple[int, int]] = []
        opened: int | None = None
        if delimiter is None:
            delimiter = later.search(octets, start, end)
        while delimiter is not None:
            if opened is not None:
                sections.append((opened, _before_line_end(octets, opened, delimiter.start() + 1)))
            opened = delimiter.end()
            if delimiter[1] or len(sections) > self.limits.parts:
                return sections
            delimiter = later.search(octets, opened - 1, end)
        if opened is not None:
            self.defect("A multipart is not closed: the message may have been cut off.")
            sections.append((opened, end))
        return sections

    def _head(self, octets: bytes, start: int, end: int) -> tuple[Fields, int]:
        """The fields that begin at `start`, and where the body after them begins."""
        stop = min(end, start + self.limits.header_octets)
        position, items = start, list[tuple[str, bytes]]()
        for line in octets[start:stop].splitlines(keepends=True):
            bare = line.rstrip(b"\r\n")
            if not bare:
                return _fields(items), position + len(line)
            if bare[:1] in b" \t" and items:
                items[-1] = (items[-1][0], items[-1][1] + b"\n" + bare)
            elif name := FIELD_NAME.match(bare):
                items.append((name[1].decode("ascii").lower(), bare[name.end() :]))
            elif bare.startswith((b"From ", b">From ")):
                self.defect("A mailbox separator stands among its fields; it was passed over.")
            else:
                self.defect("A header is not parted from its body by an empty line.")
                return _fields(items), position
            position += len(line)
        if stop < end:
            self.exceeded(f"A header is longer than {self.limits.header_octets} octets; the rest of it was not read.")
            blank = HEADER_END.search(octets, stop - 2, end)
            return _fields(items), blank.end() if blank else end
        return _fields(items), end

    def _transfer_decoded(self, part: Part, octets: bytes) -> bytes:
        encoding = part.fields.first("content-transfer-encoding").split(";")[0].strip().lower()
        if encoding == "base64":
            decoded, sound = base64_octets(octets)
            if not sound:
                self.defect("A part is not sound base64; it was decoded as far as it goes.")
                if part.media_type.startswith("text/") and _is_noise(decoded):
                    self.lost_words = True
            return decoded
        if encoding == "quoted-printable":
            return binascii.a2b_qp(octets)
        if encoding not in PLAIN_ENCODINGS:
            self.defect("A part names a transfer encoding that is not known; it was read as it stands.")
        return octets


def _fields(items: list[tuple[str, bytes]]) -> Fields:
    return Fields(tuple((name, value.strip()) for name, value in items))


def _is_noise(octets: bytes) -> bool:
    return len(octets.translate(None, PLAIN_OCTETS)) >= MOST_NOISE * len(octets)


def _before_line_end(octets: bytes, start: int, at: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    if at > start and octets[at - 1 : at] == b"\n":
        at -= 1
    return at - 1 if at > start and octets[at - 1 : at] == b"\r" else at


def _with(
    part: Part,
    *,
    media_type: str | None = None,
    content: bytes = b"",
    parts: tuple[Part, ...] = (),
    sealed: str = "",
) -> Part:
    return Part(
        fields=part.fields,
        media_type=media_type or part.media_type,
        parameters=part.parameters,
        disposition=part.disposition,
        name=part.name,
        content=content,
        parts=parts,
        sealed=sealed,
    )
