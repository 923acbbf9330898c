"""The sample mail of the demo: invented messages, as the force's gateway would hand them to its inbox."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files


def sample_mail() -> Iterator[tuple[str, bytes]]:
    """Name and octets of each message, in the order in which they arrive.

    The files have the line ends of a text file, so that people can read and edit them; mail has CRLF (RFC 5322).
    """
    folder = files("inbox_router.demo") / "mail"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".eml"):
            yield file.name, file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
