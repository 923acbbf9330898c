"""What a message is by its structure: an automatic reply, a bounce, a reply, a forward; never by what its words say.

RFC 3834 (automatic replies), RFC 3464 (delivery status), RFC 8098 (disposition), and what Exchange, Exim, qmail and
vacation programs put in their place. X-Auto-Response-Suppress asks others not to answer, and says nothing of this
message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from inbox_router.core.fields import Fields, decode
from inbox_router.core.message import Trait
from inbox_router.core.mime import Part

LOOP_FIELD = "x-inbox-router-loop"

TAGS = re.compile(r"\s*(?:\[[^\]]{0,60}\]|\*{2,}[^*]{1,30}\*{2,})\s*")
REPLIED = re.compile(r"(?:re|aw|sv|antw|atb|vs|odp|ref|y)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
FORWARDED = re.compile(r"(?:fwd?|wg|tr|doorst|vb|vl|enc|pd|i|yml)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
AWAY = re.compile(
    r"(?:automatic reply|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|ateb awtomatig|allan o'r swyddfa|"
    r"automatische antwort|réponse automatique|automatisch antwoord|respuesta automática|risposta automatica)\b",
    re.IGNORECASE,
)
WITHDRAWAL = re.compile(r"recall\s*:", re.IGNORECASE)
WITHDRAWS = re.compile(r'would like to recall the message, ["“\u201d]', re.IGNORECASE)
PGP = re.compile(r"^-----BEGIN PGP MESSAGE-----\s*$", re.MULTILINE)

VACATION_FIELDS = frozenset({"x-autoreply", "x-autorespond", "x-autoresponse", "x-autoreply-from", "x-vacation"})
NDR_FIELDS = frozenset({"x-failed-recipients", "x-ms-exchange-message-is-ndr"})
RECALL_FIELDS = frozenset({"x-ms-exchange-recall-report", "x-ms-exchange-organization-recall-report"})
DAEMONS = frozenset({"mailer-daemon", "postmaster", "mail-daemon"})
REPORTED_TYPES = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
DISPOSITION_TYPES = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
RIGHTS_TYPES = frozenset({"application/x-microsoft-rpmsg-message", "application/pgp-encrypted"})


def traits_of(root: Part, address: str, body: str) -> frozenset[Trait]:
    """What a message is. `address` is its From address, `body` the text of its own bodies, for the few marks that stand
    in no field: an armoured PGP message, and the one sentence of Outlook's withdrawal."""
    fields = root.fields
    own_parts = list(parts_of_message(root))
    found = {trait for trait, seen in _by_field(fields).items() if seen}
    found |= _report(root, own_parts, address)
    if not found & {Trait.BOUNCE, Trait.RECEIPT}:
        found |= _automatic(fields)
    found |= _answer(fields)
    if any(part.media_type == "text/calendar" for part in own_parts):
        found.add(Trait.CALENDAR)
    if PGP.search(body) or any(map(_is_encrypted, own_parts)):
        found.add(Trait.ENCRYPTED)
    if RECALL_FIELDS & {name for name, _ in fields.items} or _withdraws(fields, body):
        found.add(Trait.RECALLED_BY_SENDER)
    return frozenset(found)


def parts_of_message(root: Part) -> Iterable[Part]:
    """The parts of a message, those of messages inside it left out."""
    open_parts = [root]
    while open_parts:
        part = open_parts.pop()
        yield part
        if not part.is_message:
            open_parts += reversed(part.parts)


def references_of(root: Part) -> tuple[str, ...]:
    """The messages that a message answers, and for a report those that it reports on, without angle brackets."""
    found = root.fields.message_ids("in-reply-to", "references")
    if root.media_type == "multipart/report" or root.fields.has("x-failed-recipients"):
        for part in parts_of_message(root):
            if part.media_type in DISPOSITION_TYPES | STATUS_TYPES:
                found += _fields_in(part).message_ids("original-message-id")
            elif part.media_type in REPORTED_TYPES:
                inner = part.parts[0].fields if part.parts else _fields_in(part)
                found += inner.message_ids("message-id")
    return tuple(dict.fromkeys(found))


def _fields_in(part: Part) -> Fields:
    """The fields in the body of a report part, all groups of them as one."""
    text = decode(part.content[:65_536])[0]
    items: list[tuple[str, bytes]] = []
    for line in text.splitlines():
        if line[:1] in {" ", "\t"} and items:
            items[-1] = (items[-1][0], items[-1][1] + b" " + line.strip().encode("utf-8", "replace"))
        elif ":" in line:
            name, _, value = line.partition(":")
            items.append((name.strip().lower(), value.strip().encode("utf-8", "replace")))
    return Fields(tuple(items))


def _by_field(fields: Fields) -> dict[Trait, bool]:
    precedence = fields.first("precedence").lower()
    return {
        Trait.OURS: fields.has(LOOP_FIELD),
        Trait.LIST: fields.has("list-id") or fields.has("list-post") or precedence == "list",
    }


def _report(root: Part, own_parts: Iterable[Part], address: str) -> set[Trait]:
    types = {part.media_type for part in own_parts}
    report = root.parameters.get("report-type", "").lower()
    is_report = root.media_type == "multipart/report"
    if is_report and (report == "disposition-notification" or types & DISPOSITION_TYPES):
        return {Trait.RECEIPT}
    from_nobody = root.fields.first("return-path") == "<>"
    by_daemon = from_nobody and address.partition("@")[0] in DAEMONS
    marked = any(root.fields.has(name) for name in NDR_FIELDS)
    if (is_report and report == "delivery-status") or types & STATUS_TYPES or marked or by_daemon:
        return {Trait.BOUNCE}
    return set()


def _automatic(fields: Fields) -> set[Trait]:
    submitted = fields.first("auto-submitted").lower().partition(";")[0].split()
    word = submitted[0] if submitted else ""
    away = bool(AWAY.match(_without_tags(fields.text("subject"))))
    from_nobody = fields.first("return-path") == "<>"
    if (
        word == "auto-replied"
        or fields.has("x-ms-exchange-inbox-rules-loop")
        or fields.first("precedence").lower() == "auto_reply"
        or any(fields.has(name) for name in VACATION_FIELDS)
        or (away and from_nobody)
        or (away and word in {"auto-generated", "auto-notified"})
    ):
        return {Trait.AUTO_REPLY}
    return {Trait.AUTO_GENERATED} if word in {"auto-generated", "auto-notified"} else set()


def _answer(fields: Fields) -> set[Trait]:
    subject = _without_tags(fields.text("subject"))
    if FORWARDED.match(subject):
        return {Trait.FORWARD}
    if REPLIED.match(subject) or fields.has("in-reply-to"):
        return {Trait.REPLY}
    return set()


def _without_tags(subject: str) -> str:
    """A subject without the tags that gateways and senders put before its prefix: `[EXTERNAL]`, `***SPAM***`."""
    while tag := TAGS.match(subject):
        subject = subject[tag.end() :]
    return subject


def _is_encrypted(part: Part) -> bool:
    if part.media_type == "multipart/encrypted" or part.media_type in RIGHTS_TYPES:
        return True
    return part.sealed == "encrypted" or part.name.lower().endswith(".rpmsg")


def _withdraws(fields: Fields, body: str) -> bool:
    by_class = (
        "recall" in fields.first("content-class").lower() or "outlook.recall" in fields.first("x-message-class").lower()
    )
    return by_class or bool(WITHDRAWAL.match(fields.text("subject")) and WITHDRAWS.search(body))
