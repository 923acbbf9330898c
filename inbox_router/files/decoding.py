"""The octets of a file that people edit -> text, or what is wrong with how it was saved."""

from __future__ import annotations

from inbox_router.core.rules import Where
from inbox_router.files.problems import Findings

MOST_OCTETS = 1_000_000


def decoded(file: str, octets: bytes, findings: Findings, *, most: int = MOST_OCTETS) -> str | None:
    """The text of a file that people edit: UTF-8, a byte order mark taken off, no NUL; else None and a problem."""
    top = Where(file=file, line=1, column=1)
    if len(octets) > most:
        findings.add(top, f"this file is larger than {most // 1000:,} kB", "split it into several files")
        return None
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.add(top, "this file was saved as UTF-16", 'save it with the encoding "UTF-8"')
        return None
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = place(file, octets[: error.start].decode("utf-8", "replace"))
        findings.add(
            where,
            f"the byte 0x{octets[error.start]:02X} here is not UTF-8 text",
            'often it is a "£" or a curly quote from an older program: save the file with the encoding "UTF-8"',
        )
        return None
    if "\0" in text:
        findings.add(
            place(file, text[: text.index("\0")]),
            "there is a NUL character here: the file is damaged or was saved only in part",
            "take it from a copy, or delete the line and type it again",
        )
        return None
    if not text.strip():
        findings.add(top, "this file is empty: perhaps it was saved only in part", "save it again, or delete the file")
        return None
    return text


def place(file: str, before: str) -> Where:
    """Where a text ends, as a line and a column."""
    return Where(file=file, line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))
