"""A file that gives no text, said as a fact."""

from __future__ import annotations

from inbox_router.core.message import Readability


class UnreadableError(Exception):
    """Raised by a reader; ends the file it is about, and nothing else.

    `detail` is a sentence for a person: what the file is, and what they can do. It never quotes the file.
    """

    def __init__(self, readability: Readability, detail: str) -> None:
        super().__init__(detail)
        self.readability = readability
        self.detail = detail


def damaged(what: str) -> UnreadableError:
    """The file is of a known format but broken."""
    return UnreadableError(
        Readability.CORRUPT, f"{what} is damaged and could not be opened: ask the sender to send it again."
    )


def locked(what: str) -> UnreadableError:
    """The file needs a password or a key."""
    return UnreadableError(
        Readability.ENCRYPTED,
        f"{what} is protected by a password or key: ask the sender for a copy that is not.",
    )


def oversized(what: str) -> UnreadableError:
    """The file goes over one of the bounds."""
    return UnreadableError(
        Readability.TOO_LARGE, f"{what} is larger inside than is allowed: open it by hand, with care."
    )
