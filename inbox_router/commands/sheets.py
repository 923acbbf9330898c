"""Tables for spreadsheets, in which nothing can be computed: every cell is text."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

from inbox_router.commands.failures import WRONG, Failure
from inbox_router.core.spreadsheet_cell import cell

Table = Sequence[Sequence[str]]
"""Rows of cells, the first with the names of the columns."""

_WIDEST = 60
"""Characters of a column, beyond which the spreadsheet cuts it off."""


def write_sheets(path: Path, sheets: Mapping[str, Table]) -> None:
    """Writes CSV or XLSX by the ending of the name. Several sheets stand one below the other in a CSV file."""
    if path.suffix.lower() == ".csv":
        # With the mark at its beginning by which spreadsheets know UTF-8.
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            for number, (name, table) in enumerate(sheets.items()):
                if len(sheets) > 1:
                    writer.writerows([*([[]] if number else []), [cell(name)]])
                writer.writerows([cell(each) for each in row] for row in table)
    elif path.suffix.lower() == ".xlsx":
        _write_workbook(path, sheets)
    else:
        raise Failure(f"{path} is neither a .csv nor an .xlsx file: end its name with one of the two.", WRONG)


def _write_workbook(path: Path, sheets: Mapping[str, Table]) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(table):
                for column, text in enumerate(row):
                    sheet.write_string(place, column, cell(text), None if place else head)
            for column, cells in enumerate(zip(*table, strict=True)):
                sheet.set_column(column, column, min(max(map(len, cells)) + 2, _WIDEST))
            sheet.freeze_panes(1, 0)
