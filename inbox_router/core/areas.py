"""Stretches of a text, made ready for many questions whether something lies across one of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate


class Areas:
    """Answers in logarithmic time: a text may hold thousands of them, and thousands of things to ask about."""

    def __init__(self, areas: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(areas)
        self._starts = [start for start, _ in ordered]
        self._reached = list(accumulate((end for _, end in ordered), max))
        """For each area: how far it and those before it reach."""

    def overlap(self, start: int, end: int) -> bool:
        """Whether anything from `start` up to `end`, not included, lies in one of them."""
        begun = bisect_left(self._starts, end)
        return begun > 0 and self._reached[begun - 1] > start
