"""Octets -> Message: subject and bodies by voice, nested messages, what it is by its structure, who it is from.

The text of attachments is not looked for here: `open_message` hands out the files, somebody with a bounded process
reads them, and `complete` puts what came out in its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from inbox_router.core.bodies import calendar_words, unflowed, versions
from inbox_router.core.fields import addresses, date, decode_words, plain
from inbox_router.core.html import Rendering, visible_text
from inbox_router.core.message import Attachment, Kind, Message, Passage, Readability, Sender, Trait
from inbox_router.core.mime import Limits, Part, Reader
from inbox_router.core.senders import sender_of
from inbox_router.core.traits import (
    DISPOSITION_TYPES,
    REPORTED_TYPES,
    STATUS_TYPES,
    parts_of_message,
    references_of,
    traits_of,
)
from inbox_router.core.voices import voices

__all__ = ["Extract", "File", "Limits", "Opened", "complete", "open_message"]

READ_AS_TEXT = frozenset({"text/plain", "text/enriched", "text/richtext"})
SIGNATURE_TYPES = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)
REPORT_TYPES = (REPORTED_TYPES - {"message/rfc822", "message/global"}) | STATUS_TYPES | DISPOSITION_TYPES
ELSEWHERE_TYPES = frozenset({"message/partial", "message/external-body"})
MARKING_FIELDS = (
    "x-protective-marking",
    "protective-marking",
    "msip_labels",
    "x-classification",
    "x-titus-metadata-40",
)
SHOWN_FIELDS = ("From", "Date", "To", "Subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An attachment to look into."""

    name: str
    """Made safe: no folder, no control characters, bounded; never empty."""
    media_type: str
    """As the sender declared it: a claim."""
    octets: bytes
    depth: int
    """0 for an attachment of the message itself, 1 for one of the message inside it."""
    inline: bool = False
    """Whether the sender asked for it to be shown within the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What came of looking into a file."""

    readability: Readability
    text: str = ""
    detail: str = ""
    is_message: bool = False
    """Whether the text is a message written out (an Outlook .msg), header fields first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A message whose attachments have not been looked into yet."""

    message: Message
    files: tuple[File, ...]
    room: int = 0
    """Characters of text that may still come out of the files."""


def open_message(octets: bytes, *, gateway: str, received: datetime | None, limits: Limits | None = None) -> Opened:
    """Read a message. `gateway` is the name of the one mail server whose Authentication-Results are believed.

    Never raises for what a message holds, and takes time in proportion to its size, up to the limits. What is wrong
    with it stands in `defects`; beyond a limit it has Trait.UNREADABLE, and as much of it as could be read.
    """
    try:
        return _Reading(octets, limits or Limits()).opened(gateway, received)
    except Exception as error:  # noqa: BLE001 - one message must never stop the others; the failure is on record
        return Opened(
            message=Message(
                sha256=hashlib.sha256(octets).hexdigest(),
                size=len(octets),
                message_id="",
                subject="",
                sender=Sender(address=""),
                received=_utc(received),
                traits=frozenset({Trait.UNREADABLE}),
                defects=(f"It could not be read at all ({type(error).__name__}).",),
            ),
            files=(),
        )


def complete(opened: Opened, extracts: Sequence[Extract]) -> Message:
    """The message with the text of its attachments: one extract for each file, in the same order (else ValueError).

    Beyond the room that is left, text is cut off and its attachment said to be too large.
    """
    passages: list[Passage] = []
    attachments: list[Attachment] = []
    room = opened.room
    for file, extract in zip(opened.files, extracts, strict=True):
        text, is_cut = plain(extract.text[:room]), len(extract.text) > room
        room -= len(text)
        if text.strip() and extract.is_message:
            passages += voices(text, depth=file.depth + 1)
        elif text.strip():
            passages.append(Passage(kind=Kind.ATTACHMENT, depth=file.depth, text=text, name=file.name))
        attachments.append(
            Attachment(
                name=file.name,
                media_type=file.media_type,
                size=len(file.octets),
                sha256=hashlib.sha256(file.octets).hexdigest(),
                depth=file.depth,
                readability=Readability.TOO_LARGE if is_cut else extract.readability,
                detail="The message holds more text than is read." if is_cut else extract.detail,
            )
        )
    message = opened.message
    return replace(
        message,
        passages=(*message.passages, *passages),
        attachments=(*attachments, *message.attachments),
    )


class _Reading:
    """One message while it is read: what has been gathered so far, in the order in which it stands."""

    def __init__(self, octets: bytes, limits: Limits) -> None:
        self.octets = octets
        self.limits = limits
        self.reader = Reader(limits)
        self.passages: list[Passage] = []
        self.files: list[File] = []
        self.shown: list[Attachment] = []
        self.words: list[str] = []
        """The text of the message's own bodies, for the traits that stand in no field."""
        self.header = ""
        """What the next body begins with: the fields of the nested message that it belongs to."""
        self.unreadable = False
        self.characters = 0

    def opened(self, gateway: str, received: datetime | None) -> Opened:
        root = self.reader.read(self.octets)
        fields = root.fields
        subject = fields.text("subject")
        if subject:
            self.passages.append(Passage(kind=Kind.SUBJECT, depth=0, text=subject))
        self.part(root, 0)
        sender, doubt = sender_of(fields, gateway)
        if doubt:
            self.reader.defect(doubt)
        traits = traits_of(root, sender.address, "\n".join(self.words))
        if self.unreadable or self.reader.over_limit or self.reader.lost_words:
            traits |= {Trait.UNREADABLE}
        message = Message(
            sha256=hashlib.sha256(self.octets).hexdigest(),
            size=len(self.octets),
            message_id=next(iter(fields.message_ids("message-id")), fields.first("message-id").strip("<> ")),
            subject=subject,
            sender=sender,
            recipients=tuple(each.address for each in addresses([*fields.written("to"), *fields.written("cc")])),
            sent=date(fields.first("date")),
            received=_utc(received),
            references=references_of(root),
            passages=tuple(self.passages),
            attachments=tuple(self.shown),
            traits=traits,
            markings=tuple(decode_words(value) for name in MARKING_FIELDS for value in fields.written(name) if value),
            defects=tuple(self.reader.defects),
        )
        room = self.limits.text_characters - self.characters
        return Opened(message=message, files=tuple(self.files), room=room)

    def part(self, part: Part, depth: int) -> None:
        """Take in one part, and those inside it."""
        kind = part.media_type
        if part.is_message:
            self._nested(part, depth)
        elif part.is_sealed and not part.parts:
            self._sealed(part)
        elif kind == "multipart/alternative":
            self._alternative(part, depth)
        elif part.parts:
            for child in part.parts:
                self.part(child, depth)
        elif self._is_body(part):
            self._body([part], depth)
        elif kind == "text/calendar":
            self._calendar(part, depth)
        elif kind in ELSEWHERE_TYPES:
            self.unreadable = True
            self.reader.defect("Its content is in pieces or elsewhere (message/partial or message/external-body).")
        elif kind not in REPORT_TYPES and not kind.startswith("multipart/"):
            self._file(part, depth)

    @staticmethod
    def _is_body(part: Part) -> bool:
        if part.disposition == "attachment" or part.media_type not in READ_AS_TEXT | {"text/html"}:
            return False
        return not part.name or part.disposition == "inline"

    def _nested(self, part: Part, depth: int) -> None:
        for inner in part.parts:
            self._say_header(depth)
            lines = (f"{name}: {inner.fields.text(name.lower())}" for name in SHOWN_FIELDS)
            self.header = "\n".join(line for line in lines if not line.endswith(": ")) + "\n\n"
            self.part(inner, depth + 1)
            self._say_header(depth + 1)

    def _say_header(self, depth: int) -> None:
        """Write the header of a nested message by itself, where it had no body to stand above."""
        if self.header.strip():
            self._say("", "", depth)
        self.header = ""

    def _sealed(self, part: Part) -> None:
        if part.sealed != "encrypted":
            self.unreadable = True
            self.reader.defect("Its words are inside a signed object that could not be opened.")

    def _alternative(self, part: Part, depth: int) -> None:
        """Versions of one body; whatever else stands among them is taken in as it comes."""
        bodies: list[Part] = []
        others: list[Part] = []
        for inner in parts_of_message(part):
            if not inner.parts or inner.is_message:
                (bodies if self._is_body(inner) else others).append(inner)
        self._body(bodies, depth)
        for other in others:
            self.part(other, depth)

    def _body(self, parts: Sequence[Part], depth: int) -> None:
        text: list[str] = []
        html: list[Rendering] = []
        for part in parts:
            if part.media_type == "text/html":
                html.append(self._rendering(part))
            else:
                text.append(unflowed(self.reader.text(part), part.parameters))
        rendering = None
        if html:
            shown = "\n".join(each.text for each in html)
            rendering = Rendering(text=shown, has_tables=any(each.has_tables for each in html))
        for name, version in versions("\n".join(text), rendering):
            self._say(name, version, depth)

    def _rendering(self, part: Part) -> Rendering:
        rendering = visible_text(self.reader.text(part))
        if rendering.is_cut:
            self.reader.exceeded("Its HTML is too large to be read in full.")
        if rendering.has_hidden_text:
            self.reader.defect("Its HTML holds words that are not shown; they were left out.")
        return rendering

    def _say(self, name: str, text: str, depth: int) -> None:
        text, self.header = self.header + text, ""
        room = self.limits.text_characters - self.characters
        if len(text) > room:
            self.reader.exceeded(f"It holds more than {self.limits.text_characters} characters of text.")
            text = text[:room]
        self.characters += len(text)
        if not depth:
            self.words.append(text)
        self.passages += voices(text, depth=depth, name=name)

    def _calendar(self, part: Part, depth: int) -> None:
        words = calendar_words(self.reader.text(part))
        if words:
            self._say("", words, depth)

    def _file(self, part: Part, depth: int) -> None:
        name = part.name or f"unnamed {part.media_type.partition('/')[0]}"
        shown = part.disposition == "inline" or (part.disposition == "" and part.fields.has("content-id"))
        is_picture = shown and part.media_type.startswith("image/")
        if not is_picture and part.media_type not in SIGNATURE_TYPES:
            self.files.append(
                File(name=name, media_type=part.media_type, octets=part.content, depth=depth, inline=shown)
            )
            return
        self.shown.append(
            Attachment(
                name=name,
                media_type=part.media_type,
                size=len(part.content),
                sha256=hashlib.sha256(part.content).hexdigest(),
                depth=depth,
                readability=Readability.NOT_OPENED,
                detail="a picture in the body" if is_picture else "a digital signature",
                inline=True,
            )
        )


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
