"""Phrases as people write them: checked, and `<list>` names written out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from inbox_router.core import phrases
from inbox_router.files.problems import Findings, did_you_mean
from inbox_router.files.yaml_text import Scalar

_LIST_NAME = re.compile(r"<(.*)>")


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
        name = named(text.text)
        if name is None:
            if good_phrase(text, findings):
                result[text.text] = None
        elif lists is not None and name not in lists:
            hint = did_you_mean(name, lists)
            findings.add(text.where, f'there is no list of phrases named "{name}" in lists.yaml', hint)
        elif lists is not None:
            result.update(dict.fromkeys(lists[name]))
    return tuple(result)


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
