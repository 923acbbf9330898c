"""Words as scanners misread them and people in a hurry misspell them, put right where that is certain enough.

Only words of the rules are ever restored, and only from words that mean nothing to them. Lacking a dictionary
to tell a correct word from a slip, it knows few slips: letters that look alike to a scanner (`recaIl`, `R0TL`,
`Crirnestoppers`), and in long words a vowel, a doubled letter, c for s or k, a letter missing, added or swapped
(`emergancy`, `lisence`, `Crimstopers`). A change of the ending is another word, not a slip.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate

from inbox_router.core.canonical import Canonical
from inbox_router.core.ordinary import ORDINARY

SHORTEST_MISREAD = 4
SHORTEST_MISSPELT = 7
TWO_SLIPS_FROM = 12
"""Letters that a word of the rules must have to be restored from one and from two slips of the pen."""
LONGEST = 24
MOST_SETTLED = 50_000
"""Words remembered to be no slips, so that hostile mail cannot fill the memory."""
MOST_UNKNOWN = 5_000
"""Different unknown words looked at in one text; beyond that a text is not prose."""

_LOOK = str.maketrans({"0": "o", "1": "l", "5": "s", "8": "b", "i": "l", "|": "l"})
_SOUND = str.maketrans({"k": "c", "q": "c", "s": "c", "z": "c", "f": "v", **dict.fromkeys("aeiouyhw")})
_VOWELS = frozenset("aeiouy")
_KIN = (_VOWELS, frozenset("ckqsz"))
_ENDINGS = frozenset(
    {"", "s", "es", "d", "ed", "r", "er", "ers", "ing", "ings", "ly", "y", "ies", "ied", "e", "al", "ment"}
)
_STEM_ENDINGS = ("", "s", "ed", "ing", "ly")
_E_STEM_ENDINGS = ("", "s", "d")
"""What is tried behind a stem, so that `crimestopper*` is found in `Crimstopers` too."""
_ODD_CASE = re.compile(r"[a-z]I|\bI[a-z]|[A-Z]{2}l|\bl[A-Z]|l[A-Z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRight:
    """A text with its misread words restored."""

    words: Canonical
    changed: tuple[int, ...] = ()
    """The numbers of the words that were restored, in order."""


@dataclass(frozen=True, slots=True)
class _Restored:
    word: str
    needs_odd_case: bool = False
    """It is only a slip where the original mixes capital I and small l: else `ball` would be `bail`."""


class Spellings:
    """The words of all phrases, known through slips. `pieces` are canonical; one with no blank behind it is a stem."""

    def __init__(self, pieces: Iterable[str]) -> None:
        words: set[str] = set()
        stems: set[str] = set()
        for piece in pieces:
            whole = piece.split()
            if not piece.endswith(" "):
                stems.add(whole.pop())
            words.update(whole)
        inflected = {
            stem + ending for stem in stems for ending in (_E_STEM_ENDINGS if stem.endswith("e") else _STEM_ENDINGS)
        }
        self._stems = frozenset(stems)
        self._known = frozenset(words | inflected)
        self._by_look = _grouped((_look(word), word) for word in self._known if _can_be(word, SHORTEST_MISREAD))
        self._by_sound = _grouped((_sound(word), word) for word in self._known if _can_be(word, SHORTEST_MISSPELT))
        self._settled = set(self._known)

    def put_right(self, words: Canonical) -> PutRight:
        """`words` with every slip restored, still pointing to the same places of the original."""
        tokens = words.text.split()
        slips = {token: restored for token in self._unsettled(tokens) if (restored := self._restore(token)) is not None}
        if not slips:
            return PutRight(words=words)
        changed: list[int] = []
        for number, token in enumerate(tokens):
            slip = slips.get(token)
            if slip is None:
                continue
            if slip.needs_odd_case and not _ODD_CASE.search(words.original, words.starts[number], words.ends[number]):
                continue
            tokens[number] = slip.word
            changed.append(number)
        places = array("I", accumulate([len(token) + 1 for token in tokens[:-1]], initial=1))
        corrected = replace(words, text=f" {' '.join(tokens)} ", places=places)
        return PutRight(words=corrected, changed=tuple(changed))

    def _unsettled(self, tokens: list[str]) -> list[str]:
        """The different words of a text that are neither known nor were found to be no slip in an earlier one."""
        if len(self._settled) > len(self._known) + MOST_SETTLED:
            self._settled = set(self._known)
        unsettled = set(tokens) - self._settled
        return sorted(unsettled)[:MOST_UNKNOWN] if len(unsettled) > MOST_UNKNOWN else list(unsettled)

    def _restore(self, token: str) -> _Restored | None:
        restored = self._look_up(token) if SHORTEST_MISREAD <= len(token) <= LONGEST else None
        if restored is None:
            self._settled.add(token)
        return restored

    def _look_up(self, token: str) -> _Restored | None:
        if token in ORDINARY:
            return None
        alike = self._by_look.get(_look(token), ())
        if len(alike) == 1:
            has_figure = any(character in "0158" for character in token)
            if has_figure or (len(token) >= SHORTEST_MISSPELT and not _differ_by_i_and_l(token, alike[0])):
                return _Restored(alike[0])
            return _Restored(alike[0], needs_odd_case=True)
        if not token.isalpha() or any(token[:length] in self._stems for length in range(3, len(token))):
            # Figures that look like no letters, or a word that its stem finds as it stands.
            return None
        near = [word for word in self._by_sound.get(_sound(token), ()) if is_slip(token, word)]
        return _Restored(near[0]) if len(near) == 1 else None


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for key, word in pairs:
        groups[key] = (*groups.get(key, ()), word)
    return groups


def _can_be(word: str, shortest: int) -> bool:
    return shortest <= len(word) <= LONGEST and word.isalpha()


def _look(word: str) -> str:
    """What a word looks like to a bad eye: the same for `crimestoppers` and `crirnestoppers`."""
    return word.translate(_LOOK).replace("rn", "m").replace("vv", "w").replace("cl", "d")


def _sound(word: str) -> str:
    """First letter and set of consonants: the same for every slip that is forgiven, and for few other words."""
    return word[:1] + "".join(sorted(set(word[1:].translate(_SOUND))))


def _differ_by_i_and_l(token: str, word: str) -> bool:
    return len(token) == len(word) and all(a == b or {a, b} == {"i", "l"} for a, b in zip(token, word, strict=True))


def is_slip(token: str, word: str) -> bool:
    """Whether `token` is `word` with a slip of the pen, two in a long word, and not another form of it."""
    slips = 2 if len(word) >= TWO_SLIPS_FROM else 1
    if token[:1] != word[:1] or abs(len(token) - len(word)) > slips:
        return False
    return not _is_inflection(token, word) and _within(token, word, slips)


def _is_inflection(token: str, word: str) -> bool:
    """Whether the two differ in their endings only. A doubled letter before the ending is a slip: `unlawfuly`."""
    common = next((i for i, (a, b) in enumerate(zip(token, word, strict=False)) if a != b), min(len(token), len(word)))
    tails = token[common:], word[common:]
    doubled = abs(len(tails[0]) - len(tails[1])) == 1 and max(tails, key=len)[:1] == word[common - 1 : common]
    return not doubled and tails[0] in _ENDINGS and tails[1] in _ENDINGS


def _within(token: str, word: str, slips: int) -> bool:
    """Whether at most so many slips make `token` of `word`. Of first and last letters only doubled ones may slip."""
    common = next((i for i, (a, b) in enumerate(zip(token, word, strict=False)) if a != b), min(len(token), len(word)))
    before = word[max(common - 1, 0) : common]
    token, word = token[common:], word[common:]
    if not token and not word:
        return True
    if not slips:
        return False
    missing = len(word) > 1 or word == before
    added = len(token) > 1 or token == before
    return (
        (bool(word) and missing and _within(before + token, before + word[1:], slips - 1))
        or (bool(token) and added and _within(before + token[1:], before + word, slips - 1))
        or (len(token) > 1 and len(word) > 1 and _kin(token[0], word[0]) and _within(token[1:], word[1:], slips - 1))
        or (len(token) > 1 and token[:2] == word[1::-1] and _within(token[2:], word[2:], slips - 1))
    )


def _kin(one: str, other: str) -> bool:
    return any(one in kin and other in kin for kin in _KIN)
