"""`inbox-router rules test`: whether every rule does what its examples say, and what no example tries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from time import perf_counter

import click

from inbox_router.commands.failures import DOES_NOT_HOLD, WRONG, Failure
from inbox_router.commands.options import config, config_option
from inbox_router.commands.terminal import Terminal, counted
from inbox_router.core.exercise import Coverage, Phrases, Tried, came_to, coverage, expected, why
from inbox_router.core.explain import printable
from inbox_router.core.index import Index
from inbox_router.edges.attachments import Extractor
from inbox_router.files.problems import did_you_mean
from inbox_router.workbench import load_index, open_triage, try_examples

_NAMED = 6
"""Phrases of one list that are named; `--json` names all."""


@click.command()
@config_option
@click.option("--rule", "names", multiple=True, metavar="NAME", help="Only the examples of this rule; may be repeated.")
@click.option("--coverage", "with_coverage", is_flag=True, help="Also what of the rules no example exercises.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for programs.")
def test(names: tuple[str, ...], *, with_coverage: bool, as_json: bool) -> None:
    """Judge every example of every rule by the final decision of the whole set. Exit status 1 where one fails."""
    settings = config()
    began = perf_counter()
    index = load_index(settings)
    _check_names(index, names)
    loaded = perf_counter()
    with Extractor() as extractor:
        tried = list(try_examples(open_triage(settings, index, extractor), names))
    judged = perf_counter()
    covered = coverage(index, tried, names) if with_coverage else None
    if as_json:
        timing = {"reading": loaded - began, "judging": judged - loaded}
        click.echo(json.dumps(_as_object(index, tried, covered, timing), ensure_ascii=True, indent=1))
    else:
        terminal = Terminal()
        for one in tried:
            if one.failures:
                _tell(terminal, one, index)
        _tell_sum(terminal, tried, loaded - began, judged - loaded)
        if covered:
            _tell_coverage(terminal, covered)
    if any(one.failures for one in tried):
        raise SystemExit(DOES_NOT_HOLD)


def _check_names(index: Index, names: Sequence[str]) -> None:
    known = [rule.name for rule in index.ruleset.rules]
    for name in names:
        if name not in known:
            raise Failure(f'There is no rule "{name}": {did_you_mean(name, known)}', WRONG)


def _tell(terminal: Terminal, one: Tried, index: Index) -> None:
    terminal.line(
        terminal.ink(f"{one.example.where}: ", "bold"),
        terminal.ink(f'the example "{printable(one.example.name)}" of {one.rule.name} fails'),
    )
    rows = [("expected", expected(one.example.expect)), ("got", came_to(one.decision))]
    reasons = why(one, index)
    rows += [("why" if number == 0 else "", reason) for number, reason in enumerate(reasons)]
    for label, text in rows:
        terminal.line(terminal.ink(f"    {label:<9} "), terminal.ink(printable(text)))
    terminal.line()


def _tell_sum(terminal: Terminal, tried: Sequence[Tried], reading: float, judging: float) -> None:
    failed = sum(bool(one.failures) for one in tried)
    terminal.line(f"{counted(len(tried), 'example')}: {len(tried) - failed} hold, {failed} fail.")
    slowest = max(tried, key=lambda one: one.seconds, default=None)
    longest = f"; the slowest {slowest.seconds * 1000:.1f} ms ({slowest.example.where})" if slowest else ""
    terminal.line(terminal.ink(f"Read in {reading:.2f} s, judged in {judging:.2f} s{longest}."))


def _tell_coverage(terminal: Terminal, covered: Coverage) -> None:
    terminal.heading("What the examples exercise")
    terminal.line(f"  rules    {covered.rules - len(covered.untried_rules)} of {covered.rules} fire")
    for rule in covered.untried_rules:
        terminal.line(terminal.ink(f"    {rule.where}: {rule.name} fires on no example"))
    terminal.line(f"  types    {covered.types - len(covered.untried_types)} of {covered.types} are come to")
    for rule, subtype in covered.untried_types:
        terminal.line(terminal.ink(f"    {subtype.where}: {rule.name} / {subtype.name}"))
    total = sum(each.total for each in covered.phrases)
    untried = sum(len(each.untried) for each in covered.phrases)
    terminal.line(f"  phrases  {total - untried} of {total} stand in an example that they count in; not so:")
    for each in covered.phrases:
        if each.untried:
            terminal.line(terminal.ink(f"    {each.where}: {_untried(each)}"))


def _untried(each: Phrases) -> str:
    named = ", ".join(each.untried[:_NAMED])
    more = f", and {len(each.untried) - _NAMED} more" if len(each.untried) > _NAMED else ""
    return f"{len(each.untried)} of {each.total} of {each.name}: {named}{more}"


def _as_object(
    index: Index, tried: Sequence[Tried], covered: Coverage | None, timing: Mapping[str, float]
) -> Mapping[str, object]:
    return {
        "examples": [_example(one, index) for one in tried],
        "failed": sum(bool(one.failures) for one in tried),
        "seconds": {name: round(seconds, 4) for name, seconds in timing.items()},
        **({"coverage": _coverage(covered)} if covered else {}),
    }


def _example(one: Tried, index: Index) -> Mapping[str, object]:
    where = one.example.where
    return {
        "file": where.file,
        "line": where.line,
        "rule": one.rule.name,
        "example": one.example.name,
        "holds": not one.failures,
        "expected": expected(one.example.expect),
        "got": came_to(one.decision),
        "failures": list(one.failures),
        "why": list(why(one, index)) if one.failures else [],
        "milliseconds": round(one.seconds * 1000, 3),
    }


def _coverage(covered: Coverage) -> Mapping[str, object]:
    return {
        "rules": covered.rules,
        "rules not exercised": [rule.name for rule in covered.untried_rules],
        "types": covered.types,
        "types not exercised": [
            {"rule": rule.name, "type": subtype.name, "file": subtype.where.file, "line": subtype.where.line}
            for rule, subtype in covered.untried_types
        ],
        "phrases": sum(each.total for each in covered.phrases),
        "phrases not exercised": {each.name: list(each.untried) for each in covered.phrases if each.untried},
    }
