"""Whose is it: which label governs a value that was found in text.

`Last known address: 12 High Street, Halifax HX1 1AA` makes the postcode the subject's; `Victim area: Pudsey LS28`, the
prison's letterhead and `(victim)` behind it make one somebody else's. Labels are phrases that officers list; the layout
of forms (one field a line, values over several lines, table rows) is read here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from inbox_router.core.columns import heading

REACH = 320
"""A label reaches at most this many characters: an address of six lines."""

_BEHIND = 36
"""How far behind a value a remark such as `(victim)` may begin."""

_OWNER_REACH = 60
"""How far before `living at` the person may be named whose address it tells."""

_FIELD = re.compile(
    r"^[ \t]*(?:\d{1,2}[.)][ ]*)?[^\W\d][^\n:\t]{1,48}?"
    r"(?::(?!\d)|\t|(?:[ ]*\.){3}|[ ]{3,}(?!\S{2,4} ?\d[A-Za-z]{2}\s*$)(?=\S))",
    re.MULTILINE,
)
"""A line that begins a field of a form: `Probation: ...`, `MAPPA    2`, a table row, dotted leaders."""

_SENTENCE_END = re.compile(r"[.!?][\"')\u201d\u2019]*\s+(?=[A-Z(])")
_ABBREVIATION = re.compile(
    r"\b(?:Rd|St|Ave|Av|Ln|La|Cl|Dr|Mr|Mrs|Ms|No|Nr|Apt|Pl|Cres|Gdns|Gds|Tce|Terr|Sq|Ct|Hse|Bldg|[A-Z])$"
)
_LEAD = re.compile(r"^(?:[ \t]*\([^)\n]{0,80}\))?(?:[^\n.;()]{0,60}?:[ \t]*)?[\s:;.,)\]*\-\u2013\u2014?]*")
_WHOSE = re.compile(r"[^\n.;\d]{1,32}\n[ \t]*\n(?=[ \t])")
"""`residing at his father's`, a blank line, and the address set in."""
_NEW_SENTENCE = re.compile(r"\.\s+[A-Z][a-z]*\s+[a-z]+\s")
"""What follows a label that ended its sentence; the dots of a form are followed by an address."""
_OTHER_PERSON = re.compile(r"\b(?:he|she|they|him|subject|prisoner|offender|licensee)\b", re.IGNORECASE)
_PROSE = re.compile(r"\b(?:at|with|in|to|of|is)\W*$", re.IGNORECASE)


class Standing(IntEnum):
    """How well a value is tied to what is sought; the lower the better."""

    LABELLED = 0
    """Directly under the label of a field: `Last known address: ...`."""
    TOLD = 1
    """In running words: `he is living at ...`."""
    UNLABELLED = 2
    ELSEWHERE = 3
    """Somebody else's, or under the label of something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label phrase where it stands in a passage; `ours` where it names what is sought."""

    start: int
    end: int
    ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Governed:
    standing: Standing
    label: Label | None = None


def governed(text: str, labels: Sequence[Label], start: int, end: int) -> Governed:
    """Which label the value at `start` to `end` stands under.

    `labels` are those of the entity in this passage, in order of their ends. The nearest label before the value
    counts, unless a field of the form, a blank line or a sentence ends between the two. In running words a label such
    as `living at` yields to somebody else's that it belongs to: `the victim, who is living at ...`.
    """
    above = heading(text, labels, start)
    if above is not None:
        return Governed(standing=Standing.LABELLED if above.ours else Standing.ELSEWHERE, label=above)
    behind = _remark_behind(text, labels, end)
    nearest = _nearest(text, labels, start)
    named = _named_behind(text, labels, end)
    if named is not None and behind is None and (nearest is None or not nearest.ours):
        return Governed(standing=Standing.TOLD, label=named)
    if nearest is None:
        return Governed(standing=Standing.ELSEWHERE if behind else Standing.UNLABELLED, label=behind)
    if not nearest.ours:
        return Governed(standing=Standing.ELSEWHERE, label=nearest)
    if not _in_prose(text, nearest):
        return Governed(standing=Standing.LABELLED, label=nearest)
    owner = behind or _owner_before(text, labels, nearest)
    if owner is not None:
        return Governed(standing=Standing.ELSEWHERE, label=owner)
    return Governed(standing=Standing.TOLD, label=nearest)


def _nearest(text: str, labels: Sequence[Label], position: int) -> Label | None:
    """The nearest label that reaches the value; a word of an address (`Saltersgate Court`) does not break its field."""
    best: Label | None = None
    for label in _backwards(labels, position, REACH):
        if best is not None and best.ours and not label.ours and _owns(text, label, best):
            best = label
            continue
        if best is not None and not best.ours and label.ours and _one_heading(text, label, best):
            return label
        if best is not None and label.end <= best.start and (best.ours or _begins_field(text, best)):
            break
        if best is not None and label.end <= best.start and (not label.ours or _in_prose(text, label)):
            continue
        if (best is None or label.start < best.start) and reaches(text, label.end, position):
            best = label
    return best


def _owns(text: str, label: Label, best: Label) -> bool:
    """Whether the label right before another says whose it is: `Victim's last known address`, `Prison address`."""
    if text[label.end : best.start] != " ":
        return False
    possessive = text[label.start : label.end].endswith(("'s", "s'", "\u2019s", "s\u2019"))
    return possessive or " " not in text[best.start : best.end]


def _one_heading(text: str, label: Label, best: Label) -> bool:
    """Whether two labels are one field's heading: `Release address given by prison: ...`."""
    if re.match(r"[ ]*:", text[best.end : best.end + 4]) is None or _in_prose(text, label):
        return False
    return re.fullmatch(r"[^\n:.;,\t]{1,40}", text[label.end : best.start]) is not None


def _in_prose(text: str, label: Label) -> bool:
    """Whether a label is part of a sentence: `living at`, `her address is`."""
    words = text[label.start : label.end]
    if re.match(r"[ \t]*:", text[label.end : label.end + 4]):
        return False
    if _PROSE.search(words):
        return True
    told = re.match(r"[ \t]+(?:is|was|being|as)\b", text[label.end : label.end + 12]) is not None
    return told and len(words.split()) == 1


def _begins_field(text: str, label: Label) -> bool:
    """Whether a label stands as one: a colon or a cell's end behind it, or at the beginning of a line or a bracket."""
    if re.match(r"[ ]*(?:\([^)\n]{0,40}\)[ ]*)?[:=\t]", text[label.end : label.end + 50]):
        return True
    before = text[max(0, label.start - 12) : label.start]
    return re.search(r"(?:^|[\n(;\t])[ ]*(?:(?:the|his|her|their)[ ]+)?$", before) is not None


def reaches(text: str, label_end: int, position: int) -> bool:
    """Whether what stands at `position` still belongs to the label that ends at `label_end`."""
    gap = text[label_end:position]
    if _NEW_SENTENCE.match(gap):
        return False
    lead = _LEAD.match(gap)
    body_start = label_end + (lead.end() if lead else 0)
    if body_start > position:
        return True
    body = text[body_start:position]
    whose = _WHOSE.match(body)
    if re.search(r"\n[ \t]*\n", body[whose.end() if whose else 0 :]):
        return False
    if any(not _ABBREVIATION.search(body[: found.start()]) for found in _SENTENCE_END.finditer(body)):
        return False
    return not _field_begins(text, body_start, position)


def _field_begins(text: str, start: int, end: int) -> bool:
    """Whether another field's label begins on a later line than the one `start` is in, before `end`."""
    line = text.find("\n", start, end)
    while line != -1:
        found = _FIELD.match(text, line + 1)
        if found and found.end() <= end:
            return True
        line = text.find("\n", line + 1, end)
    return False


def _remark_behind(text: str, labels: Sequence[Label], end: int) -> Label | None:
    """Somebody else's label in the remark right behind a value: `LS21 (victim)`, `S71 - mother's`."""
    for number in range(bisect_right(labels, end, key=_end), len(labels)):
        label = labels[number]
        if label.end > end + _BEHIND + REACH:
            break
        if not label.ours and end <= label.start <= end + _BEHIND:
            between = text[end : label.start]
            if "\n" not in between and re.match(r"^\s*(?:[(\[]|[-\u2013\u2014]\s)[^)\].;]*$", between):
                return label
    return None


def _named_behind(text: str, labels: Sequence[Label], end: int) -> Label | None:
    """What is sought, named right behind the value: `..., WF2 8JY, which is his resettlement address`."""
    for number in range(bisect_right(labels, end, key=_end), len(labels)):
        label = labels[number]
        if label.end > end + _BEHIND + REACH:
            break
        words = text[label.start : label.end]
        if label.ours and end <= label.start <= end + _BEHIND and " " in words and not _PROSE.search(words):
            between = text[end : label.start]
            if re.fullmatch(
                r"[,]?\s*(?:\(|which (?:is|was)|this is|that is|being|is|[-\u2013])[^,.;:\n()]{0,24}", between
            ):
                return label
    return None


def _owner_before(text: str, labels: Sequence[Label], told: Label) -> Label | None:
    """Whose address running words tell of: the label of another person or body just before `living at`."""
    for label in _backwards(labels, told.start, _OWNER_REACH):
        between = text[label.end : told.start]
        if label.ours or _OTHER_PERSON.search(between) or not reaches(text, label.end, told.start):
            continue
        return label
    return None


def _backwards(labels: Sequence[Label], position: int, reach: int) -> Iterator[Label]:
    """The labels that end before a position, at most so far from it, the nearest first."""
    for number in range(bisect_right(labels, position, key=_end) - 1, -1, -1):
        if position - labels[number].end > reach:
            return
        yield labels[number]


def _end(label: Label) -> int:
    return label.end
