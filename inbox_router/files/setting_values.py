"""Single settings of the configuration: lengths of time, sizes, numbers and words, each with its bounds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from inbox_router.files.problems import Findings, did_you_mean
from inbox_router.files.quantities import duration, in_words, size
from inbox_router.files.sections import Section


def seconds_of(section: Section, key: str, usual: str, findings: Findings, *, most: str) -> timedelta:
    """A length of time in words; `usual` where the key is missing, `most` the longest that makes sense."""
    default, longest = duration(usual) or timedelta(), duration(most) or timedelta()
    length = section.parsed(key, duration, "a length of time", usual)
    if length is None:
        return default
    if not timedelta() < length <= longest:
        findings.add(
            section.at(key), f'"{key}" must be between 1 second and {in_words(longest)}', f"write: {key}: {usual}"
        )
    return length


def size_of(section: Section, key: str, usual: int, findings: Findings) -> int:
    """Octets, written as `40 MB`."""
    octets = section.parsed(key, size, "a size", "40 MB")
    if octets == 0:
        findings.add(section.at(key), f'"{key}" is nothing at all', f"write for example: {key}: 40 MB")
    return octets or usual


def count_of(section: Section, key: str, usual: int, findings: Findings, *, most: int) -> int:
    """A whole number from 1 to `most`; thousands may be parted by commas."""
    text = section.text(key)
    if key not in section or not text:
        return usual
    digits = text.replace(",", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(most)) and 1 <= int(digits) <= most):
        findings.add(
            section.at(key), f'"{key}" is a whole number from 1 to {most:,}, not "{text}"', f"write: {key}: {usual}"
        )
        return usual
    return int(digits)


def one_of(section: Section, key: str, words: Sequence[str], usual: str, findings: Findings) -> str:
    """A word of a short list."""
    text = section.scalar(key)
    if text is None:
        return usual
    if text.text not in words:
        findings.add(text.where, f'"{key}" cannot be "{text.text}"', did_you_mean(text.text, words))
    return text.text
