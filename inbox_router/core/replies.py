"""What a reply of an SMTP server means (RFC 5321 section 4.2, RFC 3463, RFC 2034)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from inbox_router.core.delivery import DeliveryState
from inbox_router.core.lines import one_line

REPLY_CHARACTERS = 400
"""So much of a server's words is kept."""

_ENHANCED = re.compile(r"^([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)")
_ABOUT_OUR_LOGIN = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a recipient: a Verdict without its recipient and time."""

    state: DeliveryState
    code: int | None
    enhanced: str
    reply: str
    phase: str

    @classmethod
    def server(cls, code: int, text: str, phase: str) -> Answer:
        """What the server's reply means."""
        enhanced, reply = enhanced_status(code, text), reply_words(text)
        return cls(state=state_of(code), code=code, enhanced=enhanced, reply=reply, phase=phase)

    @classmethod
    def ours(cls, state: DeliveryState, enhanced: str, words: str, phase: str) -> Answer:
        """Where the server said nothing, in words of our own."""
        return cls(state=state, code=None, enhanced=enhanced, reply=reply_words(words), phase=phase)


def accepted(code: int) -> bool:
    return 200 <= code <= 299


def state_of(code: int) -> DeliveryState:
    """What a refusal means for the recipients that it is about; a reply that is no SMTP reply is tried again.

    A 5xx that is about our login (RFC 4954 section 6) says nothing about the message: somebody mends the password and
    it goes, so it is deferred.
    """
    if accepted(code):
        return DeliveryState.SENT
    if 500 <= code <= 599 and code not in _ABOUT_OUR_LOGIN:
        return DeliveryState.BOUNCED
    return DeliveryState.DEFERRED


def enhanced_status(code: int, text: str) -> str:
    """The RFC 3463 status that stands in the reply, or the general one of its class; never empty.

    A status whose class contradicts the code is not believed: the code decides what happens to the message.
    """
    found = _ENHANCED.match(text)
    kind = str(code)[0] if 200 <= code <= 599 else "4"
    if found and found[1] == kind:
        return found[0]
    return f"{kind if kind in '245' else '4'}.0.0"


def reply_words(text: str) -> str:
    """The server's own words on one line of bounded length, its lines joined, the enhanced status kept only once."""
    lines = [line.strip() for line in text.splitlines()]
    first = lines[0] if lines else ""
    status = _ENHANCED.match(first)
    if status:
        lines[1:] = [line.removeprefix(status[0]).strip() for line in lines[1:]]
    return one_line(" ".join(lines), REPLY_CHARACTERS)
