"""Words as scanners misread them and people in a hurry misspell them, put right where that is certain enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inbox_router.core.canonical import Canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class PutRight:
    words: Canonical
    changed: tuple[int, ...] = ()


class Spellings:
    def __init__(self, pieces: Iterable[str]) -> None:
        self._known = frozenset(word for piece in pieces for word in piece.split())

    def put_right(self, words: Canonical, original: str) -> PutRight:
        return PutRight(words=words)
