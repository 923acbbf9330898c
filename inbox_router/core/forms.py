"""What a form says: which printed options were not chosen, and which questions were answered with no.

A form prints every answer that could be given - `EMERGENCY RECALL  YES [ ]  NO [X]`, `Emergency Y/N: N` - and asks of
every risk - `Firearms?  N`. Words that the form only prints are not the sender's; here they are told apart by layout.
What is not clear is left alone, for a person to see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice

Area = tuple[int, int]
"""Where something stands: from this character up to, not including, that one."""

_EMPTY_SIGNS = "\u2610\u25a1\u25a2\u25fb\u25fd\u2b1c\u274f\u2751\U0001f78e"
_TICK_SIGNS = "\u2611\u2612\u2713\u2714\u25a0\u25fc\u25fe\u2b1b\u2705\U0001f5f7\U0001f5f9"
# Patterns begin with a plain set of characters, and look back from there, because that is what `re` skips to fastest.
_BOX = re.compile(
    rf"[{_EMPTY_SIGNS}{_TICK_SIGNS}\[(](?:(?P<unticked>(?<=[{_EMPTY_SIGNS}])"
    r"|(?<=\[)[ _\u00a0]{0,3}\]|(?<=\()[ _\u00a0]{1,3}\))"
    rf"|(?<=[{_TICK_SIGNS}])|(?<=\[)[ _]?[xX*\u2713-\u2716\u00d7][ _]?\]|(?<=\()[xX\u2713\u2714]\))"
)
_PRINTED = re.compile(
    r"[YyNn](?<![\w/].)(?i:(?<=Y)ES ?/ ?NO|(?<=Y) ?/ ?N|(?<=N)O ?/ ?YES|(?<=N) ?/ ?Y)"
    r"(?i: ?/ ?(?:N ?/ ?A|NA|NK|DK|UNKNOWN|NOT KNOWN))?(?![\w/])"
)
_INSTRUCTION = re.compile(
    r"\((?i:please )?(?i:delete|circle|tick|strike|cross|select|choose)(?: [^()\n]{0,60})?\)"
    r"|[Dd](?<!\w.)(?i:elete (?:as|where|if not|whichever is not) (?:appropriate|applicable|necessary|required))"
)
_STRUCK = re.compile(r"~~[^~\n]{1,200}~~")

_LAST_ANSWER = re.compile(r"(?<![\w/])(?:yes|no|y|n|n/a|none|not applicable|unknown|not known)$", re.IGNORECASE)
_BORDER = re.compile(r"[\t:?|]|[ \u00a0]{2,}|[.;!] ")
_STATEMENT = re.compile(r"\d[^,]*, ")
"""Something said before the label on the same line: `28 day fixed term recall, emergency: NO`."""
_SCALE = re.compile(r"\b(?:1 2 3(?: 4(?: 5)?)?|A B C(?: D(?: E)?)?|P C)(?=[ \t\u00a0]{2,}[A-Z\d]\b)")
"""A printed scale with the value chosen behind it: `Handling 1 2 3 4 5    3`."""
_CELL_END = re.compile(r"\t|[ \u00a0]{3,}|\|")
_OPTION_REACH = 120


class _Side(Enum):
    """On which side of its box an option is printed."""

    BEFORE = "text, then box"
    AFTER = "box, then text"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line with boxes on it."""

    start: int
    end: int
    boxes: tuple[tuple[int, int, bool], ...]
    """Start, end, whether ticked."""
    side: _Side
    begins_with_box: bool


def unchosen(text: str) -> list[Area]:
    """The printed options that were not chosen, with their boxes, in the order of the text; they do not overlap.

    Of boxes without a tick anywhere near, nothing is said: the ticks may have been lost on the way. A bare `YES/NO` is
    never an answer, whether or not one follows.
    """
    areas = [match.span() for pattern in (_INSTRUCTION, _STRUCK) for match in pattern.finditer(text)]
    areas.extend(match.span() for match in _SCALE.finditer(text))
    if "/" in text:
        areas.extend(match.span() for match in _PRINTED.finditer(text))
    for group in _groups(_lines_with_boxes(text)):
        if any(ticked for line in group for _, _, ticked in line.boxes):
            areas.extend(area for line in group for area in _unticked_options(text, line))
    return _merged(areas)


def blank(text: str, areas: Iterable[Area]) -> str:
    """`text` with the areas turned to spaces, line ends kept, so that every other character keeps its place."""
    pieces: list[str] = []
    done = 0
    for start, end in _merged(areas):
        pieces += (text[done:start], re.sub(r"[^\n]", " ", text[start:end]))
        done = end
    return "".join([*pieces, text[done:]])


def _merged(areas: Iterable[Area]) -> list[Area]:
    merged: list[Area] = []
    for start, end in sorted(areas):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _lines_with_boxes(text: str) -> Iterator[_Line]:
    boxes: list[tuple[int, int, bool]] = []
    for match in _BOX.finditer(text):
        if boxes and text.find("\n", boxes[-1][1], match.start()) != -1:
            yield from _line(text, boxes)
            boxes = []
        boxes.append((match.start(), match.end(), match["unticked"] is None))
    if boxes:
        yield from _line(text, boxes)


def _line(text: str, boxes: Sequence[tuple[int, int, bool]]) -> Iterator[_Line]:
    """The line that holds these boxes; nothing where it cannot be told which text is whose."""
    start = text.rfind("\n", 0, boxes[0][0]) + 1
    end = text.find("\n", boxes[-1][1])
    end = len(text) if end == -1 else end
    before = text[start : boxes[0][0]].strip(" \t\u00a0|-*\u2022>")
    after = text[boxes[-1][1] : end].strip(" \t\u00a0|.;,")
    if not before and not after:
        return
    if before and (not after or _LAST_ANSWER.search(before[-20:])):
        side = _Side.BEFORE
    elif after:
        side = _Side.AFTER
    yield _Line(start=start, end=end, boxes=tuple(boxes), side=side, begins_with_box=not before)


def _groups(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    """Lines whose boxes answer one question: a row of them, a list with one box a line, a list that goes on below."""
    group: list[_Line] = []
    for line in lines:
        if group and not (line.start == group[-1].end + 1 and _goes_on(group[-1], line)):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _goes_on(above: _Line, line: _Line) -> bool:
    if line.side is _Side.AFTER:
        return line.begins_with_box and above.side is _Side.AFTER
    return above.side is _Side.BEFORE and len(line.boxes) == len(above.boxes) == 1


def _unticked_options(text: str, line: _Line) -> Iterator[Area]:
    borders = [line.start, *(end for _, end, _ in line.boxes)]
    for number, (start, end, ticked) in enumerate(line.boxes):
        if ticked:
            continue
        if line.side is _Side.AFTER:
            following = line.boxes[number + 1][0] if number + 1 < len(line.boxes) else line.end
            yield start, _option_end(text, end, following)
        else:
            yield _option_start(text, borders[number], start, "" if number else _sibling(text, line)), end


def _sibling(text: str, line: _Line) -> str:
    """The words of a line's second option."""
    return text[line.boxes[0][1] : line.boxes[1][0]] if len(line.boxes) > 1 else ""


def _option_end(text: str, start: int, limit: int) -> int:
    """Where the option printed behind a box ends: with the table cell, or at `limit`."""
    words = text[start : min(limit, start + _OPTION_REACH)]
    border = _CELL_END.search(words, len(words) - len(words.lstrip()))
    return start + (border.start() if border else len(words))


def _option_start(text: str, start: int, box: int, sibling: str) -> int:
    """Where the option printed before a box begins; the question may precede it: `MAPPA LEVEL 1 [X] LEVEL 2 [ ]`."""
    start = max(start, box - _OPTION_REACH)
    start += len(text[start:box]) - len(text[start:box].lstrip())
    printed = text[start:box].rstrip(" \t\u00a0")
    answer = _LAST_ANSWER.search(printed)
    if answer:
        return start + answer.start()
    words = list(re.finditer(r"\S+", printed))
    like = sibling.casefold().split()
    alike = [word.start() for word in words if like and word.group().casefold() == like[0]]
    if alike:
        return start + alike[-1]
    borders = [border.end() for border in _BORDER.finditer(printed)]
    if borders:
        return start + borders[-1]
    return start + words[-len(like)].start() if 0 < len(like) < len(words) else start


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A question of a form that was answered with no, none or not applicable."""

    label_start: int
    label_end: int
    value_start: int
    value_end: int


_NEGATIVE = re.compile(
    r"[nN](?<![\w/&'\u2019-].)(?i:ot applicable|othing known|egative|/?a|one|il|o|)"
    r"(?i:(?<=o|e|l) (?:known|stated|reported|recorded|identified|noted|apparent|disclosed|given|held))?"
    r"(?i:(?<=[onel]) (?:issues|concerns|risks|markers|warnings))?(?![\w/&'\u2019])"
)
_COMPLETE = re.compile(r"[.\s]{0,3}(?:$|\n)|[ \u00a0]*\t|[ \u00a0]{2}|[ \u00a0]*\|")
_REMARK = re.compile(r"\s?[-\u2013\u2014](?=\s)|[,;] ?(?!\s?\d)|\s?\((?!\d)|\. {1,2}[A-Z][a-z]")
_A_NUMBER_FOLLOWS = re.compile(r"[.:]?\s{1,20}[A-Za-z]{0,3}[ /]?\d")
_PROSE = re.compile(
    r"\b(?:he|she|they|it|i|we|you|who|there|is|are|was|were|has|have|had|said|says|say|told|with|and|but)\b",
    re.IGNORECASE,
)
_MOST_ANSWERS = 20_000
"""No form has more; what stands beyond them in a huge text is taken as said."""
_LABEL_REACH = 160
_LABEL_WORDS = 12
_PLAIN_LABEL_WORDS = 6


def answers(text: str) -> list[Field]:
    """The questions answered in the negative: `Firearms?   N`, `Contraband suspected: No`, `YES [ ] NO [X]`.

    The value must be the whole answer or be parted from what follows it: `No - see below` is a no, `No fixed abode` and
    `No. 14 High Street` are not.
    """
    ticked = (match.span() for match in _BOX.finditer(text) if match["unticked"] is None)
    plain = blank(text, [*unchosen(text), *ticked])
    found = islice(_NEGATIVE.finditer(plain), _MOST_ANSWERS)
    fields = (_field(plain, match.start(), match.end()) for match in found)
    return [field for field in fields if field is not None]


def negated(text: str) -> list[Area]:
    """From the label up to and with the answer, for each question answered in the negative."""
    return [*((field.label_start, field.value_end) for field in answers(text)), *_denied_headings(text)]


def _denied_headings(text: str) -> Iterator[Area]:
    """The headings of a table whose value stands in the row below and is a plain no."""
    start, above = 0, ""
    for row in text.split("\n"):
        cells, headings = row.split("\t"), above.split("\t")
        if len(cells) == len(headings) > 2 and not any(character.isdigit() for character in above):
            place = start - len(above) - 1
            for heading, cell in zip(headings, cells, strict=True):
                if heading.strip() and _NEGATIVE.fullmatch(cell.strip()):
                    yield place, place + len(heading)
                place += len(heading) + 1
        start += len(row) + 1
        above = row


def _field(text: str, start: int, end: int) -> Field | None:
    complete = _COMPLETE.match(text, end) is not None
    if not complete and not _REMARK.match(text, end):
        return None
    lead = text[max(start - _LABEL_REACH, 0) : start]
    label = lead.rstrip(" \t\u00a0|")
    gap = lead[len(label) :]
    if not label or label[-1] == "\n":
        area = _label_above(text, start - len(gap)) if complete and _ends_line(text, end) else None
    elif label[-1] in ":?" or label.endswith(("..", ". .", "\u2026")):
        area = _label_in(label, start - len(gap), _LABEL_WORDS)
    elif _is_number_sign(text, start, end):
        return None
    elif len(gap) > 1 or gap in {"\t", "|"}:
        area = _label_in(label, start - len(gap), _LABEL_WORDS)
    else:
        area = _plain_label(text, label, start, end) if gap else None
    if area is None:
        return None
    return Field(label_start=area[0], label_end=area[1], value_start=start, value_end=end)


def _ends_line(text: str, end: int) -> bool:
    return not text[end : end + 3].strip(" .\t\r").partition("\n")[0]


def _is_number_sign(text: str, start: int, end: int) -> bool:
    """`Prison No  A1234BC`: the word means a number, not an answer."""
    return text[start:end].lower() == "no" and _A_NUMBER_FOLLOWS.match(text, end) is not None


def _label_in(before: str, end: int, most_words: int) -> Area | None:
    """The label at the end of `before`, which stands up to `end` of the text."""
    line = before[before.rfind("\n") + 1 :]
    bare = line.rstrip(" \t\u00a0:?.\u2026|")
    borders = [border.end() for border in _BORDER.finditer(bare)]
    borders += [comma.end() for comma in _STATEMENT.finditer(bare)]
    start = max(borders, default=0)
    words = len(bare[start:].split())
    if not 0 < words <= most_words:
        return None
    shift = end - len(line)
    return shift + start, shift + len(bare)


def _plain_label(text: str, before: str, start: int, end: int) -> Area | None:
    """A label parted from its value by one space, as text comes out of PDF: `Access / dogs / weapons None known`."""
    if not _ends_line(text, end) or not text[start].isupper() or len(text[start:end]) == 1:
        return None
    area = _label_in(before, start - 1, _PLAIN_LABEL_WORDS)
    if area is None:
        return None
    label = text[area[0] : area[1]]
    return None if not label[0].isupper() or "," in label or _PROSE.search(label) else area


def _label_above(text: str, line_start: int) -> Area | None:
    """A label that has the line above the value to itself; one blank line may stand between."""
    end = len(text[max(line_start - 3, 0) : line_start].rstrip()) + max(line_start - 3, 0)
    lead = text[max(end - _LABEL_REACH, 0) : end]
    line = lead[lead.rfind("\n") + 1 :]
    if text[end:line_start].count("\n") > 2 or not line.strip() or line[-1] in ".,;!":
        return None
    asks = line[-1] in ":?"
    if not asks and (not line.lstrip()[0].isupper() or _BORDER.search(line.strip()) or _PROSE.search(line)):
        return None
    return _label_in(line, end, _LABEL_WORDS if asks else _PLAIN_LABEL_WORDS)
