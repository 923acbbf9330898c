"""The text of a body: which of its versions to read, soft line ends joined, calendar entries as words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import re2

from inbox_router.core.fields import DIRECTIONS
from inbox_router.core.html import Rendering

WORD = re.compile(r"[^\W_]+")
NOT_SAID = re2.compile(
    r"(?i)<?\b(?:https?|mailto|tel)://?[^\s<>]+>?|<?mailto:[^\s<>]+>?|\[(?:cid|image)[:\s][^\]\n]{0,200}\]|<?[\w.+'-]+@[\w.-]+>?"
)
STUB = re.compile(r"\bhtml\b", re.IGNORECASE)
STUB_SAYS = re.compile(r"view|read|display|support|format|capable|client|reader|browser", re.IGNORECASE)
MOST_STUB_WORDS = 40

TEXT, HTML = "text", "html"


def versions(text: str, rendering: Rendering | None) -> list[tuple[str, str]]:
    """What to read of a body that came as text and as HTML: (name, text), named only where both must be read.

    One is enough where the other says nothing that it does not say; the one with the structure then counts: HTML where
    it has table rows, else the text. Where each says something of its own, both are read: which one a person was shown
    is not known.
    """
    if rendering is None or not rendering.text.strip():
        return [("", text)] if text.strip() else []
    said, shown = _words(text), _words(rendering.text)
    if not said or _is_stub(text, said):
        return [("", rendering.text)]
    if not (said - shown):
        same = not (shown - said)
        return [("", text if same and not rendering.has_tables else rendering.text)]
    if not (shown - said) and not rendering.has_tables:
        return [("", text)]
    return [(TEXT, text), (HTML, rendering.text)]


def _words(text: str) -> Counter[str]:
    """The words of a text, counted. Addresses and links are left out, because one version hides them behind names."""
    visible = NOT_SAID.sub(" ", DIRECTIONS.sub("", text))
    words = (word.casefold() for word in WORD.findall(visible))
    return Counter(word for word in words if len(word) > 1 or word.isdigit())


def _is_stub(text: str, words: Counter[str]) -> bool:
    return words.total() <= MOST_STUB_WORDS and bool(STUB.search(text) and STUB_SAYS.search(text))


def unflowed(text: str, parameters: Mapping[str, str]) -> str:
    """Text with the soft line ends of `format=flowed` joined (RFC 3676 section 4.2)."""
    if parameters.get("format", "").lower() != "flowed":
        return text
    keep = "" if parameters.get("delsp", "").lower() == "yes" else " "
    paragraphs: list[list[str]] = []
    flowing: str | None = None
    for line in text.split("\n"):
        words = line.lstrip(">")
        marks = line[: len(line) - len(words)]
        words = words.removeprefix(" ")
        if flowing != marks:
            paragraphs.append([f"{marks} " if marks else ""])
        is_soft = words.endswith(" ") and words != "-- "
        paragraphs[-1].append(words[:-1] + keep if is_soft else words)
        flowing = marks if is_soft else None
    return "\n".join(map("".join, paragraphs))


CALENDAR_FIELD = re.compile(r"(SUMMARY|DESCRIPTION|LOCATION)(?:;[^:]*)?:(.*)", re.IGNORECASE)
ESCAPED = re.compile(r"\\(.)")


def calendar_words(text: str) -> str:
    """What a person reads of a calendar entry (RFC 5545): its summary, place and description, a field a line."""
    found: list[str] = []
    for line in re.sub(r"\n[ \t]", "", text).split("\n"):
        match = CALENDAR_FIELD.fullmatch(line)
        if match and match[2].strip():
            found.append(ESCAPED.sub(lambda escaped: "\n" if escaped[1] in "nN" else escaped[1], match[2]).strip())
    return "\n".join(dict.fromkeys(found))
