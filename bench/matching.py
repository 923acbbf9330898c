"""How long finding the phrases of 10 to 10,000 rules takes: one scan for all of them, against a loop of `re`.

    python bench/matching.py

Messages and phrases are made up of police and everyday words with a fixed seed. No message is scanned twice, because an
engine that has just read a text flatters itself on the next reading.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Sequence

from inbox_router.core.canonical import canonical
from inbox_router.core.forms import negated, unchosen
from inbox_router.core.phrases import Lexicon
from inbox_router.core.postcodes import find_postcodes

RULES = (10, 100, 1_000, 10_000)
PHRASES_A_RULE = 12
MESSAGES = 200
CHARACTERS = 2_000

EVERYDAY = """
the of and to a in he was his is for with on at by not from this has been you will that as are please her they were
have today address police prison licence release released officer report information force received morning regards
last known number date team division contact attached may further any all if no our your would which who time
sentence offence vehicle street road house flat seen male female aged about near people night week
"""
COMMON = EVERYDAY.split()
CONSONANTS, VOWELS = "bcdfghjklmnprstvw", "aeiou"


def main() -> None:
    chance = random.Random(26)
    rare = ["".join(chance.choice(kind) for kind in (CONSONANTS, VOWELS, CONSONANTS) * 3) for _ in range(6_000)]
    messages = [message(chance, rare) for _ in range(MESSAGES)]
    print(f"{MESSAGES} messages of about {CHARACTERS} characters, {PHRASES_A_RULE} phrases a rule; ms a message\n")
    print("| rules | phrases | one scan | loop of `re` | making the lexicon |")
    print("|---:|---:|---:|---:|---:|")
    for rules in RULES:
        phrases = [phrase(chance, rare) for _ in range(rules * PHRASES_A_RULE)]
        begun = time.perf_counter()
        lexicon = Lexicon(phrases)
        made = time.perf_counter() - begun
        scanned = each(lexicon.scan, messages)
        looped = each(loop(phrases), messages[: max(2, 2_000 // rules)])
        print(f"| {rules:,} | {len(phrases):,} | {scanned:.2f} | {looped:,.1f} | {made:.2f} s |")
    print(f"\nOf one scan: canonical text {each(canonical, messages):.2f} ms.")
    print(f"Besides: forms {each(lambda text: (unchosen(text), negated(text)), messages):.2f} ms,", end=" ")
    print(f"postcodes {each(find_postcodes, messages):.2f} ms.")


def each(work: Callable[[str], object], messages: Sequence[str]) -> float:
    """Milliseconds a message."""
    begun = time.perf_counter()
    for text in messages:
        work(text)
    return (time.perf_counter() - begun) / len(messages) * 1_000


def loop(phrases: Sequence[str]) -> Callable[[str], object]:
    patterns = [re.compile(as_pattern(text), re.IGNORECASE) for text in phrases]
    return lambda text: [match.span() for pattern in patterns for match in pattern.finditer(text)]


def as_pattern(text: str) -> str:
    words = re.escape(text).replace(r"\*", r"\w*").replace(r"\.\.\.", r"(?:\w+\W+){0,6}?")
    return rf"\b{words}".replace(r"\ ", r"\W+") + r"\b"


def phrase(chance: random.Random, rare: Sequence[str]) -> str:
    """Two or three words, one of them rare; one in ten with an open ending or a gap."""
    words = [chance.choice(COMMON), chance.choice(rare), *chance.choices(COMMON, k=chance.randrange(2))]
    kind = chance.randrange(20)
    if kind == 0:
        words[1] += "*"
    elif kind == 1:
        words.insert(1, "...")
    return " ".join(words)


def message(chance: random.Random, rare: Sequence[str]) -> str:
    """Sentences of common words with a rare one now and then, and a few lines of a form."""
    text = ""
    while len(text) < CHARACTERS - 300:
        words = [chance.choice(rare) if chance.random() < 0.08 else chance.choice(COMMON) for _ in range(14)]
        text += " ".join(words).capitalize() + chance.choice((". ", ".\n", ".\n\n"))
    return (
        text
        + "\nEMERGENCY RECALL\tYES [ ] NO [X]\nFirearms?   N\nLast known address: 12 Example Street\nHalifax HX1 1AA\n"
    )


if __name__ == "__main__":
    main()
