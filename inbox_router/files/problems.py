"""What is wrong with what people wrote: every problem, where it stands, and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass

from inbox_router.core.rules import Where

MOST_SHOWN = 16
"""Words that a hint offers where none is near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake, in words that somebody who does not program can act on."""

    where: Where
    message: str
    """What is wrong, without a full stop."""
    hint: str = ""
    """What to do: `did you mean "urgent"?`, `write instead: "recall*"`."""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" + (f" - {self.hint}" if self.hint else "")


class Problems(Exception):  # noqa: N818 - it is the list itself that is raised, and read out to people
    """Everything that is wrong with a set of files; raised once all of them have been read."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=_place))
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class Findings:
    """Collects problems while files are read, so that a mistake never hides the next one."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, where: Where, message: str, hint: str = "") -> None:
        self.problems.append(Problem(where=where, message=message, hint=hint))

    @contextmanager
    def noting(self) -> Iterator[None]:
        """What is raised of problems within is noted, so that reading goes on with something else."""
        try:
            yield
        except Problems as problems:
            self.problems += problems.problems

    def refuse(self) -> None:
        """Raise `Problems` where there is any."""
        if self.problems:
            raise Problems(self.problems)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest right word, or, where none is near, the words that there are to choose from."""
    words = sorted(known) if isinstance(known, Set) else list(known)
    folded = {candidate.casefold(): candidate for candidate in words}
    near = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    if near:
        return f'did you mean "{folded[near[0]]}"?'
    if not words:
        return ""
    shown = ", ".join(words[:MOST_SHOWN]) + (", ..." if len(words) > MOST_SHOWN else "")
    return f"possible here: {shown}"


def _place(problem: Problem) -> tuple[str, int, int, str]:
    return problem.where.file, problem.where.line, problem.where.column, problem.message
