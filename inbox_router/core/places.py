"""Register keys in text: postcodes by longest prefix, towns and names as whole names, never a street or an office."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from inbox_router.core.rules import Register

Row = Mapping[str, str]

ELSEWHERE_KEY = "*"

_STREET = (
    "road|rd|street|st|lane|ln|avenue|ave|terrace|tce|close|cl|drive|dr|way|grove|gr|place|pl|crescent|cres|gardens|gdns"
    "|mount|view|court|ct|row|bank|hill|house|buildings|arms|hotel|inn|park"
)
_OFFICE = (
    "crown|magistrates|mags|combined|county|probation|pdu|ypp|npt|prison|police|office|infirmary|hospital|college|school"
    "|station|university|council|mbc|metropolitan|division|district|team|cid|nick|united"
)
_AFTER_A_TOWN = re.compile(rf"^[^\n,;(.]{{0,16}}?\b(?:{_STREET}|{_OFFICE})\b", re.IGNORECASE)
"""What follows a town's name where it is the name of a street, a court, an office or a club."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefixes:
    """A register's keys that hold digits, for look-up by longest prefix, and its row for all others."""

    rows: Mapping[str, Row]
    elsewhere: Row | None

    def row(self, postcode: str) -> Row | None:
        """The row of the most specific key: `LS12 4` before `LS12`. `postcode` is written `LS12 4AB` or `LS12`."""
        outward, _, inward = postcode.partition(" ")
        tries = (postcode, f"{outward} {inward[:1]}" if inward else "", outward, outward.rstrip("0123456789"))
        return next((self.rows[key] for key in tries if key and key in self.rows), self.elsewhere)


def prefixes(register: Register) -> Prefixes:
    key_column = register.columns[0]
    rows = {row[key_column].upper(): row for row in register.rows if any(c.isdigit() for c in row[key_column])}
    elsewhere = next((row for row in register.rows if row[key_column] == ELSEWHERE_KEY), None)
    return Prefixes(rows=rows, elsewhere=elsewhere)


def names_something_else(text: str, end: int) -> bool:
    """Whether a town's name that ends at `end` is only part of a name: `Dewsbury Road`, `Leeds Crown Court`."""
    return _AFTER_A_TOWN.match(text[end : end + 40]) is not None
