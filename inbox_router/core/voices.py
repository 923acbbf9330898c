"""A body's text -> passages by voice: whose words they are, how old, and which of them are no news.

Depth counts messages: 0 the newest, 1 what it quotes or forwards, 2 what that quotes. Three marks tell one message from
the next: `>` before the lines, a block of header fields (with or without a divider), and an attribution
("On ... wrote:"). No line is lost: each that is not blank is in exactly one passage, without its `>`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby

from inbox_router.core.message import Kind, Passage
from inbox_router.core.signatures import judge

DEEPEST_QUOTING = 50
MOST_LINES = 20_000
"""Beyond this many lines a body is not looked into: the rest counts as words of whoever spoke last."""

MOST_TURNS = 500
"""Beyond this many changes of voice the rest counts as one turn."""

QUOTE_MARKS = re.compile(r"(?:\s{0,3}>)+ ?")
DIVIDER = re.compile(
    r"\W{0,3}(?:-{2,}|_{5,})\s*(?:original (?:message|appointment)|forwarded (?:message|by\b.{0,80})|neges wreiddiol|"
    r"neges a anfonwyd ymlaen|message d.origine|message transféré|ursprüngliche nachricht|weitergeleitete nachricht|"
    r"oorspronkelijk bericht|doorgestuurd bericht|messaggio originale|mensaje original|mensagem original|"
    r"oprindelig meddelelse|opprinnelig melding|ursprungligt meddelande|wiadomość oryginalna)\s*(?:-{2,}|_{5,})?\s*|"
    r"begin forwarded message:\s*|dechrau neges a anfonwyd ymlaen:\s*",
    re.IGNORECASE,
)
RULED_LINE = re.compile(r"\s*[_-]{10,}\s*")

FROM, DATE, SENT, TO, SUBJECT, OTHER = "from", "date", "sent", "to", "subject", "other"
LABELS = {
    FROM: "from|oddi wrth|gan|de|de la|von|van|da|fra|från|od|mittente|lähettäjä",
    SENT: "sent|anfonwyd|envoyé|gesendet|verzonden|inviato|sendt|skickat|enviado|enviado el|enviada em|wysłano|trimis",
    DATE: "date|dyddiad|datum|data|dato|fecha|dátum",
    TO: "to|at|à|pour|an|aan|a|til|till|para|do|către",
    SUBJECT: "subject|pwnc|testun|objet|betreff|onderwerp|oggetto|emne|ämne|asunto|assunto|temat|subiect",
    OTHER: "cc|bcc|copi|copie|kopie|kopi|reply-to|importance|sensitivity|priority|attachments|pwysigrwydd",
}
FIELD = re.compile(
    r"[\s*_]{0,4}(?:" + "|".join(f"(?P<{name}>{words})" for name, words in LABELS.items()) + r")\s?[*_]{0,2}\s?:",
    re.IGNORECASE,
)
LONGEST_HEADER = 14
LONGEST_HEADER_LINE = 2_000
MOST_CONTINUED = 3

ATTRIBUTION = re.compile(
    r"[\s*]{0,3}(?:on|ar|am|le|el|il|op|den|på|em|w dniu)\b.{6,300}\b(?:wrote|a écrit|escribió|ha scritto|escreveu|"
    r"(?:ysgrifennodd|schrieb|schreef|skrev)(?: .{1,60})?|napisał\(?a?\)?)\s?:[\s*]{0,3}",
    re.IGNORECASE,
)
DAY = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[/.]\d{1,2}\b")
CLOCK = re.compile(r"\b\d{1,2}[:.]\d{2}\b|@")
LONGEST_ATTRIBUTION = 3


@dataclass(frozen=True, slots=True)
class _Line:
    level: int
    """How many `>` stood before it."""
    text: str

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()


@dataclass(slots=True)
class _Level:
    """Where the reading stands at one level of `>`."""

    depth: int
    fresh: bool
    """Nothing has been said at this level yet, so a header here is that of the message already counted."""


@dataclass(slots=True)
class _Thread:
    """The depth of each line, worked out from top to bottom."""

    lines: Sequence[_Line]
    levels: list[_Level]
    depths: list[int] = field(default_factory=list)
    header_pending: bool = False
    """A header has just been read, and its message may follow behind `>`."""

    def read(self) -> list[int]:
        place = 0
        while place < len(self.lines):
            line = self.lines[place]
            if line.is_blank:
                self._say(1, self.depths[-1] if self.depths else self.levels[0].depth)
                place += 1
                continue
            self._go_to(line.level)
            place += self._header(place) or self._attribution(place) or self._words()
        return self.depths

    def _say(self, lines: int, depth: int) -> None:
        self.depths += [depth] * lines

    def _go_to(self, level: int) -> None:
        del self.levels[level + 1 :]
        while len(self.levels) <= level:
            step = 0 if self.header_pending else 1
            self.levels.append(_Level(depth=self.levels[-1].depth + step, fresh=step == 1))
            self.header_pending = False

    def _header(self, place: int) -> int:
        """The length of the block of header fields that begins here, 0 if none does."""
        length = _header_length(self.lines, place)
        if length:
            self._next_message(length)
        return length

    def _next_message(self, length: int) -> None:
        here = self.levels[-1]
        if not here.fresh:
            here.depth += 1
        here.fresh = False
        self.header_pending = True
        self._say(length, here.depth)

    def _attribution(self, place: int) -> int:
        length, written = _attribution_length(self.lines, place)
        if not length:
            return 0
        here = self.levels[-1]
        following = next((line for line in self.lines[place + length : place + length + 5] if not line.is_blank), None)
        if following is not None and following.level > self.lines[place].level:
            self._say(length, here.depth + 1)
            here.fresh = False
            return length
        if not (DAY.search(written) and CLOCK.search(written)):
            return 0
        self._next_message(length)
        return length

    def _words(self) -> int:
        here = self.levels[-1]
        here.fresh = False
        self.header_pending = False
        self._say(1, here.depth)
        return 1


def voices(text: str, *, depth: int = 0, name: str = "") -> list[Passage]:
    """The passages of one body. `depth` is the age of its newest words; `name` tells two versions of a body apart.

    Below depth 0 a header at the very top is that of the message itself, and adds nothing to the depth.
    """
    written = text.split("\n")
    lines = [_line(each) for each in written[:MOST_LINES]]
    depths = _Thread(lines, [_Level(depth=depth, fresh=depth > 0)]).read()
    rest = written[MOST_LINES:]
    lines += [_Line(0, each) for each in rest]
    depths += [depths[-1]] * len(rest)
    turns = [list(turn) for _, turn in groupby(range(len(lines)), key=depths.__getitem__)]
    if len(turns) > MOST_TURNS:
        turns[MOST_TURNS:] = [sorted(chain.from_iterable(turns[MOST_TURNS:]))]
    spoken_at = Counter(depths[turn[0]] for turn in turns)
    passages: list[Passage] = []
    for turn in turns:
        age = depths[turn[0]]
        passages += _passages([lines[place].text for place in turn], age, name, whole_turn=spoken_at[age] == 1)
    return passages


def _line(written: str) -> _Line:
    marks = QUOTE_MARKS.match(written)
    if marks is None:
        return _Line(0, written)
    return _Line(min(marks[0].count(">"), DEEPEST_QUOTING), written[marks.end() :])


def _passages(lines: list[str], depth: int, name: str, *, whole_turn: bool) -> list[Passage]:
    """One turn's lines, gathered by what they are. Blank lines go with the line above."""
    spoken = Kind.QUOTED if depth else Kind.OWN
    if len(lines) > MOST_LINES:
        kinds: list[Kind] = [spoken] * len(lines)
    else:
        kinds = [kind or spoken for kind in judge(lines, whole_turn=whole_turn)]
    for place in range(1, len(lines)):
        if not lines[place].strip():
            kinds[place] = kinds[place - 1]
    found: list[Passage] = []
    for kind, places in groupby(range(len(lines)), key=kinds.__getitem__):
        text = "\n".join(lines[place].rstrip() for place in places).strip("\n")
        if text.strip():
            found.append(Passage(kind=kind, depth=depth, text=text, name=name))
    return found


def _header_length(lines: Sequence[_Line], place: int) -> int:
    """How many lines from here are a divider, a block of header fields, or both; 0 where neither begins here.

    "Sent:" is written by mail programs only; with "Date:", which memos have too, an address or a divider must show that
    it was a message.
    """
    first = lines[place]
    if len(first.text) > LONGEST_HEADER_LINE:
        return 0
    divided = bool(DIVIDER.fullmatch(first.text))
    start = place
    if divided or RULED_LINE.fullmatch(first.text):
        start = _next_words(lines, place + 1, first.level)
    seen, end, value = _fields_from(lines, start, first.level)
    is_message = SENT in seen or (DATE in seen and (divided or first.level > 0 or "@" in value))
    if FROM in seen and is_message and (TO in seen or SUBJECT in seen):
        return end - place
    return 1 if divided else 0


def _next_words(lines: Sequence[_Line], place: int, level: int) -> int:
    for ahead in range(place, min(place + 4, len(lines))):
        if not lines[ahead].is_blank and lines[ahead].level == level:
            return ahead
    return place


def _fields_from(lines: Sequence[_Line], start: int, level: int) -> tuple[set[str], int, str]:
    """The header fields that stand from a line on, where they end, and what the first of them says."""
    seen: set[str] = set()
    end, value, others = start, "", 0
    for place in range(start, min(start + LONGEST_HEADER, len(lines))):
        line = lines[place]
        found = FIELD.match(line.text) if line.level == level else None
        if found is None:
            others += 1
            if place == start or others > MOST_CONTINUED or {FROM, SUBJECT} <= seen:
                break
            continue
        if found.lastgroup == FROM and seen:
            break
        if place == start:
            if found.lastgroup != FROM:
                break
            value = line.text
        seen.add(found.lastgroup or OTHER)
        end, others = place + 1, 0
    return seen, end, value


def _attribution_length(lines: Sequence[_Line], place: int) -> tuple[int, str]:
    """How many lines from here are an attribution, which mail programs wrap, and what it says."""
    written = ""
    for length in range(1, LONGEST_ATTRIBUTION + 1):
        if place + length > len(lines) or lines[place + length - 1].level != lines[place].level:
            break
        text = lines[place + length - 1].text
        if not text.strip() or len(text) > 400:
            break
        written = f"{written} {text}".strip()
        if ATTRIBUTION.fullmatch(written):
            return length, written
    return 0, ""
