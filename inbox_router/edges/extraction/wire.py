"""Frames between the service and its worker: a JSON heading and octets, each with its length in front.

Never pickle: the worker may have been taken over by the file that it was reading, so its answers are hostile too.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Mapping
from typing import Final

_LENGTHS: Final = struct.Struct("!IQ")
_HEADING_OCTETS: Final = 65_536
_CHUNK: Final = 262_144

Heading = Mapping[str, str | int | bool]


class OverlongError(Exception):
    """The other side announced more than it may send."""


def send(connection: socket.socket, heading: Heading, octets: bytes, *, deadline: float | None = None) -> None:
    """Send one frame.

    `deadline` is a reading of `time.monotonic()`: TimeoutError once it has passed, OSError where the other has gone.
    """
    head = json.dumps(heading).encode("ascii")
    connection.settimeout(_remaining(deadline))
    connection.sendall(_LENGTHS.pack(len(head), len(octets)) + head)
    connection.settimeout(_remaining(deadline))
    connection.sendall(octets)


def receive(
    connection: socket.socket, *, most: int, deadline: float | None = None
) -> tuple[dict[str, str | int | bool], bytes]:
    """Receive one frame of at most `most` octets.

    EOFError where the other has gone, TimeoutError at the deadline, OverlongError or ValueError where it is no frame.
    """
    head_length, length = _LENGTHS.unpack(_exactly(connection, _LENGTHS.size, deadline))
    if head_length > _HEADING_OCTETS or length > most:
        raise OverlongError
    heading = json.loads(_exactly(connection, head_length, deadline))
    if not isinstance(heading, dict):
        raise ValueError("a frame's heading is not an object")
    return heading, _exactly(connection, length, deadline)


def _exactly(connection: socket.socket, length: int, deadline: float | None) -> bytes:
    received = bytearray()
    while len(received) < length:
        connection.settimeout(_remaining(deadline))
        chunk = connection.recv(min(length - len(received), _CHUNK))
        if not chunk:
            raise EOFError
        received += chunk
    return bytes(received)


def _remaining(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
