"""Numbers that name a person, a vehicle or a place, in one way of writing them, and whether they can be right.

PNC and CRO numbers end in a check letter; a wrong one means a slip of typing or scanning, so it is told, not dropped.
Prison and probation numbers have none. The patterns are RE2 syntax, for `plain` text; their group is the value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inbox_router.core.plain import plain
from inbox_router.core.postcodes import Postcode, PostcodeHit, find_postcodes, postcode

__all__ = [
    "BOOKING_NUMBER",
    "CRN",
    "CRO",
    "DATE",
    "OUTWARD",
    "PHONE",
    "PNC",
    "POSTCODE",
    "PRISON_NUMBER",
    "VRM",
    "Identifier",
    "Postcode",
    "PostcodeHit",
    "check_letter",
    "cro",
    "find_postcodes",
    "phone",
    "pnc",
    "postcode",
    "vrm",
]

PNC = r"(?i)(?:^|[^A-Z0-9/])((?:(?:19|20)\d{2}|\d{2})\s?/\s?\d{1,7}\s?[A-HJ-NP-RT-Z]|(?:19|20)\d{9}[A-HJ-NP-RT-Z])\b"
CRO = r"(?i)(?:^|[^A-Z0-9/])(\d{1,6}\s?/\s?\d{2}\s?[A-HJ-NP-RT-Z]|SF\s?\d{2}\s?/\s?\d{1,6}\s?[A-HJ-NP-RT-Z])\b"
PRISON_NUMBER = r"(?i)\b([A-Z]\d{4}[A-Z]{2})\b"
BOOKING_NUMBER = r"(?i)\b(\d{5}[A-Z]|[A-Z]\d{5}|[A-Z]{2}\d{4})\b"
"""The older prison number. `AB1234` may as well be a vehicle's: it counts only behind a label."""
CRN = r"(?i)\b([A-Z]\d{6})\b"
"""The probation service's case reference number."""
VRM = (
    r"(?i)\b([A-HJ-PR-Y]{2}(?:0[1-9]|[1-7]\d) ?[A-HJ-PR-Z]{3}"
    r"|[A-HJ-NP-TV-Y][1-9]\d{0,2} ?[A-HJ-PR-Y]{3}"
    r"|[A-HJ-PR-Y]{3} ?[1-9]\d{0,2}[A-HJ-NPR-TV-Y])\b"
)
"""Registration marks of September 2001 on, of 1983 to 2001 and of 1963 to 1982."""
PHONE = r"(?:^|[^\d+])((?:\+44[ -]?(?:\(0\)[ -]?)?|0044[ -]?|\(?0)\d(?:[ \-().]{0,3}\d){8,9})\b"
DATE = (
    r"(?i)\b(\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}"
    r"|\d{1,2}(?:st|nd|rd|th)?[ -](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[ ,-]{1,2}"
    r"(?:\d{4}|\d{2}))\b"
)
"""Day before month, always: `03/04/2026` is the third of April."""
POSTCODE = (
    r"(?i)\b(GIR ?0AA|(?:[A-PR-UWYZ](?:\d\d?|[A-HK-Y]\d\d?|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRVWXY]))"
    r" ?\d[ABD-HJLNP-UW-Z]{2})\b"
)
OUTWARD = r"(?i)\b([A-PR-UWYZ](?:\d\d?|[A-HK-Y]\d\d?|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRVWXY]))\b"

_CHECK_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
_PNC = re.compile(r"((?:19|20)?\d{2})/?(\d{1,7})([A-Z])", re.ASCII)
_CRO = re.compile(r"(\d{1,6})/(\d{2})([A-Z])", re.ASCII)
_CRO_FILE = re.compile(r"SF(\d{2})/(\d{1,6})([A-Z])", re.ASCII)
_VRM = re.compile(VRM, re.ASCII)
_LAST_YEAR = 2049
"""Two figures for a year mean one up to this; the first PNC records are from the 1970s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    value: str
    """Canonical: `2012/0052494Q`, `85227/65L`, `SF39/12345Y`."""
    valid: bool
    """Whether the check letter is right. A random letter passes once in 23 times."""


def check_letter(number: int) -> str:
    """The check letter of PNC and CRO numbers: the remainder by 23 in an alphabet without I, O and S."""
    return _CHECK_LETTERS[number % 23]


def pnc(text: str, *, this_year: int = _LAST_YEAR) -> Identifier | None:
    """A PNC ID as `YYYY/NNNNNNND`, from any way of writing it; None if it has not the form of one.

    Without the slash only all twelve characters will do. Two figures up to those of `this_year` are 20YY, others 19YY.
    """
    compact = _compact(text)
    match = _PNC.fullmatch(compact)
    if match is None or ("/" not in compact and len(compact) != 12):
        return None
    year, serial, letter = match.groups()
    if len(year) == 2:
        year = f"{'20' if int(year) <= this_year % 100 else '19'}{year}"
    right = check_letter(int(f"{year[2:]}{serial:0>7}"))
    return Identifier(value=f"{year}/{serial:0>7}{letter}", valid=letter == right)


def cro(text: str) -> Identifier | None:
    """A CRO number as `N/YYD`, or `SFYY/ND` for a file without fingerprints; None if it has not the form of one.

    The letter of the first counts the serial number as six figures, that of the file form as it is written.
    """
    compact = _compact(text)
    match = _CRO.fullmatch(compact)
    if match is not None:
        serial, year, letter = match.groups()
        right = check_letter(int(f"{year}{serial:0>6}"))
        return Identifier(value=f"{int(serial)}/{year}{letter}", valid=letter == right)
    match = _CRO_FILE.fullmatch(compact)
    if match is not None:
        year, serial, letter = match.groups()
        right = check_letter(int(f"{year}{int(serial)}"))
        return Identifier(value=f"SF{year}/{int(serial)}{letter}", valid=letter == right)
    return None


def _compact(text: str) -> str:
    return re.sub(r"[\s.]", "", plain(text[:60]).text).upper()


def vrm(text: str) -> str | None:
    """A vehicle's registration mark as `AB12CDE`; None if it is none of the forms that can be told without a label."""
    compact = _compact(text).replace("-", "")
    return compact if _VRM.fullmatch(compact) else None


def phone(text: str) -> str | None:
    """A British telephone number as its national figures, `07700900123`; None if it cannot be one."""
    digits = re.sub(r"[^\d+]", "", plain(text[:60]).text.replace("(0)", ""))
    digits = re.sub(r"^(?:\+44|0044)0?", "0", digits)
    return digits if re.fullmatch(r"0[1-9]\d{8,9}", digits) else None
