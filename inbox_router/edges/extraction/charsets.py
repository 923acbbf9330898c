"""Octets to text where nobody says, or nobody can be trusted to say, in which charset they are."""

from __future__ import annotations

import codecs
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(octets: bytes, declared: str = "") -> str:
    """By its byte order mark, as `declared`, as UTF-8, as Windows-1252: the first that fits. Never fails."""
    for mark, charset in _MARKS:
        if octets.startswith(mark):
            return octets.decode(charset, "replace")
    for charset in (declared, "utf-8"):
        try:
            if charset:
                return octets.decode(charset)
        # A declared name may be no charset, one that is no text encoding, or hold a NUL.
        except (LookupError, UnicodeError, ValueError):
            continue
    return octets.decode("cp1252", "replace")
