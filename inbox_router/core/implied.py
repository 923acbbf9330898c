"""Whether one set of conditions holds wherever another does: then what stands behind it is never reached."""

from __future__ import annotations

from collections.abc import Sequence

from inbox_router.core.index import SPOKEN
from inbox_router.core.rules import Rule, Test, Type, Word


def implied(wide: Rule | Type, narrow: Rule | Type) -> bool:
    """Whether `wide` is bound to fire, by words at least as new, wherever `narrow` does. False where it is not certain.

    Both are held against the same message, so it is enough to compare what they ask for.
    """
    if not (wide.all_of or wide.any_of):
        return False
    asked = all(any(_follows(test, given) for given in narrow.all_of) for test in wide.all_of)
    some = not wide.any_of or _some_follows(wide.any_of, narrow)
    vetoed = all(any(_follows(other, veto) for other in narrow.none_of) for veto in wide.none_of)
    ignored = set(wide.ignore) <= set(narrow.ignore)
    if wide.none_of:
        # What the one ignores and the other does not could veto the one alone.
        ignored = set(wide.ignore) == set(narrow.ignore)
    return asked and some and vetoed and ignored


def _some_follows(wide: Sequence[Test], narrow: Rule | Type) -> bool:
    """Whether one of the tests holds because of something that `narrow` cannot do without."""
    if any(_follows(test, given) for given in narrow.all_of for test in wide):
        return True
    return bool(narrow.any_of) and all(any(_follows(test, given) for test in wide) for given in narrow.any_of)


def _follows(test: Test, given: Test) -> bool:
    """Whether `test` holds wherever `given` does."""
    same = test.word is given.word or (test.word is Word.SAYS and given.word in SPOKEN - {Word.QUOTED_SAYS})
    return same and set(given.values) <= set(test.values)
