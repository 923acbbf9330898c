"""Whether text is language at all.

Fonts with shifted glyphs and lost encodings give words that no rule will ever match; taken for text they would make an
urgent notice look like an ordinary empty one. No dictionary: pairs of letters tell language from noise in any of the
languages written with Latin letters that reach the inbox, in names and addresses as well as in sentences.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from typing import Final

_PAIRS: Final = (
    "thheineranreonatenndtiesorteofedisitalarsttontngsehaasouiolevecomedehiriroicneearacelichllbemasiomurdiel"
    "latausnoholoilecetactrnicaunrtsoiegewaadameeemolmoddynwyaeairhffgwydeidysadanardaypepoopprssirulsuidctfo"
    "shwhdoye"
)
_COMMON_PAIRS: Final = frozenset(_PAIRS[place : place + 2] for place in range(0, len(_PAIRS), 2))
"""The commonest in English, and those that Welsh adds."""
_SAMPLE: Final = 20_000
_ENOUGH_PAIRS: Final = 40
_LEAST_COMMON: Final = 0.30
"""Language has 0.4 (names from all over) to 0.75 (English), shifted or random letters at most 0.25."""
_LONG_WORD: Final = re.compile("[a-z]{5,}")
_MOST_ODD: Final = 0.1
_LEAST_WORDS: Final = 0.4
_FILLERS: Final = frozenset("_.-=*·…|~─━☐☒☑")


def is_language(text: str) -> bool:
    """Whether `text` can be believed. One too short to judge is, unless it holds characters that stand for none."""
    sample = text[:_SAMPLE]
    shown = [character for character in sample if not character.isspace() and character not in _FILLERS]
    if not shown:
        return True
    odd = sum(
        1 for character in shown if character == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(character) in _ODD
    )
    if odd > _MOST_ODD * len(shown):
        return False
    if len(shown) >= _ENOUGH_PAIRS and sum(map(str.isalnum, shown)) < _LEAST_WORDS * len(shown):
        return False
    return common_share(sample) >= _LEAST_COMMON


_ODD: Final = frozenset({"Co", "Cn", "Cc"})


def common_share(text: str) -> float:
    """The share of common pairs of letters within the longer words; 1.0 where there are too few to judge.

    Words of fewer than five letters do not count: plates, postcodes and abbreviations are noise by design.
    """
    pairs = Counter(pair for word in _LONG_WORD.findall(text.lower()) for pair in itertools.pairwise(word))
    common = sum(count for (first, second), count in pairs.items() if first + second in _COMMON_PAIRS)
    return common / pairs.total() if pairs.total() >= _ENOUGH_PAIRS else 1.0
