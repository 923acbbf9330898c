"""What deciding one message costs as the rules grow, beside a loop of `re` over the same phrases.

    python bench/deciding.py [--profile]

Processor time in milliseconds a message, on the sample mail that has no attachments. Rules are made up: twelve phrases
each, of words of which some occur in the mail, over the shipped entities, registers and sender groups.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from inbox_router.core.decide import decide
from inbox_router.core.decision import Priority
from inbox_router.core.index import Index, compile_rules
from inbox_router.core.message import Message
from inbox_router.core.observe import observe
from inbox_router.core.parse import Opened, complete, open_message
from inbox_router.core.phrases import problem
from inbox_router.core.rules import Ending, Rule, RuleSet, Status, Target, TargetKind, Test, Then, Where, Word
from inbox_router.files.config import load
from inbox_router.workbench import load_index, mail_files

ROOT = Path(__file__).parent.parent
MAIL = (ROOT / "tests" / "data" / "mail" / "first", ROOT / "inbox_router" / "demo" / "mail")
SIZES = (10, 100, 1_000, 10_000)
PHRASES_A_RULE = 12
FROM_MAIL = 0.02
"""Share of the phrases that are cut out of the mail, and so occur in some message."""
HERE = Where(file="bench", line=1, column=1)
RE_SECONDS = 4.0
ROUNDS = 10
TIER = "OFFICIAL"

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Row:
    rules: str
    index: Index
    compiled: float
    """Seconds."""
    first: float = 0.0
    """Milliseconds for a message whose words were not seen before."""
    observed: float = float("inf")
    decided: float = float("inf")
    """Observing included."""

    def measure(self, messages: Sequence[Message]) -> None:
        """One more round; the best counts, because what others do on the machine only ever adds."""
        self.observed = min(self.observed, once(lambda each: observe(each, self.index, tier=TIER), messages))
        self.decided = min(self.decided, once(lambda each: decide(each, self.index, tier=TIER), messages))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--profile", action="store_true", help="show where the time goes at 10,000 rules instead")
    shipped = load_index(load(ROOT / "config.example.yaml"))
    mail = [path.read_bytes() for path in mail_files(MAIL)]
    messages = [complete(found, ()) for found in map(read, mail) if not found.files]
    if arguments.parse_args().profile:
        profile(compile_rules(made_up(shipped.ruleset, SIZES[-1], messages)), messages)
        return
    characters = statistics.mean(sum(len(each.text) for each in message.passages) for message in messages)
    print(f"{len(messages)} messages of {characters:.0f} characters of text on average")
    print(f"reading one of {len(mail)} (octets to message): {min(once(read, mail) for _ in range(ROUNDS)):.2f} ms\n")
    rows = [Row(rules="shipped", index=shipped, compiled=0.0)]
    rows += [compiled(made_up(shipped.ruleset, size, messages)) for size in SIZES]
    for row in rows:
        row.first = first_time(row.index, messages)
    for _ in range(ROUNDS):
        for row in rows:
            row.measure(messages)
    print("   rules   phrases  compile s   first ms  observe ms  decide ms   growth   loop of re ms")
    for row in rows:
        growth = row.decided / rows[1].decided
        print(
            f"{row.rules:>8} {len(row.index.phrases):9,} {row.compiled:10.2f} {row.first:10.2f} {row.observed:11.2f} "
            f"{row.decided:10.2f} {growth:8.2f} {loop_of_re(row.index.phrases, messages):15.1f}"
        )


def read(octets: bytes) -> Opened:
    return open_message(octets, gateway="mx.pennine.police.example", received=None)


def compiled(ruleset: RuleSet) -> Row:
    begun = time.process_time()
    index = compile_rules(ruleset)
    return Row(rules=f"{len(ruleset.rules):,}", index=index, compiled=time.process_time() - begun)


def first_time(index: Index, messages: Sequence[Message]) -> float:
    """Deciding half of the messages after the other half: what the index remembers of words is of others."""
    half = len(messages) // 2
    for message in messages[half:]:
        decide(message, index, tier=TIER)
    return once(lambda message: decide(message, index, tier=TIER), messages[:half])


def once(work: Callable[[T], object], things: Sequence[T]) -> float:
    """Milliseconds of processor time for one of these things."""
    begun = time.process_time()
    for thing in things:
        work(thing)
    return (time.process_time() - begun) * 1_000 / len(things)


def loop_of_re(phrases: Sequence[str], messages: Sequence[Message]) -> float:
    """One `re` search after another, on as many messages as a few seconds allow."""
    patterns = [
        re.compile(r"\b" + r"\W+".join(map(re.escape, phrase.split())) + r"\b", re.IGNORECASE) for phrase in phrases
    ]
    begun = time.process_time()
    done = 0
    while done < len(messages) and time.process_time() - begun < RE_SECONDS:
        text = "\n".join(passage.text for passage in messages[done].passages)
        for pattern in patterns:
            pattern.search(text)
        done += 1
    return (time.process_time() - begun) * 1_000 / done


def made_up(shipped: RuleSet, size: int, messages: Sequence[Message]) -> RuleSet:
    """A rule set of this many rules; the same each time."""
    chance = random.Random(size)
    texts = [re.findall(r"[A-Za-z]{2,}", passage.text.lower()) for message in messages for passage in message.passages]
    said = [text for text in texts if len(text) > 3]
    vocabulary = sorted({word for text in said for word in text}) + [invented_word(chance) for _ in range(5 * size)]
    rules = tuple(made_up_rule(number, chance, said, vocabulary) for number in range(size))
    return replace(shipped, rules=rules, version=f"{size:064}")


def made_up_rule(number: int, chance: random.Random, said: list[list[str]], vocabulary: list[str]) -> Rule:
    phrases = [made_up_phrase(chance, said, vocabulary) for _ in range(PHRASES_A_RULE)]
    third = PHRASES_A_RULE // 3
    all_of, any_of, none_of = phrases[:third], phrases[third : 2 * third], phrases[2 * third :]
    return Rule(
        name=f"rule-{number:05}",
        title="it is made up",
        status=Status.LIVE,
        all_of=(says(all_of),),
        any_of=(says(any_of),),
        none_of=(says(none_of),),
        then=Then(
            ending=Ending.ROUTE,
            category="made_up",
            priority=Priority.ROUTINE,
            to=(Target(kind=TargetKind.LOOKUP, name="home place", column="mailbox", where=HERE),),
        ),
        where=HERE,
    )


def says(phrases: Sequence[str]) -> Test:
    return Test(word=Word.SAYS, values=tuple(phrases), where=HERE)


def made_up_phrase(chance: random.Random, said: list[list[str]], vocabulary: list[str]) -> str:
    length = chance.choice((1, 2, 2, 3, 3, 4))
    if chance.random() < FROM_MAIL:
        text = chance.choice(said)
        begin = chance.randrange(max(1, len(text) - length))
        words = text[begin : begin + max(2, length)]
    else:
        words = [chance.choice(vocabulary) for _ in range(max(2, length))]
    phrase = " ".join(words)
    return phrase if problem(phrase) is None else invented_word(chance)


def invented_word(chance: random.Random) -> str:
    syllables = chance.randint(2, 4)
    return "".join(chance.choice("bcdfglmnprstvw") + chance.choice("aeiou") for _ in range(syllables))


def profile(index: Index, messages: Sequence[Message]) -> None:
    profiler = cProfile.Profile()
    profiler.enable()
    for message in [*messages] * ROUNDS:
        decide(message, index, tier=TIER)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
