"""Phrases as people write them: checked, and `<list>` names written out."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence

from inbox_router.core import phrases
from inbox_router.files.problems import Findings, did_you_mean
from inbox_router.files.yaml_text import Scalar

_LIST_NAME = re.compile(r"<(.*)>")
_NAMES_INSIDE = re.compile(r"(<[^<>]*>)")
_MOST_COMBINED = 2_000


def named(text: str) -> str | None:
    """The name in `<name>`; None where the text is not written so."""
    found = _LIST_NAME.fullmatch(text.strip())
    return found[1].strip() if found else None


def good_phrase(phrase: Scalar, findings: Findings) -> bool:
    """Whether a text is a phrase; if not, the reason is in `findings`."""
    wrong = phrases.problem(phrase.text)
    if wrong is not None:
        findings.add(phrase.where, f'"{phrase.text}" is not a phrase: {wrong}')
    return wrong is None


def written_out(
    texts: Iterable[Scalar], lists: Mapping[str, Sequence[str]] | None, findings: Findings
) -> tuple[str, ...]:
    """The phrases that a list of phrases and `<list>` names stands for, each once, in the order of the file.

    `lists` is None where lists.yaml could not be read: then nothing is said about names.
    """
    result: dict[str, None] = {}
    for text in _whole_names(texts, findings):
        if "<" in text.text and ">" in text.text:
            result.update(dict.fromkeys(_combined(text, lists, findings)))
        elif good_phrase(text, findings):
            result[text.text] = None
    return tuple(result)


def _combined(text: Scalar, lists: Mapping[str, Sequence[str]] | None, findings: Findings) -> list[str]:
    """What `<denials> ... <dangers>` stands for: each phrase of the one list with each of the other."""
    if lists is None:
        return []
    parts: list[Sequence[str]] = []
    for part in _NAMES_INSIDE.split(text.text):
        name = named(part)
        if name is None:
            parts.append((part,))
        elif name in lists:
            parts.append(lists[name])
        else:
            hint = did_you_mean(name, lists)
            findings.add(text.where, f'there is no list of phrases named "{name}" in lists.yaml', hint)
            return []
    if math.prod(map(len, parts)) > _MOST_COMBINED:
        findings.add(text.where, f"this stands for more than {_MOST_COMBINED} phrases", "combine shorter lists")
        return []
    combined = ["".join(pieces) for pieces in itertools.product(*parts)]
    wrong = next(((phrase, why) for phrase in combined if (why := phrases.problem(phrase)) is not None), None)
    if wrong is not None:
        findings.add(text.where, f'this stands among others for "{wrong[0]}", which is not a phrase: {wrong[1]}')
        return []
    return combined


def _whole_names(texts: Iterable[Scalar], findings: Findings) -> list[Scalar]:
    """The texts without the halves of a name that a comma cut in two, told once, as the name that was meant."""
    whole: list[Scalar] = []
    halves: list[Scalar] = []
    for text in texts:
        if halves or (text.text.startswith("<") and ">" not in text.text):
            halves.append(text)
        else:
            whole.append(text)
        if halves and ">" in text.text:
            meant = ", ".join(half.text for half in halves)
            findings.add(halves[0].where, "the comma cuts this name in two", f'put it in quotes: "{meant}"')
            halves = []
    if halves:
        findings.add(halves[0].where, f'"{halves[0].text}" has no closing ">"', f"write instead: {halves[0].text}>")
    return whole
