"""The phrases that rules are written in, and one scan for all of them.

A phrase is plain words. Case, accents, punctuation, spacing and line breaks do not matter; only whole words count.
`recall*` stands for the word with any ending; `licence ... revoked` allows up to six words between the two, inside one
sentence and in that order. However many phrases there are, a text is read once.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, Implementation

from inbox_router.core.canonical import SENTENCE_END, Canonical, canonical
from inbox_router.core.misreadings import Spellings

REACH = 6
"""How many words `...` may stand for at most."""
LONGEST = 200
"""Characters that a phrase may have."""
MISSPELT = "misspelt"
"""The note on a hit that was only found by putting a misread or misspelt word right."""

_GAP = re.compile(r"\s*(?:\.{3,}|\u2026)\s*")
_SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A phrase where it was found."""

    phrase: int
    """Its number in the list that the lexicon was made from."""
    start: int
    end: int
    """In the original text; whole words, possessive endings included."""
    note: str = ""
    """`misspelt` where it was found by forgiving a slip."""


def problem(phrase: str) -> str | None:
    """Why `phrase` cannot be used, in words for the person who wrote it; None if it can."""
    if not phrase.strip():
        return "the phrase is empty"
    if len(phrase) > LONGEST:
        return f"the phrase has {len(phrase)} characters; at most {LONGEST} are allowed"
    if re.search(r"[\\^$|{}]|\.\*|\.\+|\(\?|\[[^\]]*-[^\]]*\]", phrase):
        return (
            "this looks like a regular expression; phrases are plain words, `recall*` for any ending, `...` for a gap"
        )
    if re.fullmatch(r"<[^<>]*>", phrase.strip()):
        return "a name in angle brackets cannot stand inside a phrase"
    for segment in _GAP.split(phrase.strip()):
        trouble = _segment_problem(segment)
        if trouble:
            return trouble
    return None


def _segment_problem(segment: str) -> str | None:
    if not segment:
        return "`...` needs words on both sides"
    if re.search(r"(?:^|[\s*])\*|\*[^\W_]", segment):
        return "`*` stands for an ending only, so it must directly follow the beginning of a word: `recall*`"
    for word in segment.split("*")[:-1]:
        stem = canonical(word).words()
        if not stem or len(stem[-1]) < _SHORTEST_STEM:
            return f"`*` needs at least {_SHORTEST_STEM} letters before it, or it fits too many words"
    words = canonical(segment).words()
    if not words:
        return "the phrase holds no words or numbers to look for"
    if SENTENCE_END in words:
        return "a phrase cannot reach over the end of a sentence; write it as two phrases"
    return None


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A phrase as pieces of canonical text. A piece ends in a blank, or within a word if it stands for any ending."""

    pieces: tuple[str, ...]
    gaps: tuple[bool, ...]
    """For each piece after the first: whether other words may stand before it."""


def _parse(phrase: str) -> _Pattern:
    pieces: list[str] = []
    gaps: list[bool] = []
    for segment in _GAP.split(phrase.strip()):
        *stems, rest = segment.split("*")
        for number, part in enumerate([*stems, rest]):
            text = canonical(part).text
            if text == " ":
                continue
            gaps.append(number == 0)
            pieces.append(text if part is rest else text[:-1])
    return _Pattern(pieces=tuple(pieces), gaps=tuple(gaps[1:]))


_Places = dict[int, list[tuple[int, int]]]
"""Piece -> where it occurs in the canonical text (start, end), in order; the end of a stem's whole word."""


class Lexicon:
    """Phrases made ready for one scan. Every phrase must be valid: see `problem`."""

    def __init__(self, phrases: Sequence[str]) -> None:
        numbers: dict[str, int] = {}
        self._whole: dict[int, list[int]] = {}
        self._composed: dict[int, list[tuple[int, tuple[int, ...], tuple[bool, ...]]]] = {}
        for phrase, text in enumerate(phrases):
            pattern = _parse(text)
            if not pattern.pieces:
                raise ValueError(f"phrase {phrase} ({text!r}) cannot be used: {problem(text)}")
            pieces = tuple(numbers.setdefault(piece, len(numbers)) for piece in pattern.pieces)
            if len(pieces) == 1:
                self._whole.setdefault(pieces[0], []).append(phrase)
            else:
                # Filed under its longest piece, the one that fewest texts hold.
                longest = max(pieces, key=lambda piece: len(pattern.pieces[pieces.index(piece)]))
                self._composed.setdefault(longest, []).append((phrase, pieces, pattern.gaps))
        self._stems = frozenset(number for piece, number in numbers.items() if not piece.endswith(" "))
        self._automaton = AhoCorasick(list(numbers), implementation=Implementation.ContiguousNFA) if numbers else None
        self._spellings = Spellings(numbers)

    def scan(self, text: str | Canonical) -> list[Hit]:
        """Every phrase wherever it occurs, overlapping ones too, in the order of the text; then the misspelt ones."""
        words = canonical(text) if isinstance(text, str) else text
        hits = [self._hit(words, *found) for found in self._find(words)]
        hits.extend(self._scan_corrected(words))
        return hits

    def occurrences(self, words: Canonical) -> int:
        """How often words of the phrases occur: at once, and what a scan would cost goes with it."""
        return len(self._automaton.find_matches_as_indexes(words.text, overlapping=True)) if self._automaton else 0

    def _scan_corrected(self, words: Canonical) -> Iterator[Hit]:
        """Phrases that show only once misread words are put right."""
        put_right = self._spellings.put_right(words)
        if not put_right.changed:
            return
        corrected = put_right.words
        for phrase, start, end in self._find(corrected):
            first, last = corrected.word_at(start + 1), corrected.word_at(end - 1)
            position = bisect_left(put_right.changed, first)
            if position < len(put_right.changed) and put_right.changed[position] <= last:
                yield self._hit(corrected, phrase, start, end, MISSPELT)

    def _hit(self, words: Canonical, phrase: int, start: int, end: int, note: str = "") -> Hit:
        first, last = words.word_at(start + 1), words.word_at(end - 1)
        return Hit(phrase=phrase, start=words.starts[first], end=words.ends[last], note=note)

    def _find(self, words: Canonical) -> list[tuple[int, int, int]]:
        """(phrase, start, end) in canonical text: `start` at the blank before, `end` behind the last letter."""
        if self._automaton is None:
            return []
        text = words.text
        places: _Places = {}
        found: list[tuple[int, int, int]] = []
        for piece, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            stop = text.index(" ", end) if piece in self._stems else end - 1
            places.setdefault(piece, []).append((start, stop))
            found.extend((phrase, start, stop) for phrase in self._whole.get(piece, ()))
        for piece in [piece for piece in places if piece in self._composed]:
            for phrase, pieces, gaps in self._composed[piece]:
                if all(other in places for other in pieces):
                    found.extend((phrase, start, end) for start, end in _join(words, pieces, gaps, places))
        found.sort(key=lambda hit: (hit[1], hit[2], hit[0]))
        return found


def _join(
    words: Canonical, pieces: tuple[int, ...], gaps: tuple[bool, ...], places: _Places
) -> Iterator[tuple[int, int]]:
    """Where the pieces follow each other as the phrase wants; for each beginning, the nearest end."""
    for start, end in places[pieces[0]]:
        ends = {end}
        for piece, gap in zip(pieces[1:], gaps, strict=True):
            ends = {stop for reached in ends for stop in _follow(words, places[piece], reached, gap=gap)}
            if not ends:
                break
        else:
            yield start, min(ends)


def _follow(words: Canonical, places: list[tuple[int, int]], reached: int, *, gap: bool) -> Iterator[int]:
    """The ends of the occurrences that come next: directly, or after at most `REACH` words of the same sentence."""
    farthest = _farthest(words, reached) if gap else reached
    position = bisect_left(places, (reached, 0))
    while position < len(places) and places[position][0] <= farthest:
        yield places[position][1]
        position += 1


def _farthest(words: Canonical, reached: int) -> int:
    """Where, at the latest, the next word of a phrase may begin (the blank before it)."""
    first = words.word_at(reached) + 1
    beyond = first + REACH
    farthest = words.places[beyond] - 1 if beyond < len(words.places) else len(words.text)
    sentence_end = words.text.find(f" {SENTENCE_END} ", reached, farthest + 1)
    return sentence_end if sentence_end != -1 else farthest
