"""Which rules fire on what was observed, at which depth of the message, by which words; and which nearly did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from inbox_router.core.areas import Areas
from inbox_router.core.decision import NearMiss
from inbox_router.core.index import SPOKEN, Blocks, CompiledRule, Condition, Index
from inbox_router.core.message import Kind, Span
from inbox_router.core.observe import OVER_TIER, Observation, Sighting
from inbox_router.core.rules import Rule, Test, Then, Type, Where, Word

_KINDS = {
    Word.SAYS: frozenset({Kind.SUBJECT, Kind.OWN, Kind.QUOTED, Kind.ATTACHMENT}),
    Word.SUBJECT_SAYS: frozenset({Kind.SUBJECT}),
    Word.OWN_SAYS: frozenset({Kind.OWN}),
    Word.ATTACHMENT_SAYS: frozenset({Kind.ATTACHMENT}),
    Word.QUOTED_SAYS: frozenset({Kind.QUOTED}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A condition that held, and the sightings that made it hold (none for what is not said in words)."""

    test: Test
    sightings: tuple[tuple[int, Sighting], ...] = ()
    """(phrase, where), newest words first."""
    value: str = ""
    """What held of a test that is not about words: the entity, the group, the trait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    rule: Rule
    type_name: str | None
    subtype: Type | None = None
    """The type that was chosen, as it stands in the file."""
    title: str
    """Completes "because ..."."""
    then: Then
    depth: int
    proofs: tuple[Proof, ...]
    sender_allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """A rule that did not fire though something of it was there."""

    rule: Rule
    missing: tuple[str, ...]
    """What was not there, or what vetoed it, one phrase each."""
    said: bool
    """Whether at least one of its conditions on words held; without that it is no near miss but another matter."""
    places: tuple[Where, ...] = ()
    """For each of `missing`, where the test stands that did not hold, or that vetoed it."""


_Ignored = Mapping[int, Areas]
"""By passage: where what is said does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    depth: int
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Missed:
    missing: tuple[str, ...]
    said: bool
    places: tuple[Where, ...]

    def short(self, rule: Rule) -> Short:
        return Short(rule=rule, missing=self.missing, said=self.said, places=self.places)


def fire(seen: Observation, index: Index) -> tuple[list[Fired], list[Short]]:
    """Every rule that fires, and the candidates that did not."""
    judge = _Judge(seen)
    fired: list[Fired] = []
    short: list[Short] = []
    for compiled in index.candidates(seen.facts()):
        outcome = judge.blocks(compiled.blocks)
        if isinstance(outcome, _Held):
            fired.append(_fired(compiled, outcome, judge, seen))
        else:
            short.append(outcome.short(compiled.rule))
    return fired, short


def shortfalls(seen: Observation, index: Index) -> tuple[Short, ...]:
    """What every rule that did not fire lacked, those too of which so little was there that deciding passes them by."""
    judge = _Judge(seen)
    outcomes = ((compiled.rule, judge.blocks(compiled.blocks)) for compiled in index.rules)
    return tuple(outcome.short(rule) for rule, outcome in outcomes if isinstance(outcome, _Missed))


def near_misses(short: Iterable[Short]) -> tuple[NearMiss, ...]:
    """The rules that were one condition short, or vetoed."""
    return tuple(
        NearMiss(rule=one.rule.name, missing=one.missing[0]) for one in short if one.said and len(one.missing) == 1
    )


def _fired(compiled: CompiledRule, held: _Held, judge: _Judge, seen: Observation) -> Fired:
    rule = compiled.rule
    subtype, proofs = _type(compiled.types, judge)
    then = subtype.then if subtype else rule.then
    if then.undoes:
        then = _as_widely(then, [pair for pair in compiled.types if not pair[0].then.undoes], judge)
    allowed = not rule.senders or (seen.trusted and any(name in rule.senders for name in seen.sender_names()))
    return Fired(
        rule=rule,
        type_name=subtype.name if subtype else None,
        subtype=subtype,
        title=(subtype.title if subtype else "") or rule.title,
        then=then,
        depth=held.depth,
        proofs=(*held.proofs, *proofs),
        sender_allowed=allowed,
    )


def _as_widely(then: Then, others: Sequence[tuple[Type, Blocks]], judge: _Judge) -> Then:
    """What is called off is told to everybody who was, or would have been, told of it."""
    undone, _ = _type(others, judge)
    if undone is None:
        return then
    mailboxes = {(target.kind, target.name) for target in then.copy}
    added = [target for target in undone.then.copy if (target.kind, target.name) not in mailboxes]
    return replace(then, copy=(*then.copy, *added))


def _type(types: Sequence[tuple[Type, Blocks]], judge: _Judge) -> tuple[Type | None, tuple[Proof, ...]]:
    """The type that the newest words speak of; of several in equally new words, the first in the file.

    A type without conditions is what the rest are exceptions to.
    """
    best: tuple[Type, _Held] | None = None
    plain: Type | None = None
    for subtype, blocks in types:
        if not (blocks.all_of or blocks.any_of):
            plain = plain or subtype
            continue
        held = judge.blocks(blocks)
        if isinstance(held, _Held) and (best is None or held.depth < best[1].depth):
            best = subtype, held
    if best is not None:
        return best[0], best[1].proofs
    return plain, ()


class _Judge:
    """Holds conditions against one observation."""

    def __init__(self, seen: Observation) -> None:
        self._seen = seen

    def blocks(self, blocks: Blocks) -> _Held | _Missed:
        """The depth and proofs where all blocks hold, else what was missing."""
        ignored = self._ignored(blocks.ignore)
        proofs: list[Proof] = []
        depth = 0
        missing: list[tuple[str, Where]] = []
        for condition in blocks.all_of:
            held = self._condition(condition, ignored)
            if held is None:
                missing.append((_in_words(condition.test), condition.test.where))
            else:
                depth = max(depth, held.depth)
                proofs.extend(held.proofs)
        if blocks.any_of:
            some = [held for held in (self._condition(one, ignored) for one in blocks.any_of) if held]
            if some:
                depth = max(depth, min(held.depth for held in some))
                proofs.extend(proof for held in some for proof in held.proofs)
            else:
                any_of = "any of: " + "; ".join(_in_words(one.test) for one in blocks.any_of)
                missing.append((any_of, blocks.any_of[0].test.where))
        said = any(proof.sightings for proof in proofs)
        if not missing:
            missing.extend(self._veto(blocks, ignored, depth))
        if not missing:
            return _Held(depth=depth, proofs=tuple(proofs))
        words, places = zip(*missing, strict=True)
        return _Missed(missing=words, said=said, places=places)

    def _veto(self, blocks: Blocks, ignored: _Ignored, depth: int) -> Iterator[tuple[str, Where]]:
        """The first veto that holds, if any does."""
        for condition in blocks.none_of:
            held = self._condition(condition, ignored)
            if held is not None and held.depth <= depth:
                yield f"vetoed, because it {self._what_held(held.proofs[0])}", condition.test.where
                return

    def _what_held(self, proof: Proof) -> str:
        if not proof.sightings:
            return f"{proof.test.word} {proof.value}"
        span = proof.sightings[0][1].span
        words = self._seen.message.passages[span.passage].text[span.start : span.end]
        return f'{proof.test.word} "{" ".join(words.split())}"'

    def _condition(self, condition: Condition, ignored: _Ignored) -> _Held | None:
        test = condition.test
        if test.word in SPOKEN:
            return self._said(condition, ignored)
        value = next((value for value in test.values if self._holds(test.word, value)), None)
        return _Held(depth=0, proofs=(Proof(test=test, value=value),)) if value is not None else None

    def _holds(self, word: Word, value: str) -> bool:
        seen = self._seen
        match word:
            case Word.HAS:
                return any(not thing.suspect for thing in seen.found.get(value, ()))
            case Word.FROM:
                return value in seen.sender_names()
            case Word.SENDER_IS:
                return value in seen.sender_traits
            case _:
                return seen.marking.over_tier if value == OVER_TIER else value in seen.message.traits

    def _said(self, condition: Condition, ignored: _Ignored) -> _Held | None:
        kinds = _KINDS[condition.test.word]
        sightings = [
            (phrase, sighting)
            for phrase in condition.phrases
            for sighting in self._seen.sightings.get(phrase, ())
            if sighting.kind in kinds and not _lies_in(sighting.span, ignored)
        ]
        if not sightings:
            return None
        sightings.sort(key=lambda pair: (pair[1].depth, pair[1].span.passage, pair[1].span.start))
        depth = 0 if condition.test.word is Word.QUOTED_SAYS else sightings[0][1].depth
        return _Held(depth=depth, proofs=(Proof(test=condition.test, sightings=tuple(sightings)),))

    def _ignored(self, phrases: frozenset[int]) -> _Ignored:
        spans: dict[int, list[tuple[int, int]]] = {}
        for phrase in phrases:
            for sighting in self._seen.sightings.get(phrase, ()):
                spans.setdefault(sighting.span.passage, []).append((sighting.span.start, sighting.span.end))
        return {passage: Areas(of_passage) for passage, of_passage in spans.items()}


def _lies_in(span: Span, ignored: _Ignored) -> bool:
    return span.passage in ignored and ignored[span.passage].overlap(span.start, span.end)


def _in_words(test: Test) -> str:
    asked = test.written or test.values
    values = [f'"{value}"' if test.word in SPOKEN and "<" not in value else value for value in asked[:4]]
    more = f" or {len(asked) - 4} more" if len(asked) > 4 else ""
    return f"{test.word} {' or '.join(values)}{more}"
