"""Cryptographic Message Syntax (RFC 5652), as far as is needed to see the words inside a signed object.

Signatures are not checked: who vouches for a message is for the gateway to say. An encrypted object stays closed.
"""

from __future__ import annotations

SIGNED = bytes.fromhex("2a864886f70d010702")
ENVELOPED = bytes.fromhex("2a864886f70d010703")
AUTH_ENVELOPED = bytes.fromhex("2a864886f70d0109100117")

SEQUENCE, SET, OID, OCTETS, OCTETS_IN_PIECES, EXPLICIT = 0x30, 0x31, 0x06, 0x04, 0x24, 0xA0
END_OF_CONTENTS = 0x00
DEEPEST = 16
MOST_PIECES = 100_000


def opened(octets: bytes) -> tuple[str, bytes | None]:
    """What a CMS object is (`signed`, `encrypted`, "" for neither), and the content of a signed one, None if unread."""
    try:
        return _opened(octets)
    except (ValueError, IndexError):
        return "", None


def _opened(octets: bytes) -> tuple[str, bytes | None]:
    info = _Cursor(octets).enter(SEQUENCE)
    kind = info.value(OID)
    if kind in {ENVELOPED, AUTH_ENVELOPED}:
        return "encrypted", None
    if kind != SIGNED:
        return "", None
    signed = info.enter(EXPLICIT).enter(SEQUENCE)
    signed.skip()  # version
    signed.skip()  # digestAlgorithms
    encapsulated = signed.enter(SEQUENCE)
    encapsulated.skip()  # eContentType
    return "signed", encapsulated.enter(EXPLICIT).octet_string()


class _Cursor:
    """A place among elements in BER (X.690), of definite or indefinite length. Raises ValueError on nonsense."""

    def __init__(self, octets: bytes, position: int = 0, end: int | None = None) -> None:
        self.octets = octets
        self.position = position
        self.end = len(octets) if end is None else end

    def head(self) -> tuple[int, int | None]:
        """Tag and length of the element here, None for an indefinite length; moves to its contents."""
        tag, first = self.octets[self.position], self.octets[self.position + 1]
        self.position += 2
        if first < 0x80:
            length = first
        elif first == 0x80:
            return tag, None
        else:
            size = first & 0x7F
            length = int.from_bytes(self.octets[self.position : self.position + size], "big")
            self.position += size
        if self.position + length > self.end:
            raise ValueError("an element is longer than what holds it")
        return tag, length

    def enter(self, expected: int) -> _Cursor:
        """A cursor over the contents of the element here, which must be of the expected tag."""
        tag, length = self.head()
        if tag != expected:
            raise ValueError("an element is not what was expected")
        return _Cursor(self.octets, self.position, self.end if length is None else self.position + length)

    def value(self, expected: int) -> bytes:
        tag, length = self.head()
        if tag != expected or length is None:
            raise ValueError("an element is not what was expected")
        self.position += length
        return self.octets[self.position - length : self.position]

    def skip(self, depth: int = 0) -> None:
        _, length = self.head()
        if length is not None:
            self.position += length
            return
        if depth >= DEEPEST:
            raise ValueError("elements are nested too deep")
        while self.octets[self.position] != END_OF_CONTENTS:
            self.skip(depth + 1)
        self.position += 2

    def octet_string(self) -> bytes:
        """An octet string, whole or in pieces."""
        tag, length = self.head()
        if tag == OCTETS and length is not None:
            return self.octets[self.position : self.position + length]
        if tag != OCTETS_IN_PIECES:
            raise ValueError("the content is not an octet string")
        end = self.end if length is None else self.position + length
        pieces: list[bytes] = []
        while self.position < end and self.octets[self.position] != END_OF_CONTENTS:
            pieces.append(self.value(OCTETS))
            if len(pieces) > MOST_PIECES:
                raise ValueError("the content is in too many pieces")
        return b"".join(pieces)
