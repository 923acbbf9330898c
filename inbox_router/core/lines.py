"""Foreign words made fit to stand on a line of ours: in a header field, a template's value, a journal entry."""

from __future__ import annotations

import re

_BREAKS = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U000e0000-\U000e0fff]+"
)
_HANGING = re.compile(r"[ ]*(?:(?:[-*]|\d{1,2}\.)[ ]+|[^\s]+(?:[ ][^\s]+){0,6}[ ]{2,})?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]+")


def one_line(text: str, limit: int = 300) -> str:
    """The text on one line of at most `limit` characters, without anything that cannot be seen.

    Controls and line ends become a space; characters that reverse, hide or join others (Unicode's bidirectional and
    zero-width ones) and lone surrogates go. What is cut off shows as an ellipsis.
    """
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    seen = _BREAKS.sub(" ", _UNSEEN.sub("", text[: limit * 8])).strip()
    if len(seen) <= limit and len(text) <= limit * 8:
        return seen
    return seen[: limit - 1].rstrip() + "\u2026"


def printable(text: str) -> str:
    """Text of several lines, kept as it stands but for controls and characters that cannot be seen."""
    if text.replace("\n", "").isprintable():
        return text
    return _UNSEEN.sub("", _CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")))


def within_columns(text: str, width: int) -> str:
    """The text with lines longer than `width` broken; what is carried over hangs under where the value began.

    The value begins after a label and two or more spaces, or after `- `; otherwise where the line does.
    """
    return "\n".join(line if len(line) <= width else _broken(line, width) for line in text.split("\n"))


def _broken(line: str, width: int) -> str:
    margin = _HANGING.match(line)
    hanging = " " * min(margin.end() if margin else 0, width // 2)
    lines: list[str] = []
    rest = line.rstrip()
    while len(rest) > width:
        space = rest.rfind(" ", len(hanging) + 1, width + 1)
        cut = space if rest[:space].strip() and space > 0 else width
        lines.append(rest[:cut].rstrip())
        rest = hanging + rest[cut:].lstrip()
    return "\n".join([*lines, rest])
