"""XLSX, XLSM, XLSB, XLS and ODS."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from xml.parsers import expat

import python_calamine as calamine

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.cells import in_one_line, row_line
from inbox_router.edges.extraction.outcome import UnreadableError, damaged, locked, oversized
from inbox_router.edges.extraction.packages import Package, parse

_WHAT: Final = "The spreadsheet"
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Cell = int | float | str | bool | time | date | datetime | timedelta


def read(file: File, bounds: Bounds) -> Extract:
    """One row one line, its cells parted by tabs; each sheet under its name.

    Hidden sheets are left out, and said to be: they hold the choices of drop-down lists, every one of which would
    otherwise count as said.
    """
    if file.octets.startswith(b"PK"):
        _admit(Package(file.octets, bounds, _WHAT), bounds)
    lines: list[str] = []
    hidden = 0
    try:
        with calamine.load_workbook(io.BytesIO(file.octets)) as workbook:
            for sheet in workbook.sheets_metadata:
                if sheet.visible is not calamine.SheetVisibleEnum.Visible:
                    hidden += 1
                elif sheet.typ is calamine.SheetTypeEnum.WorkSheet:
                    rows = list(_rows(workbook.get_sheet_by_name(sheet.name), bounds))
                    lines.extend([sheet.name, *rows] if rows else ())
    except calamine.PasswordError as protected:
        raise locked(_WHAT) from protected
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError, OSError) as broken:
        raise damaged(_WHAT) from broken
    if not lines:
        raise UnreadableError(
            Readability.NO_TEXT, "A spreadsheet without words in its visible sheets: look at it by hand."
        )
    left_out = f"Hidden sheets ({hidden}) were left out." if hidden else ""
    return Extract(readability=Readability.READ, text="\n".join(lines), detail=left_out)


def _rows(sheet: calamine.CalamineSheet, bounds: Bounds) -> Iterator[str]:
    if sheet.total_height * sheet.total_width > bounds.cells:
        raise oversized(_WHAT)
    for row in sheet.to_python(skip_empty_area=True):
        line = row_line([_shown(cell) for cell in row])
        if line:
            yield line


def _shown(cell: Cell) -> str:
    """A cell as a British reader sees it: day before month, no `.0` on whole numbers."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y") if cell.time() == time() else cell.strftime("%d/%m/%Y %H:%M")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    return in_one_line([str(cell)])


def _admit(package: Package, bounds: Bounds) -> None:
    """Measure the sheets before they are laid out: two cells far apart make a grid that no memory holds."""
    for name in package.names:
        octets = package.member(name)
        if name.startswith("xl/worksheets/") and name.endswith(".xml") and _area(octets) > bounds.cells:
            raise oversized(_WHAT)


def _area(sheet: bytes) -> int:
    """Rows times columns from the first cell in use to the last."""
    rows: list[int] = []
    columns: list[int] = []
    here: list[tuple[int, int]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c" and (reference := _REFERENCE.fullmatch(attributes.get("r", ""))):
            here[:] = [(int(reference[2]), _column(reference[1]))]
        elif local in ("v", "is", "f") and here:
            row, column = here.pop()
            rows[:] = [min([row, *rows]), max([row, *rows])]
            columns[:] = [min([column, *columns]), max([column, *columns])]

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parse(sheet, parser, _WHAT)
    return (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1) if rows else 0


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
