"""Plain text."""

from __future__ import annotations

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.charsets import decode


def read(file: File, bounds: Bounds) -> Extract:
    """The text as it is; never more octets are decoded than the bound of characters could need."""
    return Extract(readability=Readability.READ, text=decode(file.octets[: 4 * bounds.characters]))
