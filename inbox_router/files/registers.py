"""registers/*.csv: tables that the business keeps in a spreadsheet. The first column is the key."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from inbox_router.core.rules import Register, Where
from inbox_router.files.decoding import decoded
from inbox_router.files.problems import Findings

MOST_OCTETS = 10_000_000
LONGEST_CELL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRegister:
    """A register, and the line that each of its rows stands in, for mistakes that only show when it is used."""

    register: Register
    lines: tuple[int, ...]

    def at(self, row: int) -> Where:
        return Where(file=self.register.where.file, line=self.lines[row], column=1)


def read_register(name: str, file: str, octets: bytes, findings: Findings) -> ReadRegister | None:
    """A CSV file with a header row; None, with the reasons in `findings`, where it cannot be used."""
    text = decoded(file, octets, findings, most=MOST_OCTETS)
    if text is None:
        return None
    known = len(findings.problems)
    rows = _rows(file, text, findings)
    if not rows and len(findings.problems) == known:
        findings.add(Where(file=file, line=1, column=1), "this table has nothing in it", "take it from a copy")
    if len(findings.problems) > known:
        return None
    (_, header), *body = rows
    columns = _columns(file, header, findings)
    _check_cells(file, columns, body, findings)
    _check_keys(file, body, findings)
    if len(findings.problems) > known:
        return None
    register = Register(
        name=name,
        columns=columns,
        rows=tuple(dict(zip(columns, cells, strict=True)) for _, cells in body),
        where=Where(file=file, line=1, column=1),
    )
    return ReadRegister(register=register, lines=tuple(line for line, _ in body))


def _rows(file: str, text: str, findings: Findings) -> list[tuple[int, list[str]]]:
    """Line number and cells of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error:
        findings.add(
            Where(file=file, line=line, column=1),
            "a quotation mark in this row is not closed, or has text after it",
            'put quotation marks round the whole cell, and write "" for one inside it',
        )
    return rows


def _columns(file: str, header: Sequence[str], findings: Findings) -> tuple[str, ...]:
    where = Where(file=file, line=1, column=1)
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        findings.add(where, "the cells of this table are not parted by commas", 'save it as "CSV (comma delimited)"')
    for number, column in enumerate(header, 1):
        if not column:
            findings.add(where, f"column {number} has no name", "write one in the first row, or delete the column")
        elif column in header[: number - 1]:
            findings.add(where, f'two columns are named "{column}"', "rename or delete one of them")
        elif "." in column or "<" in column or ">" in column:
            findings.add(where, f'the column name "{column}" has ".", "<" or ">" in it', "use letters and spaces")
    return tuple(header)


def _check_cells(
    file: str, columns: Sequence[str], body: Sequence[tuple[int, Sequence[str]]], findings: Findings
) -> None:
    if not body:
        findings.add(
            Where(file=file, line=1, column=1),
            "this register has no rows: perhaps it was saved only in part",
            "take it from a copy, or write a row under the names of the columns",
        )
    for line, cells in body:
        where = Where(file=file, line=line, column=1)
        if len(cells) != len(columns):
            findings.add(
                where,
                f"this row has {_cells(len(cells))}, the first row has {len(columns)}",
                "a cell with a comma in it needs quotation marks; a cell too many or too few moves the others",
            )
        for cell in cells:
            if cell[:1] in {"=", "@"} or (cell[:1] in {"+", "-"} and cell[1:2].isdigit() and not cell[1:].isdigit()):
                findings.add(where, f'"{cell[:40]}" is a formula', "write the value itself")
            elif "\n" in cell or "\r" in cell:
                findings.add(where, "a cell of this row has a line break in it", "write it on one line")
            elif len(cell) > LONGEST_CELL:
                findings.add(where, f"a cell of this row is longer than {LONGEST_CELL} characters", "shorten it")


def _check_keys(file: str, body: Sequence[tuple[int, Sequence[str]]], findings: Findings) -> None:
    first: dict[str, int] = {}
    for line, cells in body:
        where = Where(file=file, line=line, column=1)
        key = " ".join(unicodedata.normalize("NFKC", cells[0]).casefold().split())
        if not key:
            findings.add(where, "the first cell of this row is empty", "write the key, or delete the row")
        elif key != "*" and not any(character.isalnum() for character in key):
            findings.add(where, f'"{cells[0]}" has no letter or digit', 'write a key, or "*" for every other key')
        elif key in first:
            findings.add(where, f'"{cells[0]}" stands twice: here and in line {first[key]}', "delete one of the rows")
        first.setdefault(key, line)


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
