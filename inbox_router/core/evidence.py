"""The words that decided, cut out of the message as it was written."""

from __future__ import annotations

from inbox_router.core.decision import Evidence, KeyFact
from inbox_router.core.entities import Found
from inbox_router.core.firing import Fired
from inbox_router.core.index import Index
from inbox_router.core.labels import Standing
from inbox_router.core.message import Span
from inbox_router.core.observe import Observation

LONGEST = 200
"""Characters of a message that one piece of evidence shows at most."""

_PER_TEST = 2


def cut(seen: Observation, span: Span) -> str:
    """What stands at a span, on one line and bounded."""
    text = " ".join(seen.message.passages[span.passage].text[span.start : span.end].split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "\u2026"


def evidence_of(fired: Fired, seen: Observation, index: Index) -> tuple[Evidence, ...]:
    """One piece for each thing that made the rule and its type fire, at most two for one test."""
    pieces: list[Evidence] = []
    taken: list[Span] = []
    for proof in fired.proofs:
        if proof.value:
            pieces.extend(_not_words(proof.test.word, proof.value, seen, index))
        shown = 0
        for phrase, sighting in proof.sightings:
            if shown == _PER_TEST or any(_overlap(sighting.span, span) for span in taken):
                continue
            shown += 1
            taken.append(sighting.span)
            pieces.append(
                Evidence(
                    fact=f'{proof.test.word} "{index.phrases[phrase]}"',
                    part=seen.message.passages[sighting.span.passage].part,
                    text=cut(seen, sighting.span),
                    span=sighting.span,
                    note=sighting.note,
                )
            )
    return tuple(pieces)


def _overlap(one: Span, other: Span) -> bool:
    return one.passage == other.passage and one.start < other.end and other.start < one.end


def _not_words(word: str, value: str, seen: Observation, index: Index) -> list[Evidence]:
    if word == "has":
        thing = next((thing for thing in seen.found.get(value, ()) if not thing.suspect), None)
        return [found_evidence(thing, seen, index)] if thing else []
    if word == "from":
        return []
    return [Evidence(fact=f"{word} {value}", part="header", text=value)]


def found_evidence(thing: Found, seen: Observation, index: Index) -> Evidence:
    """A recognised thing with its label: `Last known address: 4 Mill Lane, Halifax HX1 1AA`."""
    span = _with_label(thing)
    return Evidence(
        fact=called(thing, seen, index),
        part=seen.message.passages[thing.span.passage].part,
        text=cut(seen, span),
        span=span,
        note=_doubt(thing),
    )


def called(thing: Found, seen: Observation, index: Index) -> str:
    """What a thing is called: its label as it was written, or what it is and that it had none."""
    title = index.ruleset.entities[thing.entity].title
    if thing.label is not None and thing.label.start < thing.span.start:
        return cut(seen, thing.label)
    return f"{title} (without a label)" if index.ruleset.entities[thing.entity].after else title


def _with_label(thing: Found) -> Span:
    if thing.label is None or thing.label.start > thing.span.start:
        return thing.span
    return Span(passage=thing.span.passage, start=thing.label.start, end=thing.span.end)


def _doubt(thing: Found) -> str:
    if thing.suspect:
        return "check letter wrong: suspect"
    return "postcode repaired" if thing.repaired else ""


def key_facts(seen: Observation, index: Index, asked: frozenset[str]) -> tuple[KeyFact, ...]:
    """What the forwarded message lists about the case: the newest value of each shown entity, with its label.

    `asked` are the entities that the rules which fired look places up by: a report tells of no last known address.
    """
    facts: list[KeyFact] = []
    for entity in index.ruleset.entities.values():
        found = seen.found.get(entity.name, ())
        if not entity.shown or not found or (entity.register is not None and entity.name not in asked):
            continue
        best = min(found, key=lambda thing: (thing.suspect, thing.standing, thing.depth, thing.is_name, thing.partial))
        unlabelled = best.standing is Standing.UNLABELLED and bool(entity.after)
        doubt = _doubt(best) or ("no label says whose it is" if unlabelled else "")
        facts.append(KeyFact(label=entity.title, value=_shown(best, seen), note=doubt))
    return tuple(facts)


def _shown(thing: Found, seen: Observation) -> str:
    """An address as it stands behind its label; any other value as it was recognised."""
    if thing.row is None or thing.label is None or thing.standing is Standing.ELSEWHERE:
        return thing.value
    text = seen.message.passages[thing.span.passage].text[thing.label.end : thing.span.end]
    lines = [line.strip(" \t:.;,-)*") for line in text.splitlines()]
    address = ", ".join(line for line in lines if line)
    return address if 0 < len(address) <= LONGEST else thing.value
