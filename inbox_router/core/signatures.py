"""Which lines of one person's words are no news: signatures, disclaimers, warning banners.

The harm of a mistake is unequal: a signature taken for news may lead to a doubtful hit, but news taken for a signature
is never looked at. So whatever could be about a case stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from inbox_router.core.message import Kind

LONGEST_SIGNATURE_LINE = 110
MOST_SIGNATURE_LINES = 12
LONGEST_SLOGAN = 220
LONGEST_JUDGED = 4_000

CLOSING = re.compile(
    r"(?:(?:with )?(?:kind|kindest|best|warm|warmest|many)?\s*(?:regards|wishes)(?: (?:to|and) .{0,20})?|rgds|kr|br|"
    r"(?:many |with |much )?(?:thanks|thank you|thankyou|thx|cheers|ta)(?:[ ,]+[\w' ]{1,40})?|yours(?: \w+)?|"
    r"all the best|best|respectfully|cofion(?: \w+){0,2}|yn gywir|yn bur|diolch(?: \w+){0,3}|regards[ ,]+[\w' ]{1,30})"
    r"\s*[,.!-]*",
    re.IGNORECASE,
)
DELIMITER = re.compile(r"\s?--\s?|[—–_]{1,3}")  # noqa: RUF001

PHONE = re.compile(r"(?:\+44|\b0)(?:[\s()-]{0,2}\d){9,10}\b|\bext\.? ?\d{3,5}\b", re.IGNORECASE)
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")
ORGANISATION = re.compile(
    r"\b(?:HMP|HMYOI|YOI|PPCS|HMPPS|NOMS|OMU|FIB|PDU|NPT|NCA|CPS|NHS|BTP|Police|Constabulary|Heddlu|Council|Officers?|"
    r"Caseworker|Manager|Administrator|Admin|Clerk|Governor|Desk|Team|Department|Dept|Unit|Directorate|Probation|"
    r"Section|Intelligence|Intel|Bureau|Services?|Agency|Office|Supervisor|Co-?ordinator|Director|Head of|Nurse|"
    r"Analyst|Inspector|Insp|Sergeant|Sgt|Constable|PC|DC|DS|DI|PS|DCI|Supt|PCSO|CM|SO|OSG|IO|Reception|Resettlement|"
    r"Security|Response|Liaison|Centre|Trust)\b"
)
STREET = re.compile(
    r"\b\d{1,4}[A-Za-z]?,? (?:[A-Z][\w'’-]{1,20} ){1,3}(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Close|Drive|Crescent|"  # noqa: RUF001
    r"Court|Place|Terrace|Grove|Way|Gardens|Mount|View|Rise|Row|Square|Walk|Hill|Fold|Gate|Croft|Cottages?)\b"
)
LOWER_WORD = re.compile(r"(?<![\w'’@.])[a-z]{4,}(?![\w@])")  # noqa: RUF001
ORDINARY_IN_SIGNATURES = frozenset(
    {
        *("hours", "duty", "staff", "behalf", "caseworker", "officer", "supervisor", "night", "manager", "floor"),
        *("sent", "from", "with", "internal", "direct", "mobile", "office", "email", "working", "days"),
    }
)
NAME = re.compile(r"(?:[A-Z][\w.'’-]*,? ?){1,4}(?:\(\w{1,12}\))?(?: \d{2,6})?")  # noqa: RUF001
CAPITALS = re.compile(r"\b[A-Z]{3,}\b")
CONTACT_LABEL = re.compile(
    r"(?:t|tel|tel\.? no\.?|telephone|phone|p|m|mob|mobile|e|e-?mail|mail|w|web|website|f|fax|ext|extension|internal|"
    r"direct(?: dial| line)?|ddi|dd|switchboard|office|cjsm|pnn|https?|twitter|facebook|x|follow us|secure e-?mail|"
    r"out of hours|working (?:days|hours)|hours)\W*",
    re.IGNORECASE,
)
LABEL = re.compile(r"([^:\t]{1,45}):(?!\d)(?:\s|$|\S)")
COLUMNS = re.compile(r"\S {3,}\S|\. \. \.|\t")
NUMBERED = re.compile(r"\s*(?:[(\[]?(?:\d{1,2}|[a-z]{1,2})[.)\]] |[•*·] |[-–] )")  # noqa: RUF001
IDENTIFIER = re.compile(
    r"\b[A-Z]\d{4}[A-Z]{2}\b|\b\d{2,4}/\d{3,7}[A-Z]\b|\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\bd\.?o\.?b\b|\bborn\b|"
    r"last known|(?i:\b(?:noms|pnomis|nomis|pnc|cro)\b[ :]+\w*\d)"
)
CASE = re.compile(
    r"\b(?:dob|pnc|cro|noms|p?nomis|nominal|prisoner\b(?! offender)|offender\b(?! (?:manag|superv))|suspect|victim|"
    r"wanted|address|released?|resid(?:ing|es)|liv(?:es|ing)|known|recalled|revoked|licen[cs]e|emergency|arrest\w*|"
    r"whereabouts|vrm|vehicle|firearms?\b(?! licensing)|weapons?|custody\b(?! (?:suite|liaison|unit|sergeant)))\b",
    re.IGNORECASE,
)
PROSE = re.compile(
    r"\b(?:he|she|they|him|his|her|them|their|has|have|had|was|were|will|would|is|are|be|been|please|can|could|should|"
    r"we|you|your|i|i'm|my|me|us|this|that|not|see|attached|below|above|but|because|so|if|when|do|does|did|let)\b",
    re.IGNORECASE,
)
PRESSING = re.compile(
    r"\b(?:recall\w*|arrest\w*|custody|cancel\w*|rescind\w*|withdr\w+|urgent\w*|emergency|immediate\w*|today|tonight|"
    r"tomorrow|enclosed|update\w*|correction|ref|p\.?s|n\.?b|asap|wanted|missing|threat\w*|weapons?|firearms?|"
    r"disseminat\w*|handling|operation|op)\b",
    re.IGNORECASE,
)
CASE_FORM = re.compile(r"\t|\b(?:name|address|handling(?: code)?|conditions|grading)\s*:", re.IGNORECASE)
MARKING = re.compile(r"\W*(?:UK )?(?:OFFICIAL|SECRET|TOP SECRET)\b[\w :/-]{0,60}\W*")

ITSELF = re.compile(
    r"\b(?:this|the|our|any|its) (?:information (?:\w+ ){0,3}(?:in|contained in) this )?(?:e-?mail|message|"
    r"communication|transmission|correspondence)|e-?bost|neges",
    re.IGNORECASE,
)
STRONG = re.compile(
    r"intended (?:only |solely )?(?:for|recipient)|named recipient|addressee|received (?:it|this|the)?.{0,40}in error|"
    r"by mistake|legally privileged|unauthori[sz]ed (?:use|disclosure|copying)|bwriadu|derbynn?ydd",
    re.IGNORECASE,
)
WEAK = re.compile(
    r"confidential|privileged|disclos|copying|virus|monitor|recipient|addressee|views? expressed|legally binding|delet|"
    r"in error|by mistake|intended|freedom of information|scanned|not necessarily|e-?mail|cyfrinachol",
    re.IGNORECASE,
)
FOOTER = re.compile(
    r"sent from my \w+|sent from (?:outlook|yahoo|mail) |get outlook for|unsubscribe|"
    r"unmonitored (?:address|mailbox|inbox)|virus-free|"
    r"consider the environment|think before you print|anfonwyd o fy|before printing this",
    re.IGNORECASE,
)
HOTLINE = re.compile(r"0800 ?555 ?111", re.IGNORECASE)
STORY = re.compile(r"\bI\b|\b(?i:my|me|he|she|him|his|her|they|them)\b")
ASKING = re.compile(r"\b(?:we|please|attached|below|above)\b", re.IGNORECASE)
RULE = re.compile(r"[*=_#~ -]{5,}")

BANNER = re.compile(
    r"(?:originat\w+|sent|came|received|comes) (?:from )?(?:\w+ )?outside|"
    r"^\W*external(?: (?:e-?mail|sender|message))?\W*$|"
    r"often (?:get|receive) e-?mail from|this (?:e-?mail|message) (?:is|was|came) (?:sent )?(?:from|by) an? external|"
    r"^\W*(?:caution|warning)\b.{0,60}\bexternal\b|^\W*external (?:e-?mail|sender|message)\s*[:-]|o'r tu allan",
    re.IGNORECASE,
)
BANNER_GOES_ON = re.compile(
    r"click|links?\b|attachments?|recogni[sz]e|content is safe|phish|suspicious|learn why", re.IGNORECASE
)
BANNER_PARAGRAPHS = 3
LONGEST_BANNER = 500


def judge(lines: Sequence[str], *, whole_turn: bool = True) -> list[Kind | None]:
    """For each line of one person's words: SIGNATURE, DISCLAIMER, BANNER, or None for words that count.

    `whole_turn` is False for a remark between quoted lines, whose end is no place for an unannounced signature.
    """
    turn = _Turn(lines)
    turn.find_banner()
    turn.find_footers()
    turn.find_disclaimers()
    turn.find_closings()
    if whole_turn:
        turn.find_tail()
    turn.join_rules()
    return turn.kinds


class _Turn:
    """The lines of one turn with what has been found of them so far, and their paragraphs as ranges of lines."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = [line.strip()[:LONGEST_JUDGED] for line in lines]
        self.kinds: list[Kind | None] = [None] * len(lines)
        self.paragraphs = _paragraphs(self.lines)

    def mark(self, places: range, kind: Kind) -> None:
        for place in places:
            if self.kinds[place] is None:
                self.kinds[place] = kind

    def text(self, places: range) -> str:
        return " ".join(self.lines[place] for place in places)[:LONGEST_JUDGED]

    def find_banner(self) -> None:
        for places in self.paragraphs[:BANNER_PARAGRAPHS]:
            if not BANNER.search(self.text(places)[:LONGEST_BANNER]):
                continue
            for place in places:
                line = self.lines[place]
                if len(line) > LONGEST_BANNER or not (BANNER.search(line) or BANNER_GOES_ON.search(line)):
                    break
                self.kinds[place] = Kind.BANNER

    def find_footers(self) -> None:
        """Lines that programs and campaigns add. The charity's number counts only at the end, and in nobody's story."""
        last = self.paragraphs[-2].start if len(self.paragraphs) > 1 else 0
        for places in self.paragraphs:
            for place in places:
                line = self.lines[place]
                if len(line) > LONGEST_SLOGAN * 2:
                    continue
                is_hotline = place >= last and HOTLINE.search(line) and not STORY.search(line)
                if is_hotline and not IDENTIFIER.search(line):
                    self.mark(self._rest_of(place, places), Kind.DISCLAIMER)
                elif FOOTER.search(line) and not IDENTIFIER.search(line):
                    self.mark(range(place, place + 1), Kind.DISCLAIMER)

    def _rest_of(self, place: int, places: range) -> range:
        rest = range(place, places.stop)
        return rest if _is_slogan(self.text(range(place + 1, places.stop))) else range(place, place + 1)

    def find_disclaimers(self) -> None:
        seen = False
        for places in self.paragraphs:
            text = self.text(places)
            if IDENTIFIER.search(text) or CASE_FORM.search(text):
                continue
            strong = STRONG.search(text) and ITSELF.search(text)
            several = ITSELF.search(text) and len({found.lower() for found in WEAK.findall(text)}) > 2
            if strong or several or (seen and WEAK.search(text) and not PRESSING.search(text)):
                self.mark(places, Kind.DISCLAIMER)
                seen = True

    def find_closings(self) -> None:
        for place, line in enumerate(self.lines):
            if self.kinds[place] is not None or len(line) > 60:
                continue
            if CLOSING.fullmatch(line) or DELIMITER.fullmatch(line):
                self._close(place)

    def _close(self, place: int) -> None:
        """A closing counts where what follows is a signature, a disclaimer or nothing."""
        end, seen = place + 1, 0
        while end < len(self.lines) and seen <= MOST_SIGNATURE_LINES:
            line = self.lines[end]
            if line and (self.kinds[end] is not None or not _can_follow_closing(line, first=not seen)):
                break
            seen += bool(line)
            end += 1
        if end < len(self.lines) and self.kinds[end] is None and self.lines[end]:
            while end > place + 1 and self.lines[end - 1]:
                end -= 1  # the paragraph goes on with something else, so its first lines may belong to that
            if not any(self.lines[place + 1 : end]):
                return
        self.mark(range(place, end), Kind.SIGNATURE)

    def find_tail(self) -> None:
        """Signatures without a closing, and slogans below a signature, from the end upwards."""
        for number in range(len(self.paragraphs) - 1, -1, -1):
            places = self.paragraphs[number]
            open_places = [place for place in places if self.kinds[place] is None]
            if not open_places or MARKING.fullmatch(self.text(places)):
                continue
            span = range(open_places[0], open_places[-1] + 1)
            if self._below_signature(number) and _is_slogan(self.text(span)):
                self.mark(span, Kind.DISCLAIMER)
            elif self._is_signature(number, span):
                self.mark(span, Kind.SIGNATURE)
            else:
                return

    def _below_signature(self, number: int) -> bool:
        if not number:
            return False
        above = self.paragraphs[number - 1]
        if Kind.SIGNATURE in (self.kinds[place] for place in above):
            return True
        return self._is_signature(number - 1, above) and any(_is_marked(self.lines[place]) for place in above)

    def _is_signature(self, number: int, places: range) -> bool:
        """Whether a paragraph without a closing is a signature: marked as one, or a name alone above one."""
        lines = [self.lines[place] for place in places]
        above = self.lines[self.paragraphs[number - 1].stop - 1] if number else ""
        if above.endswith((":", " at", " is", " of", ",")) and not CLOSING.fullmatch(above):
            return False  # what was announced is the news
        if len(lines) > MOST_SIGNATURE_LINES or not all(map(_is_signature_like, lines)):
            return False
        if CAPITALS.search(lines[0]) and not _is_marked(lines[0]):
            return False  # "John DOE" is how cases, not colleagues, are named
        if any(map(_is_marked, lines)):
            return all(_is_marked(line) or _is_titled(line) for line in lines)
        is_name = len(lines) == 1 and bool(NAME.fullmatch(lines[0]))
        return is_name and number > 0 and Kind.SIGNATURE in self.kinds[places.stop :]

    def join_rules(self) -> None:
        """A row of asterisks or dashes belongs to the disclaimer that it sets off."""
        for place, line in enumerate(self.lines):
            if self.kinds[place] is None and RULE.fullmatch(line):
                near = [self.kinds[other] for other in (place - 1, place + 1) if 0 <= other < len(self.lines)]
                if Kind.DISCLAIMER in near:
                    self.kinds[place] = Kind.DISCLAIMER


def _paragraphs(lines: Sequence[str]) -> list[range]:
    found: list[range] = []
    start: int | None = None
    for place, line in enumerate([*lines, ""]):
        if line and start is None:
            start = place
        elif not line and start is not None:
            found.append(range(start, place))
            start = None
    return found


def _is_signature_like(line: str) -> bool:
    """Whether a line could stand in a signature: short, no sentence, no label of a form, nothing about a case."""
    if len(line) > LONGEST_SIGNATURE_LINE or line.endswith("?") or NUMBERED.match(line):
        return False
    label = LABEL.match(line)
    if (
        label
        and not CONTACT_LABEL.fullmatch(label[1].rsplit("|")[-1].strip())
        and not PHONE.search(line[: label.end()])
    ):
        return False
    if COLUMNS.search(line) and not PHONE.search(line):
        return False
    return not (IDENTIFIER.search(line) or CASE.search(line) or PROSE.search(line))


def _can_follow_closing(line: str, *, first: bool) -> bool:
    """Whether a line below "Regards" goes on with the signature: the first may be any name, the next look the part."""
    if not _is_signature_like(line):
        return False
    looks_the_part = first or _is_titled(line) or bool(ORGANISATION.search(line))
    return _is_marked(line) or (looks_the_part and not PRESSING.search(line))


def _is_marked(line: str) -> bool:
    """Whether a line shows that it is part of a signature: a telephone number, bars, an office or a rank."""
    if PHONE.search(line) or " | " in line:
        return True
    without_street = STREET.sub(" ", line)  # a Police Street or an Office Row is no office
    return bool(ORGANISATION.search(without_street)) and (_is_titled(line) or bool(POSTCODE.search(line)))


def _is_titled(line: str) -> bool:
    """Whether a line is written as names and titles are, with capitals."""
    return all(word in ORDINARY_IN_SIGNATURES for word in LOWER_WORD.findall(line))


def _is_slogan(text: str) -> bool:
    """Whether a paragraph below a signature is a campaign line, and not an afterthought about the case."""
    if len(text) > LONGEST_SLOGAN or text.endswith("?") or COLUMNS.search(text):
        return False
    if IDENTIFIER.search(text) or PRESSING.search(text) or POSTCODE.search(text):
        return False
    return not STORY.search(text) and not ASKING.search(text)
