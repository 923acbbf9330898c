"""Lengths of time, sizes, times of day and dates, as people write them."""

from __future__ import annotations

import re
from datetime import date, time, timedelta

_UNITS_OF_TIME = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_UNITS_OF_SIZE = {"octets": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def duration(text: str) -> timedelta | None:
    """`30 minutes`, `1 day`; None where it is not a length of time."""
    found = re.fullmatch(r"([0-9]{1,6}) ?(second|minute|hour|day)s?", text.strip())
    return timedelta(seconds=int(found[1]) * _UNITS_OF_TIME[found[2]]) if found else None


def in_words(length: timedelta) -> str:
    """The opposite of `duration`, in the largest unit that fits."""
    seconds = int(length.total_seconds())
    unit, worth = next(
        (
            (unit, worth)
            for unit, worth in reversed(_UNITS_OF_TIME.items())
            if seconds >= worth and seconds % worth == 0
        ),
        ("second", 1),
    )
    count = seconds // worth
    return f"{count} {unit}" + ("" if count == 1 else "s")


def size(text: str) -> int | None:
    """Octets: `40 MB` is 40,000,000, `65,536 octets` as it says; None where it is not a size."""
    found = re.fullmatch(r"([0-9][0-9,]{0,14}) ?(octets|kB|MB|GB)", text.strip(), re.IGNORECASE)
    units = {unit.casefold(): octets for unit, octets in _UNITS_OF_SIZE.items()}
    return int(found[1].replace(",", "")) * units[found[2].casefold()] if found else None


def time_of_day(text: str) -> time | None:
    """`07:00`; None where it is not a time of day."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text.strip())
    return time(int(found[1]), int(found[2])) if found else None


def day(text: str) -> date | None:
    """`2027-04-01`; None where it is not a date."""
    try:
        return date.fromisoformat(text.strip()) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text.strip()) else None
    except ValueError:
        return None


def day_meant(text: str) -> str:
    """How a date in British order (`1/4/2027`, `1 April 2027`) is written here, or an example."""
    found = re.fullmatch(r"([0-9]{1,2})[/. ]([0-9]{1,2}|[A-Za-z]{3,9})[/. ]([0-9]{4})", text.strip())
    if found:
        named = [number for number, name in enumerate(_MONTHS, 1) if found[2].casefold().startswith(name)]
        month = int(found[2]) if found[2].isdigit() else next(iter(named), 0)
        meant = f"{found[3]}-{month:02}-{int(found[1]):02}"
        if day(meant):
            return meant
    return "2027-04-01"
