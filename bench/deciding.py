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
MAIL = (ROOT / "tests" / "data" / "corpus", ROOT / "inbox_router" / "demo" / "mail")
SIZES = (10, 100, 1_000, 10_000)
PHRASES_A_RULE = 12
FROM_MAIL = 0.02
"""Share of the phrases that are cut out of the mail, and so occur in some message."""
HERE = Where(file="bench", line=1, column=1)
RE_SECONDS = 4.0
ROUNDS = 5

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    rules: str
    phrases: int
    compiled: float
    """Seconds."""
    first: float
    """Milliseconds for a message whose words were not seen before."""
    observed: float
    decided: float
    """Observing included."""
    by_re: float | None = None


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--profile", action="store_true", help="show where the time goes at 10,000 rules instead")
    shipped = load_index(load(ROOT / "config.example.yaml"))
    mail = [path.read_bytes() for path in mail_files(MAIL)]
    opened = [found for found in map(read, mail) if not found.files]
    messages = [complete(found, ()) for found in opened]
    if arguments.parse_args().profile:
        profile(compile_rules(made_up(shipped.ruleset, SIZES[-1], messages)), messages)
        return
    characters = statistics.mean(sum(len(each.text) for each in message.passages) for message in messages)
    print(f"{len(messages)} messages of {characters:.0f} characters of text on average")
    print(f"reading one (octets to message): {milliseconds(read, mail):.2f} ms\n")
    print("   rules   phrases  compile s   first ms  observe ms  decide ms   growth   loop of re ms")
    rows = [measured("shipped", shipped, messages)]
    for size in SIZES:
        ruleset = made_up(shipped.ruleset, size, messages)
        rows.append(measured(f"{size:,}", None, messages, ruleset))
    for row in rows:
        growth = f"{row.decided / rows[1].decided:8.2f}" if row is not rows[0] else " " * 8
        by_re = f"{row.by_re:15.1f}" if row.by_re is not None else ""
        print(
            f"{row.rules:>8} {row.phrases:9,} {row.compiled:10.2f} {row.first:10.2f} {row.observed:11.2f} "
            f"{row.decided:10.2f} {growth} {by_re}"
        )


def read(octets: bytes) -> Opened:
    return open_message(octets, gateway="mx.pennine.police.example", received=None)


def measured(name: str, index: Index | None, messages: Sequence[Message], ruleset: RuleSet | None = None) -> Row:
    begun = time.process_time()
    if index is None:
        assert ruleset is not None
        index = compile_rules(ruleset)
    compiled = time.process_time() - begun
    half = len(messages) // 2
    for message in messages[half:]:
        decide(message, index, tier="OFFICIAL")
    first = once(lambda message: decide(message, index, tier="OFFICIAL"), messages[:half])
    return Row(
        rules=name,
        phrases=len(index.phrases),
        compiled=compiled,
        first=first,
        observed=milliseconds(lambda message: observe(message, index, tier="OFFICIAL"), messages),
        decided=milliseconds(lambda message: decide(message, index, tier="OFFICIAL"), messages),
        by_re=loop_of_re(index.phrases, messages) if ruleset else None,
    )


def milliseconds(work: Callable[[T], object], things: Sequence[T]) -> float:
    """The best of several rounds over all things: what others do on the machine only ever adds."""
    return min(once(work, things) for _ in range(ROUNDS))


def once(work: Callable[[T], object], things: Sequence[T]) -> float:
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
        decide(message, index, tier="OFFICIAL")
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
