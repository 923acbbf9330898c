"""The worker: takes one file after the other from the service and answers with what could be read.

Standard input is a socket to the service; the one argument is the bounds as JSON. It ends when the socket is closed.
"""

from __future__ import annotations

import json
import os
import socket
import sys

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction import wire
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.confine import allow_one_file, confine, rest
from inbox_router.edges.extraction.reading import read


def main(argument: str) -> None:
    """Serve until the other side closes, or a file has used up the memory."""
    bounds = Bounds(**json.loads(argument))
    connection = _take_over_standard_input()
    confine(bounds)
    wire.send(connection, {"ready": True}, b"")
    with connection:
        while _serve(connection, bounds):
            rest()


def _serve(connection: socket.socket, bounds: Bounds) -> bool:
    """Read one file. Whether this process is fit for another."""
    try:
        heading, octets = wire.receive(connection, most=bounds.file_octets)
    except EOFError:
        return False
    allow_one_file(bounds)
    extract = read(
        File(
            name=str(heading["name"]),
            media_type=str(heading["media_type"]),
            octets=octets,
            depth=0,
        ),
        bounds,
    )
    # Memory that was once exhausted stays torn up, and the next file would suffer for it.
    spent = extract.readability is Readability.TOO_LARGE
    wire.send(connection, _heading(extract, spent=spent), extract.text.encode("utf-8", "replace"))
    return not spent


def _heading(extract: Extract, *, spent: bool) -> wire.Heading:
    return {
        "readability": extract.readability.value,
        "detail": extract.detail,
        "is_message": extract.is_message,
        "spent": spent,
    }


def _take_over_standard_input() -> socket.socket:
    """The socket, moved out of the way of libraries that read or write the standard streams."""
    connection = socket.socket(fileno=os.dup(0))
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
    return connection


if __name__ == "__main__":
    main(sys.argv[1])
