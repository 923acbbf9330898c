"""CSV and its relatives, which spreadsheet programs also write under the name `.xls`."""

from __future__ import annotations

import csv
import io

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.cells import in_one_line, row_line
from inbox_router.edges.extraction.charsets import decode


def read(file: File, bounds: Bounds) -> Extract:
    """One record one line, its fields parted by tabs."""
    text = decode(file.octets)
    first = text.lstrip("\n").partition("\n")[0]
    separator = max("\t,;|", key=first.count)
    csv.field_size_limit(bounds.characters)
    lines: list[str] = []
    kept = 0
    for record in csv.reader(io.StringIO(text), delimiter=separator):
        line = row_line([in_one_line([cell]) for cell in record])
        lines.append(line)
        kept += len(line) + 1
        if kept > bounds.characters:
            break
    return Extract(readability=Readability.READ, text="\n".join(lines))
