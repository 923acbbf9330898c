"""Postcodes in hostile text: split over lines, run together, spaced, misread by a scanner, or no postcodes at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import re2

from inbox_router.core.plain import Plain, plain

_AREAS_LIST = """
AB AL B BA BB BD BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK
FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP
NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W
WA WC WD WF WN WR WS WV YO ZE
"""
AREAS = frozenset(_AREAS_LIST.split())
"""The letters that a postcode can begin with, Guernsey, Jersey and Man included."""

_WITH_DISTRICT_0 = frozenset({"BL", "BS", "CM", "CR", "FY", "HA", "PR", "SL", "SS"})
_LAST_DISTRICTS = {"B": 98, "E": 20, "G": 84, "L": 75, "M": 99, "N": 22, "S": 99, "W": 14}
_SHAPES = {2: ("A9",), 3: ("AA9", "A99", "A9A"), 4: ("AA99", "AA9A")}
_THIRD_LETTERS = "ABCDEFGHJKPSTUW"
_FOURTH_LETTERS = "ABEHMNPRVWXY"
_INWARD = re.compile(r"[0-9][ABD-HJLNP-UW-Z]{2}")
_DIGITS = str.maketrans("OoIl|SsBZz", "0011155822")
_LETTERS = str.maketrans("01582", "OISBZ")

_GAP = r"(?:[ \t]{0,4}|[.\-_]|[ \t]{0,20}\n[ \t>]{0,40})"
_NEAR_FULL = re2.compile(
    rf"\b(?:[A-Za-z0158][A-Za-z0-9]{{0,2}}[0-9][A-Za-z0-9]?{_GAP}[0-9OoIlSBZ][A-Za-z0158]{{2}}"
    rf"|[A-Za-z0158][A-Za-z0-9]{{1,3}}{_GAP}[0-9][A-Za-z0158]{{2}})\b"
)
"""Finds quickly where `_FULL` is worth trying: one half at least must hold a figure."""
_FULL = re.compile(
    rf"(?<![A-Za-z0-9])([A-Za-z0158][A-Za-z0-9]{{1,3}})({_GAP})([0-9OoIlSBZ][A-Za-z0158]{{2}})(?![A-Za-z0-9])"
)
_LONGEST = 72
_MOST_CANDIDATES = 6_000
"""No message names more places; the rest of a huge text is not looked at."""
_SPACED = re2.compile(r"\b[A-Za-z](?: [A-Za-z0-9]){4,6}\b")
_OUTWARD = re.compile(r"[0-9](?<=[A-Za-z].)(?<![A-Za-z0-9][A-Za-z]{2}.)[A-Za-z0-9]?(?![A-Za-z0-9@_]|[./-][A-Za-z0-9])")

_NAME_SIGNS = frozenset("0123456789@./\\_-")
"""Before what looks like a first half they make it part of an address, a file name or a longer number."""
_MEASURES = frozenset({"st", "nd", "rd", "th", "hr", "yr", "ft", "lb", "pt"})
_SHORT_WORDS_LIST = """
ALL AND ANY ARE AS AT BAR BUS BUT BY CAR DAY FOR FROM GET HAD HAS HER HIM HIS HOW ILL ITS MAN MAY MEN NEW NOT
NOW ODD OFF OLD ONE OUR OUT OWN PER PUB RAN SAW SAY SHE SON THE TOP TWO USE VAN WAS WAY WHO YES YET YOU
"""
_SHORT_WORDS = frozenset(_SHORT_WORDS_LIST.split())
_NO_PLACE_BEFORE = re.compile(r"\b(?:room|rm|ward|cell|bay|gate|locker|desk)\.?[ :#]{1,2}$", re.IGNORECASE)
_VEHICLE_BEFORE = re.compile(
    r"\b(?:vrm|vrn|reg|regn|registration|registered|index|plates?|number|beginning|starting|ending)\b[^\w\n]{0,3}"
    r"(?:(?:no|mark|number|part|begins|starts)\b[^\w\n]{0,3})?$",
    re.IGNORECASE,
)
_VEHICLE_BEHIND = re.compile(r" ?([A-HJ-PR-Za-hj-pr-z]{3})(?![A-Za-z0-9])")
_TOWN_BEFORE = re.compile(r"(?:\b([A-Z][a-z]{2,}|[A-Z]{4,}),?|\() ?$")
_NO_TOWNS_LIST = """
Annex Appendix Block Box Category Cell Class Code Desk Flat Form Gate Grade Grading Group Junction Level Offence
Option Part Plot Room Section Stage Table Team Tier Type Under Unit Ward Wing Zone
"""
_NO_TOWNS = frozenset(_NO_TOWNS_LIST.split())
_OTHER_THINGS = re.compile(r"CO2|CO19|SO1[35]?|SA80|MK[1-8]|IP[1-9]")
"""What is written like the first half of a postcode far oftener than it is one: gases, units, rifles, people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postcode:
    value: str
    """`HX1 1AA`, or `HX1` where the second half is not given."""
    full: bool
    repaired: bool = False
    """Whether a letter had to be read as a figure or the reverse; never to be relied on alone where it matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostcodeHit:
    """A postcode where it was found."""

    start: int
    end: int
    """In the original text."""
    postcode: str
    full: bool
    repaired: bool = False


def postcode(text: str) -> Postcode | None:
    """The postcode that `text` is, however spaced, cased or dotted; None if it is none, or its area does not exist."""
    compact = re.sub(r"[\s.\-_]", "", plain(text[:60]).text)
    if 5 <= len(compact) <= 7:
        whole = _whole(compact[:-3], compact[-3:], may_repair=True)
        if whole is not None:
            return whole
    outward = compact.upper()
    return Postcode(value=outward, full=False) if _is_outward(outward) else None


def find_postcodes(text: str) -> list[PostcodeHit]:
    """Every postcode and lone first half in the text, in its order.

    Left out is what only looks like one: vehicles' registration marks, motorways, rooms, prison numbers. In doubt a
    lone first half is left out, because a wrong place sends a message to the wrong people.
    """
    flat = plain(text)
    hits = list(_full_hits(flat))
    hits.extend(_spaced_hits(flat))
    taken = {hit.start for hit in hits}
    hits.extend(hit for hit in _outward_hits(flat) if hit.start not in taken)
    return sorted(hits, key=lambda hit: hit.start)


def _hit(flat: Plain, start: int, end: int, found: Postcode) -> PostcodeHit:
    first, last = flat.span(start, end)
    return PostcodeHit(start=first, end=last, postcode=found.value, full=found.full, repaired=found.repaired)


def _full_hits(flat: Plain) -> Iterator[PostcodeHit]:
    text = flat.text
    position = 0
    for near in islice(_NEAR_FULL.finditer(text), _MOST_CANDIDATES):
        position = max(position, near.start())
        while position < near.end():
            match = _FULL.search(text, position, near.end() + _LONGEST)
            if match is None or match.start() >= near.end():
                break
            found = _read_full(text, match)
            # What is not a postcode may still hold, in its second half, the first half of one.
            position = match.end() if found else match.end(1)
            if found:
                yield _hit(flat, match.start(), match.end(), found)


def _read_full(text: str, match: re.Match[str]) -> Postcode | None:
    outward, gap, inward = match.groups()
    if inward[1:] in _MEASURES or inward.upper() in _SHORT_WORDS or text[match.end() : match.end() + 1].isalnum():
        return None
    if _NO_PLACE_BEFORE.search(text, max(match.start() - 12, 0), match.start()):
        return None
    found = _whole(outward, inward, may_repair=bool(gap) and "\n" not in gap)
    return found or _doubtful(outward, inward, may_repair=bool(gap))


def _doubtful(outward: str, inward: str, *, may_repair: bool) -> Postcode | None:
    """A postcode whose second half has letters that are never used there: a slip, but its first half may do."""
    if not inward[0].isdigit() or not inward[1:].isalpha() or not inward.isupper() or inward[1:] in {"AM", "PM"}:
        return None
    read = outward if _is_outward(outward) else _closest(outward) if may_repair and _may_be_misread(outward) else None
    return Postcode(value=f"{read} {inward}", full=True, repaired=True) if read else None


def _spaced_hits(flat: Plain) -> Iterator[PostcodeHit]:
    for match in islice(_SPACED.finditer(flat.text), _MOST_CANDIDATES):
        before, behind = flat.text[max(match.start() - 3, 0) : match.start()], flat.text[match.end() : match.end() + 3]
        compact = match.group().replace(" ", "")
        outward, inward = compact[:-3], compact[-3:]
        if re.search(r"(?<![A-Za-z0-9])[A-Za-z0-9] $", before) or re.match(r" [A-Za-z0-9](?![A-Za-z0-9])", behind):
            continue
        found = _whole(outward, inward, may_repair=False) or _doubtful(outward, inward, may_repair=False)
        if found is not None:
            yield _hit(flat, match.start(), match.end(), found)


def _outward_hits(flat: Plain) -> Iterator[PostcodeHit]:
    text = flat.text
    for match in islice(_OUTWARD.finditer(text), _MOST_CANDIDATES):
        start = match.start() - (2 if text[max(match.start() - 2, 0)].isalpha() and match.start() > 1 else 1)
        outward = text[start : match.end()].upper()
        if text[start - 1 : start] in _NAME_SIGNS or not _is_outward(outward):
            continue
        if _stands_for_a_place(text, start, match.end(), outward):
            yield _hit(flat, start, match.end(), Postcode(value=outward, full=False))


def _stands_for_a_place(text: str, start: int, end: int, outward: str) -> bool:
    """Whether a lone first half is one: not part of a registration mark, a road, a room or a grading."""
    before = text[max(start - 30, 0) : start]
    if _OTHER_THINGS.fullmatch(outward) or _NO_PLACE_BEFORE.search(before) or _VEHICLE_BEFORE.search(before):
        return False
    behind = _VEHICLE_BEHIND.match(text, end)
    if behind and behind[1].isupper() == text[start].isupper() and behind[1].upper() not in _SHORT_WORDS:
        return False
    if outward[1].isalpha():
        return True
    town = _TOWN_BEFORE.search(before)
    if int(re.sub(r"\D", "", outward)) > _LAST_DISTRICTS[outward[0]]:
        return False
    if outward[0] == "M":
        return town is not None and town[1] in {"Manchester", "MANCHESTER", "Salford", "SALFORD"}
    return town is not None and (town[1] is None or town[1].capitalize() not in _NO_TOWNS)


@lru_cache(maxsize=4_096)
def _is_outward(outward: str) -> bool:
    return any(_fits(outward, shape) for shape in _SHAPES.get(len(outward), ()))


def _fits(outward: str, shape: str) -> bool:
    if not all(have.isdigit() if want == "9" else have.isalpha() for have, want in zip(outward, shape, strict=True)):
        return False
    area = shape.rstrip("9").count("A") if shape.endswith("9") else shape.index("9")
    district = outward[area:]
    if outward[:area] not in AREAS or (district.startswith("0") and outward not in {f"{a}0" for a in _WITH_DISTRICT_0}):
        return False
    return not shape.endswith("9A") or district[-1] in (_THIRD_LETTERS if area == 1 else _FOURTH_LETTERS)


def _whole(outward: str, inward: str, *, may_repair: bool) -> Postcode | None:
    if _is_outward(outward.upper()) and _INWARD.fullmatch(inward.upper()):
        return Postcode(value=f"{outward} {inward}".upper(), full=True)
    if not may_repair or not (_may_be_misread(outward) and _may_be_misread(inward)):
        return None
    second = inward[:1].translate(_DIGITS) + inward[1:].translate(_LETTERS).upper()
    closest = _closest(outward)
    if closest is None or not _INWARD.fullmatch(second):
        return None
    return Postcode(value=f"{closest} {second}", full=True, repaired=True)


def _closest(outward: str) -> str | None:
    """The first half that a misread one most likely is."""
    readings = [
        reading for shape in _SHAPES.get(len(outward), ()) if _fits(reading := _as_shape(outward, shape), shape)
    ]
    return min(readings, key=lambda read: sum(a != b for a, b in zip(read, outward.upper(), strict=True)), default=None)


def _may_be_misread(half: str) -> bool:
    """Whether a half could be misread: one without any figure must be in capitals, or every short word would be one."""
    return any(character.isdigit() for character in half) or half.replace("l", "").isupper()


def _as_shape(outward: str, shape: str) -> str:
    return "".join(
        character.translate(_DIGITS if want == "9" else _LETTERS)
        for character, want in zip(outward, shape, strict=True)
    ).upper()
