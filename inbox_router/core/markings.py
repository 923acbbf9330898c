"""Protective markings (Government Security Classifications Policy) read as markings, never as words in a sentence.

`SECRET` counts on a line of its own, in brackets or at an end of the subject, after a label like `Classification:`, in
a marking field of the header, or in an attachment's name. `Secretary of State` and `private and confidential` do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from inbox_router.core.message import Kind, Message, Span

OFFICIAL = "OFFICIAL"
OFFICIAL_SENSITIVE = "OFFICIAL-SENSITIVE"
CONFIDENTIAL = "CONFIDENTIAL"
"""Of the policy before 2014: there is no rule for it today, so a person decides."""
SECRET = "SECRET"  # noqa: S105
TOP_SECRET = "TOP SECRET"  # noqa: S105

TIERS = (OFFICIAL, OFFICIAL_SENSITIVE, CONFIDENTIAL, SECRET, TOP_SECRET)
"""From the lowest to the highest. SENSITIVE is a marking inside OFFICIAL, yet it may not be dropped in what we send."""

_LEGACY = {"NOT PROTECTIVELY MARKED": OFFICIAL, "PROTECT": OFFICIAL_SENSITIVE, "RESTRICTED": OFFICIAL_SENSITIVE}

# Blanks between words are counted or begun only once: a line of a hundred thousand of them must not be tried from each.
_DASH = r"[-\u2010-\u2015:,/|(\[]"
_NAME = (
    r"(?:UK\s{1,20})?(?:TOP\s{1,20}SECRET|SECRET|CONFIDENTIAL"
    r"|OFFICIAL\s{0,20}[-\u2010-\u2015 :/(]?\s{0,20}SENSITIVE\)?|OFFICIAL"
    r"|NOT\s{1,20}PROTECTIVELY\s{1,20}MARKED|PROTECT|RESTRICTED)"
)
_CAVEAT_WORDS = (
    r"UK|EYES|ONLY|STRAP\d?|ATOMIC|CANUKUS|FIVE|REL|TO|RECIPIENTS|LOCSEN|PERSONAL|COMMERCIAL|DATA|LIMDIS|HANDLING"
    r"|SENSITIVE|[IVX1-3]+|AUS|CAN|NZ|US|GBR|USA"
)
_CAVEAT = rf"(?:[ \t]*{_DASH}[ \t]*|[ \t]+)(?:{_CAVEAT_WORDS})\b[)\]]?"
_ALONE = re.compile(rf"^[ \t*=_#>\-\[(|\u2022]*(?P<name>{_NAME})(?:{_CAVEAT})*[ \t*=_#\-\])|.]*$", re.MULTILINE)
_LABELLED = re.compile(
    r"^[ \t]*(?:(?:protective|security|document|government)[ \t]+)?"
    r"(?:marking|classification|gsc|gpms|security[ \t]+level)"
    rf"[ \t]{{0,40}}[:=\t][ \t]{{0,40}}(?P<name>{_NAME})\b(?![ \t]+(?-i:[a-z]))",
    re.MULTILINE | re.IGNORECASE,
)
_EDGE = re.compile(
    rf"^[ \t]*(?P<name>{_NAME})\b(?=[ \t]{{2,}}|\t)"
    rf"|(?<![ \t])(?=[ ]*\t|[ ]{{3}})[ \t]+(?P<last>{_NAME})[ \t]*$",
    re.MULTILINE,
)
_SUBJECT = re.compile(
    rf"[\[({{](?P<bracket>{_NAME})(?:{_CAVEAT})*[\])}}]"
    rf"|^(?:(?:RE|FW|FWD)\s*:\s*|\[EXTERNAL\]\s*)*(?P<first>{_NAME})(?:{_CAVEAT})*\s*(?:[-\u2010-\u2015:/|]|$)"
    rf"|[-\u2010-\u2015:/|]\s*(?P<last>{_NAME})(?:{_CAVEAT})*\s*$"
)
_FIELD_NAME = re.compile(_NAME, re.IGNORECASE)
_FILE_NAME = re.compile(r"(?:^|[\s_\-.\[(])(?P<name>TOP[ _]SECRET|SECRET)(?=$|[\s_\-.\])])(?![ _-]?(?:SANTA|SHOPPER))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """The highest protective marking of a message; `level` is "" where it carries none."""

    level: str = ""
    over_tier: bool = False
    text: str = ""
    part: str = ""
    span: Span | None = None


def find_marking(message: Message, tier: str) -> Marking:
    """The highest marking found, and whether it is above `tier` (`OFFICIAL` means its -SENSITIVE as well)."""
    ceiling = max(TIERS.index(tier), TIERS.index(OFFICIAL_SENSITIVE))
    best = Marking()
    for found in _markings(message):
        if not best.level or TIERS.index(found.level) > TIERS.index(best.level):
            best = found
    over = bool(best.level) and TIERS.index(best.level) > ceiling
    return Marking(level=best.level, over_tier=over, text=best.text, part=best.part, span=best.span)


def _markings(message: Message) -> Iterator[Marking]:
    for field in message.markings:
        if match := _FIELD_NAME.search(field):
            yield Marking(level=_level(match.group()), text=match.group(), part="header")
    for attachment in message.attachments:
        if match := _FILE_NAME.search(attachment.name):
            yield Marking(level=_level(match["name"]), text=match["name"], part="attachment name")
    for number, passage in enumerate(message.passages):
        patterns = (_SUBJECT,) if passage.kind is Kind.SUBJECT else (_ALONE, _LABELLED, _EDGE)
        for pattern in patterns:
            for match in pattern.finditer(passage.text):
                name = next(group for group in match.groups() if group)
                span = Span(passage=number, start=match.start(), end=match.end())
                yield Marking(level=_level(name), text=name, part=passage.part, span=span)


def _level(name: str) -> str:
    words = " ".join(name.upper().replace("_", " ").split()).removeprefix("UK ")
    if words in _LEGACY:
        return _LEGACY[words]
    if words.startswith(OFFICIAL):
        return OFFICIAL_SENSITIVE if "SENSITIVE" in words else OFFICIAL
    return words
