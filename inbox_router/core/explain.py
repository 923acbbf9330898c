"""A decision in words: for a machine one object, for an officer a few lines with the words that decided it marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from inbox_router.core.decide import Judgement
from inbox_router.core.decision import Claim, Decision, Evidence, Outcome
from inbox_router.core.exercise import lacking
from inbox_router.core.firing import Fired
from inbox_router.core.index import Index
from inbox_router.core.message import Message
from inbox_router.core.remedies import near, remedies
from inbox_router.core.rules import ListKind, Status, Test

_CONTEXT = 44
"""Characters of the message shown on each side of the words that decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """How a terminal marks words; the plain one uses quotation marks that no keyboard types by chance."""

    mark: tuple[str, str] = ("\u00bb", "\u00ab")
    strong: tuple[str, str] = ("", "")
    faint: tuple[str, str] = ("", "")


PLAIN = Ink()
COLOUR = Ink(mark=("\x1b[1;33m", "\x1b[0m"), strong=("\x1b[1m", "\x1b[0m"), faint=("\x1b[2m", "\x1b[0m"))


def as_object(file: str, decision: Decision) -> dict[str, object]:
    """One JSON object for a message: what was decided and on what evidence."""
    return {
        "file": file,
        "outcome": str(decision.outcome),
        "category": decision.category,
        "type": decision.type,
        "priority": str(decision.priority) if decision.priority else None,
        "destinations": sorted(place.address for place in decision.destinations),
        "hold_reason": str(decision.hold_reason) if decision.hold_reason else None,
        "rule": decision.rule,
        "rules_version": decision.rules_version,
        "because": decision.because,
        "evidence": [
            {"fact": item.fact, "part": item.part, "text": item.text, **({"note": item.note} if item.note else {})}
            for item in decision.evidence
        ],
    }


def in_words(name: str, message: Message, decision: Decision, ink: Ink = PLAIN) -> str:
    """The explanation that an officer reads, some ten lines."""
    lines = _head(name, decision, ink)
    if decision.evidence:
        lines.append("  the words that decided it")
        lines += [f"    {line}" for item in decision.evidence for line in _evidence(item, message, ink)]
    if decision.near_misses:
        lines.append("  what nearly fired")
        lines += [f"    {miss.rule}: {printable(miss.missing)}" for miss in decision.near_misses[:5]]
    return "\n".join(lines)


def _head(name: str, decision: Decision, ink: Ink) -> list[str]:
    """What was decided, for whom and why."""
    lines = [f"{ink.strong[0]}{printable(name)}{ink.strong[1]}", f"  {_headline(decision, ink)}"]
    lines += _destinations(decision)
    lines.append(f"  because  {printable(decision.because)}")
    lines += _claims(decision)
    lines.append(f"  rule     {decision.rule}, rules version {decision.rules_version[:12]}")
    return lines


def in_full(name: str, judgement: Judgement, index: Index, ink: Ink = PLAIN) -> str:
    """The explanation with the file and the line of all that held, what nearly fired, and what would change a hold."""
    decision = judgement.decision
    lines = _head(name, decision, ink)
    if decision.evidence:
        lines.append("  the words that decided it")
        lines += [f"    {line}" for item in decision.evidence for line in _evidence(item, judgement.seen.message, ink)]
    if judgement.weighed:
        lines.append("  the tests that held")
        lines += [f"    {line}" for fired in judgement.weighed for line in _tests(fired, index)]
    aside = [one for one in judgement.fired if one not in judgement.weighed]
    if aside:
        lines.append("  what fired and did not count")
        lines += [f"    {one.rule.name}, {_why_aside(one, judgement)}  {one.rule.where}" for one in aside]
    missed = near(judgement, index)
    if missed:
        lines.append("  what nearly fired")
        lines += [f"    {one.rule.name} {printable(lacking(one.missing[0]))}  {one.places[0]}" for one in missed[:5]]
    changes = remedies(judgement, index)
    if changes:
        lines.append("  what would change it")
        lines += [f"    {printable(change)}" for change in changes]
    return "\n".join(lines)


def as_full_object(file: str, judgement: Judgement, index: Index) -> dict[str, object]:
    """The same for a machine."""
    return {
        **as_object(file, judgement.decision),
        "tests": [
            {"rule": fired.rule.name, "test": words, "where": where, "list": listed}
            for fired in judgement.weighed
            for words, where, listed in _held(fired, index)
        ],
        "not counted": [
            {"rule": one.rule.name, "why": _why_aside(one, judgement)}
            for one in judgement.fired
            if one not in judgement.weighed
        ],
        "near misses": [
            {"rule": one.rule.name, "missing": one.missing[0], "where": str(one.places[0])}
            for one in near(judgement, index)
        ],
        "what would change it": list(remedies(judgement, index)),
    }


def _tests(fired: Fired, index: Index) -> Iterator[str]:
    subtype = f" / {fired.type_name}" if fired.type_name else ""
    yield f"{fired.rule.name}{subtype}  {fired.subtype.where if fired.subtype else fired.rule.where}"
    for words, where, listed in _held(fired, index):
        yield f"  {printable(words)}  {where}{f' ({listed})' if listed else ''}"


def _held(fired: Fired, index: Index) -> Iterator[tuple[str, str, str]]:
    """Each test that held: what it is, where it stands, and the list with the phrase that was there."""
    for proof in fired.proofs:
        if not proof.sightings:
            yield f"{proof.test.word} {proof.value}", str(proof.test.where), ""
            continue
        phrase = index.phrases[proof.sightings[0][0]]
        yield f'{proof.test.word} "{phrase}"', str(proof.test.where), _listed_at(phrase, proof.test, index)


def _listed_at(phrase: str, test: Test, index: Index) -> str:
    """Where the phrase stands in a list that the test names; "" where it is written in the rule."""
    for each in index.ruleset.lists:
        if each.kind is ListKind.PHRASES and phrase in each.items and f"<{each.name}>" in test.written:
            return f"<{each.name}>, {each.items[phrase]}"
    return ""


def _why_aside(one: Fired, judgement: Judgement) -> str:
    if one.rule.status is Status.TRIAL:
        return "on trial"
    outranking = [other.rule.name for other in judgement.fired if one.rule.name in other.rule.outranks]
    return f"gives way to {' and '.join(outranking)}" if outranking else "there are newer words"


def printable(text: str) -> str:
    """Hostile text on one line, without anything that a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)


def named(category: str | None, subtype: str | None) -> str:
    words = (category or "").replace("_", " ")
    return f"{words} / {subtype.replace('_', ' ')}" if subtype else words


def _headline(decision: Decision, ink: Ink) -> str:
    match decision.outcome:
        case Outcome.ROUTE:
            what = f"ROUTED   {named(decision.category, decision.type)}, {decision.priority}"
        case Outcome.HOLD:
            claimed = f", as {decision.urgency} as it claims to be" if decision.claims else ""
            what = f"HELD     {str(decision.hold_reason).replace('_', ' ')}{claimed}"
        case Outcome.FILE:
            what = f"FILED    {named(decision.category, decision.type)}; nothing is sent"
    return f"{ink.strong[0]}{what}{ink.strong[1]}"


def _destinations(decision: Decision) -> list[str]:
    width = max((len(place.address) for place in decision.destinations), default=0)
    return [
        f"  {'to' if place.role == 'to' else 'copy':<8} {place.address:<{width}}  {printable(place.why)}"
        for place in decision.destinations
    ]


def _claims(decision: Decision) -> list[str]:
    return [f"  would be {_claim(claim)}" for claim in decision.claims if claim.category]


def _claim(claim: Claim) -> str:
    where = ", ".join(place.mailbox for place in claim.destinations) or "no mailbox yet"
    return f"{named(claim.category, claim.type)}, {claim.priority}, to {where} (rule {claim.rule})"


def _evidence(item: Evidence, message: Message, ink: Ink) -> Iterator[str]:
    note = f"  {ink.faint[0]}({printable(item.note)}){ink.faint[1]}" if item.note else ""
    yield f"{item.part:<12} {printable(item.fact)}{note}"
    yield f"{'':<12} {_in_context(item, message, ink)}"


def _in_context(item: Evidence, message: Message, ink: Ink) -> str:
    if item.span is None:
        return f"{ink.mark[0]}{printable(item.text)}{ink.mark[1]}"
    text = message.passages[item.span.passage].text
    start, end = item.span.start, item.span.end
    before, after = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
    left = "\u2026" if start > _CONTEXT else ""
    right = "\u2026" if end + _CONTEXT < len(text) else ""
    words = f"{ink.mark[0]}{_on_one_line(text[start:end])}{ink.mark[1]}"
    return f"{left}{_on_one_line(before).lstrip()}{words}{_on_one_line(after).rstrip()}{right}"


def _on_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", printable(text))
