"""One rule: the table that a rule file consists of -> a Rule with every name resolved."""

from __future__ import annotations

from pathlib import PurePath

from inbox_router.core.rules import Rule, Status, Then, Type
from inbox_router.files.blocks import BLOCKS, read_blocks
from inbox_router.files.examples import check_examples, read_examples
from inbox_router.files.names import Names
from inbox_router.files.outcomes import read_then, slug
from inbox_router.files.problems import Findings
from inbox_router.files.quantities import day, day_meant
from inbox_router.files.sections import Section
from inbox_router.files.yaml_text import Scalar, Table

_KEYS = (
    *("format", "rule", "title", "owner", "status", "review by", "from"),
    *BLOCKS,
    *("then", "types", "outranks", "examples"),
)
_TYPE_KEYS = ("type", "title", *BLOCKS, "then")


def read_rule(table: Table, names: Names, findings: Findings) -> tuple[Rule, tuple[Scalar, ...]] | None:
    """The rule, and the names that it outranks with their places; None where there is no `then` to speak of."""
    section = Section(table, findings, what="a rule", keys=_KEYS)
    section.format_1()
    name = _check_head(section, findings)
    blocks = read_blocks(section, names, findings)
    if not blocks.positive and not ("all of" in section or "any of" in section):
        findings.add(section.where, "this rule tests nothing", "write for example: any of: [{says: [recall notice]}]")
    then_table = section.table("then", "priority: high")
    if then_table is None:
        return None
    then = read_then(then_table, names, findings, base=None)
    types = _types(section, then, names, findings)
    outranks = section.texts("outranks")
    rule = Rule(
        name=name,
        title=section.text("title"),
        owner=section.text("owner"),
        status=section.choice("status", Status) or Status.RETIRED,
        review_by=section.parsed("review by", day, "a date", day_meant(section.text("review by"))),
        senders=names.senders(section.texts("from"), findings),
        all_of=blocks.all_of,
        any_of=blocks.any_of,
        none_of=blocks.none_of,
        ignore=blocks.ignore,
        then=then,
        types=types,
        outranks=tuple(text.text for text in outranks),
        examples=read_examples(section, [subtype.name for subtype in types], names, findings),
        where=section.at("rule"),
        keys={key: section.at(key) for key in _KEYS if key in section},
    )
    check_examples(rule, section, findings)
    return rule, outranks


def _check_head(section: Section, findings: Findings) -> str:
    """The rule's name, which is the file's."""
    stem = PurePath(section.where.file).stem
    section.need(
        *("rule", "title", "status", "then"),
        hints={
            "rule": stem,
            "title": "a person on licence has been recalled to prison",
            "status": "live",
            "then": "(and under it, indented) category: prison_recall",
        },
    )
    name = section.scalar("rule")
    if name is None:
        return stem
    if name.text != stem:
        findings.add(
            name.where,
            f'this file is named "{stem}.yaml", but its rule "{name.text}"',
            f"write instead: rule: {stem} (or rename the file)",
        )
    return slug(name, findings, what="the name of a rule:")


def _types(section: Section, base: Then, names: Names, findings: Findings) -> tuple[Type, ...]:
    tables = section.tables("types", "- {type: emergency, any of: [{says: [emergency recall]}]}")
    types: list[Type] = []
    for number, table in enumerate(tables, 1):
        subtype = _type(table, base, names, findings)
        if not (subtype.all_of or subtype.any_of or subtype.none_of) and number < len(tables):
            findings.add(
                subtype.where,
                f'the type "{subtype.name}" tests nothing, so the types after it are never reached',
                "give it a test, or move it to the end",
            )
        types.append(subtype)
    return tuple(types)


def _type(table: Table, base: Then, names: Names, findings: Findings) -> Type:
    section = Section(table, findings, what="a type", keys=_TYPE_KEYS)
    section.need("type", hints={"type": "emergency"})
    name = section.scalar("type")
    blocks = read_blocks(section, names, findings)
    then_table = section.table("then", "{priority: urgent}")
    return Type(
        name="" if name is None else slug(name, findings, what="the name of a type:"),
        title=section.text("title"),
        all_of=blocks.all_of,
        any_of=blocks.any_of,
        none_of=blocks.none_of,
        ignore=blocks.ignore,
        then=base if then_table is None else read_then(then_table, names, findings, base=base),
        where=section.at("type"),
    )
