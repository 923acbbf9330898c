"""entities.yaml: what can be recognised in text. The only place where people write patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

import re2

from inbox_router.core.rules import Entity, Unlabelled
from inbox_router.files.phrase_text import written_out
from inbox_router.files.problems import Findings, did_you_mean
from inbox_router.files.sections import Section
from inbox_router.files.yaml_text import Entry, Scalar, Table

LONGEST_PATTERN = 2_000
MOST_MEMORY = 1 << 20
"""Octets that a compiled pattern may take: a pattern of repetitions of repetitions does not fit."""

_KEYS = (
    *("title", "pattern", "register", "before", "check", "after", "not after"),
    *("unlabelled", "never", "shown", "identifies"),
)


class Check(StrEnum):
    """Schemes of check letters."""

    PNC = "pnc"
    CRO = "cro"


def read_entities(
    table: Table,
    *,
    phrases: Mapping[str, Sequence[str]] | None,
    registers: Mapping[str, object],
    findings: Findings,
) -> dict[str, Entity]:
    """Every entity by name. `phrases` are the lists that labels may name, None where they could not be read.

    `registers` is keyed by the names of all register files, readable or not.
    """
    section = Section(table, findings, what="entities.yaml", keys=("format", "entities"))
    section.format_1()
    inner = section.table("entities", "prison number: {title: Prison number, pattern: ...}")
    entries = () if inner is None else inner.entries
    return {entry.key.text: _entity(entry, phrases, registers, findings) for entry in entries}


def _entity(
    entry: Entry, phrases: Mapping[str, Sequence[str]] | None, registers: Mapping[str, object], findings: Findings
) -> Entity:
    name = entry.key.text
    if not re.fullmatch(r"[^\W_][\w -]*", name) or name == "earlier":
        findings.add(entry.key.where, f'"{name}" cannot be the name of an entity', "use letters, digits and spaces")
    if not isinstance(entry.value, Table):
        findings.add(
            entry.key.where, f'"{name}" needs keys of its own under it', "write for example: title: Prison number"
        )
        return Entity(name=name, title=name, where=entry.key.where)
    section = Section(entry.value, findings, what=f'the entity "{name}"', keys=_KEYS)
    section.need("title", hints={"title": name.capitalize()})
    if ("pattern" in section) == ("register" in section):
        findings.add(
            entry.key.where,
            f'"{name}" needs a pattern or a register, and not both',
            "write for example: register: places (for registers/places.csv)",
        )
    if "before" in section and "register" not in section:
        findings.add(section.at("before"), '"before" needs a register', "delete it")
    return Entity(
        name=name,
        title=section.text("title", name),
        pattern=_pattern(section.scalar("pattern"), findings),
        register=_register(section.scalar("register"), registers, findings),
        before=written_out(section.texts("before"), phrases, findings),
        check=section.choice("check", Check),
        after=written_out(section.texts("after"), phrases, findings),
        not_after=written_out(section.texts("not after"), phrases, findings),
        unlabelled=section.choice("unlabelled", Unlabelled) or Unlabelled.NO,
        never=_register(section.scalar("never"), registers, findings),
        shown=section.yes("shown"),
        identifies=section.yes("identifies"),
        where=entry.key.where,
    )


def _register(name: Scalar | None, registers: Mapping[str, object], findings: Findings) -> str | None:
    if name is None:
        return None
    if name.text not in registers:
        near = did_you_mean(name.text, registers)
        hint = near if near.startswith("did you mean") else "put that file back"
        findings.add(name.where, f'there is no register "{name.text}": registers/{name.text}.csv is missing', hint)
    return name.text


def _pattern(pattern: Scalar | None, findings: Findings) -> str | None:
    if pattern is None:
        return None
    wrong = _wrong_with(pattern.text)
    if wrong is not None:
        findings.add(pattern.where, *wrong)
    return pattern.text


def _wrong_with(pattern: str) -> tuple[str, str] | None:
    """Message and hint for a pattern that cannot be used."""
    if len(pattern) > LONGEST_PATTERN:
        return (
            f"this pattern is longer than {LONGEST_PATTERN:,} characters",
            "keep what is sought in a register instead",
        )
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MOST_MEMORY
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        return _translated(error.args[0].decode("utf-8", "replace"))
    if compiled.search("") is not None:
        return "this pattern fits even where there is nothing", "make at least one character of it compulsory"
    if compiled.groups > 1:
        return (
            "this pattern has more than one pair of brackets that keep their text",
            "write (?: for all but one of them",
        )
    return None


def _translated(complaint: str) -> tuple[str, str]:
    """RE2's complaint (`invalid perl operator: (?=`) in words."""
    kind, _, at = complaint.partition(": ")
    families = {
        "missing )": ("a bracket of this pattern is not closed", 'write ")" where it ends'),
        "unexpected )": ("this pattern has a closing bracket too many", r"delete it, or write \) for the sign itself"),
        "missing ]": ('a "[" of this pattern is not closed', 'write "]" where it ends'),
        "pattern too large - compile failed": (
            "this pattern grows too large: it repeats what is itself repeated",
            "make the numbers in {} smaller",
        ),
        "invalid repetition size": (
            f'"{at}" repeats too often, or repeats what is itself repeated',
            "make the numbers in {} smaller: multiplied with each other they may come to 1000",
        ),
        "no argument for repetition operator": (
            f'"{at}" has nothing before it to repeat',
            r"write \ before it for the sign itself",
        ),
        "bad repetition operator": (f'"{at}" repeats a repetition', "keep one of the signs"),
        "invalid perl operator": (
            f'"{at}" is not possible here: patterns cannot look ahead or back',
            'say what stands before it with "after" and "not after"',
        ),
        "invalid escape sequence": (
            f'"{at}" is not possible here',
            "a group cannot be repeated by its number; write it out",
        ),
    }
    return families.get(kind, (f"this pattern is not valid: {complaint}", "ask somebody who knows regular expressions"))
