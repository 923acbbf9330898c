"""Whether a message looks urgent before it has been read: good enough to order a backlog, never to decide anything."""

from __future__ import annotations

import re2

GLANCED = 16_384
"""Octets from the start that are looked at: the header, and the first screens of most bodies."""

_PRESSING = re2.compile(
    rb"(?im)^(importance: *high|x-priority: *[12]\b|subject:.*(urgent|emergency|immediate))"
    rb"|high risk|threat to life|emergency recall|fail(ed|ure) to return|rescinded|firearm|handgun|shotgun"
)


def looks_pressing(octets: bytes) -> bool:
    """Looks at raw octets only, so encoded words and base64 hide from it: that message keeps its place."""
    return _PRESSING.search(octets[:GLANCED]) is not None
