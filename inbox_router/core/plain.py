"""Text as patterns are sought in it: ASCII, letter for letter, and the way back to the original."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass

from inbox_router.core.canonical import UNSEEN, fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """Text in ASCII, case kept, without characters that cannot be seen; and the way back to the original."""

    text: str
    origins: array[int] | None
    """Of each character, where they differ."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]`, not empty, stands in the original."""
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


class _Plain(dict[int, str]):
    """Character -> one ASCII character that stands for it. Only the Basic Multilingual Plane is remembered."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = fold(character)
        if character.isspace():
            plain_one = " "
        elif len(folded) == 1 and folded.isascii():
            plain_one = folded.upper() if character.isupper() else folded
        else:
            plain_one = "-" if character in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d" else "?"
        if code < 0x10000:
            self[code] = plain_one
        return plain_one


_PLAIN = _Plain({code: chr(code) for code in range(128)})
_UNSEEN = re.compile(f"[{UNSEEN}\u0300-\u036f]+")


def plain(text: str) -> Plain:
    """Any text made fit for patterns: full-width, accented and look-alike characters become ASCII ones."""
    if text.isascii():
        return Plain(text=text, origins=None)
    if not _UNSEEN.search(text):
        return Plain(text=text.translate(_PLAIN), origins=None)
    pieces: list[str] = []
    origins = array("I")
    done = 0
    for start, end in [*(match.span() for match in _UNSEEN.finditer(text)), (len(text), len(text))]:
        pieces.append(text[done:start])
        origins.extend(range(done, start))
        done = end
    return Plain(text="".join(pieces).translate(_PLAIN), origins=origins)
