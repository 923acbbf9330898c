"""Text as phrases are sought in it: plain words with one space between them, and the way back to the original.

However a word is written - in capitals, with accents, in full-width or look-alike letters, unseen characters inside -
it has one canonical form. Phrases go through the same function as mail does, so that the two always agree.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, compress

SENTENCE_END = "."
"""Stands where a sentence or paragraph ends, as a word of its own; no phrase reaches over it."""

UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e01ef"
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_LETTER = rf"(?:[^\W_]|[{_MARKS}{UNSEEN}])"
_QUOTES = "'\u2018\u2019\u02bc\u0060\u00b4\uff07"

_BOX = r"\[[ _]?[xX]?[ _]?\]|\([xX]\)"
_INITIALS = r"(?<![^\W_])[A-Za-z](?:\.[A-Za-z])+\b\.?(?![^\W_])"
_FULL_STOP = r"[.!](?=[\"')\]\u201d\u2019]{0,3}\s+[\"'(\[\u201c\u2018]{0,3}(?:[A-Z]|[^\W\d_a-z]))"
_QUESTION = (
    r"\?(?=[\"')\u201d\u2019]{0,3}(?: {1,2}|[ \t]{0,40}\n)"
    r"(?!\s{0,40}(?:[Yy]es|YES|[Nn]o|NO|[Nn]one|NONE|Y|N)\b)\s{0,40}[\"'(\u201c\u2018]{0,3}(?:[A-Z]|[^\W\d_a-z]))"
)
_BLANK_LINE = r"\n[ \t\r>\u00a0]*\n\s*"

_TOKEN = re.compile(rf"{_BOX}|{_INITIALS}|{_LETTER}+(?:[{_QUOTES}]{_LETTER}+)*|{_FULL_STOP}|{_QUESTION}|{_BLANK_LINE}")
_ASCII_TOKEN = re.compile(
    rf"{_BOX}|{_INITIALS}|[A-Za-z0-9]+(?:['`][A-Za-z0-9]+)*|{_FULL_STOP}|{_QUESTION}|{_BLANK_LINE}", re.ASCII
)
_NOT_WORD = re.compile(r"[\W_]+")
_POSSESSIVE = re.compile(rf"[{_QUOTES}][Ss]$")

_SHORTENED = """
apt approx ave avenue cl co cpl cres ct dc dept det di dr ds etc ext fig gdns hse insp ln lt ltd maj messrs mr
mrs ms no nos nr op ops para pc pl plc prof pt rd ref rev sec sgt sq ss st supt tce tel terr viz vol vs
"""
ABBREVIATIONS = frozenset(_SHORTENED.split())
"""Words whose full stop does not end a sentence."""

# Look-alike characters are what this table is about.
# ruff: noqa: RUF001
_LOOKALIKES = {
    **dict(zip("АВЕЅІЈКМНОРСТУХԛԜԌҮ", "abesijkmhopctyxqwgy", strict=True)),
    **dict(zip("авеѕіјкмнорстухԛԝґһӏԁү", "abesijkmhopctyxqwrhldy", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True)),
    **dict(zip("αβγεικνορτυχω", "abyeikvoptuxw", strict=True)),
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
    **dict(zip("ıłŁøØđĐħĦɑɡɩⅼ∣ǀ", "illooddhhagilll", strict=True)),
    **dict.fromkeys("æÆ", "ae"),
    **dict.fromkeys("œŒ", "oe"),
    **dict.fromkeys("ßẞ", "ss"),
    **dict.fromkeys("þÞ", "th"),
    **dict.fromkeys("ðÐ", "d"),
}


def _fold_character(character: str) -> str:
    lookalike = _LOOKALIKES.get(character)
    if lookalike is not None:
        return lookalike
    parts = unicodedata.normalize("NFKD", character)
    return "".join(
        _LOOKALIKES.get(part, part.casefold())
        for part in parts
        if unicodedata.category(part) not in {"Mn", "Me", "Cf", "Cs"}
    )


class _Folds(dict[int, str]):
    """Character -> its folded form, worked out when first seen. Only the Basic Multilingual Plane is remembered."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if code < 0x10000:
            self[code] = folded
        return folded


_FOLDS = _Folds({code: chr(code).lower() for code in range(128)})


def fold(text: str) -> str:
    """Lower case, without accents, look-alikes, ligatures or anything that cannot be seen. Lengths may change."""
    return text.translate(_FOLDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """Folded words and sentence ends with single spaces between, before and after them."""

    original: str
    text: str
    starts: array[int]
    """Of each word, in the original."""
    ends: array[int]
    places: array[int]
    """Of each word, in `text`."""

    def word_at(self, place: int) -> int:
        """The number of the word that holds the character at `place` of `text`."""
        return bisect_right(self.places, place) - 1

    def words(self) -> list[str]:
        """Sentence ends among them."""
        return self.text.split()


def canonical(text: str) -> Canonical:
    """The canonical form of any text, lone surrogates and all. Takes time in proportion to its length."""
    is_ascii = text.isascii()
    pattern = _ASCII_TOKEN if is_ascii else _TOKEN
    spans = [match.span() for match in pattern.finditer(text)]
    if is_ascii:
        lowered = text.lower()
        words = [lowered[start:end] for start, end in spans]
    else:
        words = [_folded_word(text[start:end]) for start, end in spans]
    for number in [number for number, word in enumerate(words) if not word.isalnum()]:
        words[number] = _tidy(words[number], text, spans[number], words[number - 1] if number else "")
    if "" in words:
        spans = list(compress(spans, words))
        words = list(compress(words, words))
    starts, ends = zip(*spans, strict=True) if spans else ((), ())
    return Canonical(
        original=text,
        text=f" {' '.join(words)} " if words else " ",
        starts=array("I", starts),
        ends=array("I", ends),
        places=array("I", accumulate([len(word) + 1 for word in words[:-1]], initial=1) if words else ()),
    )


def _folded_word(token: str) -> str:
    return token.lower() if token.isascii() else fold(token)


def _tidy(token: str, text: str, span: tuple[int, int], before: str) -> str:
    """A token that is more than letters and digits: a sentence end, a box, initials, apostrophes; "" if it is no word.

    `can't` is `cant`; `governor's` is `governor`, so that phrases need not foresee it; `R.O.T.L.` is `rotl`.
    """
    start, end = span
    match token[:1]:
        case "[" | "(":
            return ""
        case "\n":
            return "" if text[end : end + 1].islower() else SENTENCE_END
        case "." | "!" | "?":
            return "" if text[start] == "." and _abbreviates(before, text, start) else SENTENCE_END
    return _NOT_WORD.sub("", _POSSESSIVE.sub("", token))


def _abbreviates(word: str, text: str, full_stop: int) -> bool:
    """Whether the full stop after `word` is part of it: `Op. Linnet`, `J. Smith`, the number of a list's item."""
    if word in ABBREVIATIONS:
        return True
    if word.isdigit():
        return not text[text.rfind("\n", max(full_stop - 12, 0), full_stop) + 1 : full_stop].strip(" \t>(" + word)
    return len(word) == 1 and word.isalpha()
