"""The part of the configuration that is about the registers: clocks of recalls, and what may come of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from inbox_router.core.cases import Clocks, Register
from inbox_router.files.problems import Findings
from inbox_router.files.quantities import duration
from inbox_router.files.sections import Section, text_of

_CLOCKS: Mapping[str, timedelta | None] = {"emergency": timedelta(hours=48), "cancelled": None, "in_custody": None}
_OTHERWISE = timedelta(hours=96)
_OUTCOMES = {
    Register.RECALL: (
        *("arrested", "surrendered", "in custody already", "called off"),
        *("unlawfully at large", "passed to another force", "entered in error"),
    ),
    Register.CRIMESTOPPERS: (
        *("intelligence submitted", "no further action", "arrest", "property recovered", "drugs or cash seized"),
        *("passed to another force", "entered in error"),
    ),
}
_LONGEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSettings:
    clocks: Clocks = field(default_factory=lambda: Clocks(by_type=_CLOCKS, otherwise=_OTHERWISE))
    outcomes: Mapping[Register, tuple[str, ...]] = field(default_factory=lambda: dict(_OUTCOMES))
    """What a person may enter: a closed list, because what is entered stands in the audit log."""


def read_cases(section: Section, findings: Findings) -> CaseSettings:
    table = section.table("cases", "{recall clocks: {emergency: 48 hours, otherwise: 96 hours}}")
    if table is None:
        return CaseSettings()
    keys = ("recall clocks", "recall outcomes", "crimestoppers outcomes")
    inner = Section(table, findings, what='"cases"', keys=keys)
    return CaseSettings(
        clocks=_clocks(inner, findings),
        outcomes={each: _outcomes(inner, each, findings) for each in Register},
    )


def _clocks(section: Section, findings: Findings) -> Clocks:
    table = section.table("recall clocks", "{emergency: 48 hours, cancelled: none, otherwise: 96 hours}")
    by_type, otherwise = dict(_CLOCKS), _OTHERWISE
    for entry in () if table is None else table.entries:
        text = text_of(entry.value, findings, what=f'"{entry.key.text}"')
        if text is None:
            continue
        length = duration(text.text)
        if length is None and (text.text != "none" or entry.key.text == "otherwise"):
            findings.add(
                text.where,
                f'"{entry.key.text}" is a length of time, not "{text.text}"',
                f"write for example: {entry.key.text}: 96 hours; or none for a type of recall that stops the clock",
            )
        elif entry.key.text == "otherwise":
            otherwise = length or otherwise
        else:
            by_type[entry.key.text] = length
    return Clocks(by_type=by_type, otherwise=otherwise)


def _outcomes(section: Section, register: Register, findings: Findings) -> tuple[str, ...]:
    key = f"{register.value} outcomes"
    given = section.texts(key)
    for each in given:
        if len(each.text) > _LONGEST:
            findings.add(
                each.where,
                f"an outcome may have {_LONGEST} characters",
                "write it in a few words: intelligence submitted",
            )
    return tuple(each.text for each in given) or _OUTCOMES[register]
