"""Whether two messages are the same notice, and whether they name the same person or another.

A notice often comes by three routes: from its author, through a mailbox that passes it on, attached to a covering line.
It is to be acted on once. But a notice that is put away as known and was not costs more than one that is sent twice: so
whatever is new in the later message, a word that the first does not have, makes it a message of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from inbox_router.core.canonical import SENTENCE_END, canonical
from inbox_router.core.covering import COVERING
from inbox_router.core.decision import Decision, Outcome
from inbox_router.core.message import Kind, Message, Passage, Readability
from inbox_router.core.observe import MATCHED, Earlier
from inbox_router.core.voices import DIVIDER, FIELD, RULED_LINE

SAME_NOTICE = "same notice"
"""In the place of a rule's name, where a message is filed because it is."""

WORDING = "wording"
"""The kind of what stands in for an identifier in a message that has none: digests of its words."""

WINDOW = timedelta(days=14)
"""How far apart two messages may arrive and be the same notice."""

_SHINGLE = 4
_ALIKE = 0.9
_LEAST_WORDS = 12
"""With fewer words than this in common nobody can tell a copy from another notice."""
_LONGEST_COVER = 40
_SKETCH = 8
_TOLD_TO_ALL = frozenset({"prison_recall", "rotl"})

Identifiers = Sequence[tuple[str, str]]
Shingles = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    message: Message
    decision: Decision


def same_notice(new: Notice, earlier: Notice, *, within: timedelta = WINDOW) -> bool:
    """Whether `new` says nothing that `earlier` did not say, and is decided alike.

    The same octets always are the same notice. Otherwise both are routed as the same type to the same mailboxes, name
    the same identifiers (or none and have the same author) and key facts, arrived `within` a time of each other, and
    their words are nearly the same; above them the later one has covering words only.
    """
    if new.message.sha256 == earlier.message.sha256:
        return True
    return (
        decided_alike(new.decision, earlier.decision)
        and _arrived_within(new.message, earlier.message, within)
        and _same_matter(new, earlier)
        and _key_facts(new.decision) == _key_facts(earlier.decision)
        and _files_known(new.message, earlier.message)
        and _says_the_same(new.message, earlier.message)
    )


def decided_alike(one: Decision, other: Decision) -> bool:
    """Routed by the same rule as the same type to the same mailboxes: what can be known without reading the words."""
    return (
        one.outcome is other.outcome is Outcome.ROUTE
        and (one.rule, one.category, one.type, one.priority) == (other.rule, other.category, other.type, other.priority)
        and {place.mailbox for place in one.destinations} == {place.mailbox for place in other.destinations}
    )


def shared_kinds(mine: Identifiers, theirs: Identifiers) -> tuple[str, ...]:
    """The kinds of identifier of which both name the same."""
    return tuple(sorted({kind for kind, _ in set(mine) & set(theirs)} - {WORDING}))


def differing_kinds(mine: Identifiers, theirs: Identifiers) -> tuple[str, ...]:
    """The kinds of identifier that both name, without one in common."""
    both = {kind for kind, _ in mine} & {kind for kind, _ in theirs}
    return tuple(sorted(both - set(shared_kinds(mine, theirs)) - {WORDING}))


def wording(message: Message) -> tuple[tuple[str, str], ...]:
    """What stands in for identifiers where there are none: digests that two nearly equal texts very likely share.

    They find what may be the same notice; whether it is, the words decide.
    """
    shingles = {each for passage in _spoken(message) for each in _shingles(_words(passage))}
    digests = sorted(hashlib.blake2b(" ".join(each).encode(), digest_size=8).hexdigest() for each in shingles)
    return tuple((WORDING, digest) for digest in digests[:_SKETCH])


def to_be_told(decision: Decision, earlier: Sequence[Earlier]) -> tuple[Earlier, ...]:
    """The earlier messages that a forwarded one may speak of.

    That somebody reported a person, or asked about one, is told to those only who are sent messages of that kind.
    """
    return tuple(one for one in earlier if one.category in {decision.category, *_TOLD_TO_ALL})


def _arrived_within(one: Message, other: Message, within: timedelta) -> bool:
    return one.received is not None and other.received is not None and abs(one.received - other.received) <= within


def _same_matter(new: Notice, earlier: Notice) -> bool:
    mine, theirs = new.decision.identifiers, earlier.decision.identifiers
    if all(kind == WORDING for kind, _ in (*mine, *theirs)):
        return _same_author(new.message, earlier.message)
    return bool(shared_kinds(mine, theirs)) and not differing_kinds(mine, theirs)


def _same_author(new: Message, earlier: Message) -> bool:
    """Whether one is from the other's sender, or passes that on: two people may ask the same, and want two answers."""
    one, other = new.sender.address, earlier.sender.address
    if one == other:
        return bool(one)
    return _mentions(new, other) or _mentions(earlier, one)


def _mentions(message: Message, address: str) -> bool:
    return bool(address) and any(address in passage.text.lower() for passage in message.passages)


def _key_facts(decision: Decision) -> Mapping[str, tuple[str, ...]]:
    return {fact.label: tuple(canonical(fact.value).words()) for fact in decision.key_facts}


def _files_known(new: Message, earlier: Message) -> bool:
    """Whether each file that could not be read was with the earlier message too."""
    known = {each.sha256 for each in earlier.attachments}
    shut = [each for each in new.attachments if each.readability is not Readability.READ and not each.inline]
    return all(each.sha256 in known for each in shut)


def _says_the_same(new: Message, earlier: Message) -> bool:
    """Every passage of `new` is one of `earlier` or covers it, and nothing that decided `earlier` is left out."""
    before = [_words(passage) for passage in earlier.passages]
    before_words = {word for words in before for word in words}
    before_shingles = _all_shingles(before)
    harmless = COVERING | set(canonical(earlier.subject).words()) | _names(new)
    now = [_words(passage) for passage in _spoken(new)]
    common = [words for words in now if _contained(_shingles(words), before_shingles)]
    covers = [words for words in now if not _contained(_shingles(words), before_shingles)]
    said_before = [_words(passage) for passage in _spoken(earlier)]
    substance = [words for words in said_before if not _covers(words, harmless)]
    return (
        sum(map(len, common)) >= _LEAST_WORDS
        and all(_covers(words, harmless) for words in covers)
        and {word for words in common for word in words} <= before_words | COVERING
        and set(canonical(new.subject).words()) <= before_words | harmless
        and _contained(_all_shingles(substance), _all_shingles(_words(passage) for passage in new.passages))
    )


def _covers(words: Sequence[str], harmless: Iterable[str]) -> bool:
    return len(words) <= _LONGEST_COVER and set(words) <= set(harmless)


def _names(message: Message) -> set[str]:
    """The sender's own names, with which a covering line is signed."""
    return set(canonical(f"{message.sender.display} {message.sender.address}").words())


def _spoken(message: Message) -> list[Passage]:
    return [passage for passage in message.passages if passage.kind in MATCHED and passage.kind is not Kind.SUBJECT]


def _words(passage: Passage) -> tuple[str, ...]:
    text = _below_header(passage.text) if passage.kind is Kind.QUOTED else passage.text
    return tuple(word for word in canonical(text).words() if word != SENTENCE_END)


def _below_header(text: str) -> str:
    """Quoted words without the header fields that the mail program put above them."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if line.strip() and not (FIELD.match(line) or DIVIDER.fullmatch(line) or RULED_LINE.fullmatch(line)):
            return "\n".join(lines[place:])
    return ""


def _shingles(words: Sequence[str]) -> Shingles:
    """Every four words in a row; a text of fewer is one."""
    if not words:
        return frozenset()
    return frozenset(tuple(words[start : start + _SHINGLE]) for start in range(max(len(words) - _SHINGLE + 1, 1)))


def _all_shingles(texts: Iterable[Sequence[str]]) -> Shingles:
    return frozenset(each for words in texts for each in _shingles(words))


def _contained(some: Shingles, others: Shingles) -> bool:
    return len(some & others) >= _ALIKE * len(some)
