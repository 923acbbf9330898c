"""HTML as a file: what it shows."""

from __future__ import annotations

import re
from typing import Final

from inbox_router.core.html import visible_text
from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.charsets import decode

_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}charset\s{0,9}=\s{0,9}[\"']?([A-Za-z0-9_:.-]{1,40})", re.I)


def read(file: File, bounds: Bounds) -> Extract:
    """The visible text, decoded as its own heading says."""
    octets = file.octets[: 8 * bounds.characters]
    said = _CHARSET.search(octets[:4096])
    text = visible_text(decode(octets, said.group(1).decode("ascii") if said else "")).text
    return Extract(readability=Readability.READ, text=text)
