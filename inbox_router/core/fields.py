"""Header fields: octets that anyone may have written -> text, addresses, parameters, dates (RFC 5322, 2047, 2231).

Nothing here raises for what a message holds: what cannot be read comes back as the nearest text, or as nothing.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
DIRECTIONS = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
"""Characters that show nothing, or turn the order of the letters round."""

UNSAFE_CODECS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
"""Text codecs of Python that no mail uses; two of them take quadratic time."""

ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,30})?\?([bBqQ])\?([^?\r\n]*)\?=")
PARAMETER = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)')
CONTINUED = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
MAILBOX_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"?|<[^<>]*>?|[(),;:]|[^"<(),;:]+|.', re.DOTALL)
MESSAGE_ID = re.compile(r"<([^<>\s]{1,998})>")

NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")

MOST_BLOCKS = 1_000
LONGEST_PARAMETERS = 4_096
LONGEST_NAME = 120


def plain(text: str) -> str:
    """Text as passages hold it: `\\n` line ends, no NUL, no other control characters but the tab, no surrogates."""
    return CONTROLS.sub("", LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """Text for a place that has room for one line only."""
    return " ".join(plain(text).split())


def decode(octets: bytes, charset: str = "") -> tuple[str, str]:
    """Text of octets, and what was wrong with the declared charset ("" where nothing was).

    Tries the declared charset, then UTF-8, then Windows-1252, in which nearly everything is a letter.
    """
    declared = charset.strip().strip("'\"").lower()
    if declared in {"", "us-ascii", "ascii"}:
        declared = "utf-8"
    if declared in {"iso-8859-1", "latin-1", "latin1"}:
        declared = "cp1252"  # what is declared as Latin-1 is written by software that means Windows-1252
    problem = ""
    if declared.replace("-", "_") in UNSAFE_CODECS:
        problem = "names a charset that is not used in mail"
    else:
        try:
            return octets.decode(declared), ""
        except LookupError:
            problem = "names a charset that does not exist"
        except (UnicodeError, ValueError):
            problem = "is not in the charset that it names"
    try:
        return octets.decode("utf-8"), "" if declared == "cp1252" else problem
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace"), problem


def decode_words(text: str) -> str:
    """Text with its RFC 2047 words decoded, on one line.

    Words that follow each other in one charset are joined as octets first, because some senders split them inside a
    character.
    """
    if "=?" not in text:
        return one_line(text)
    pieces: list[str] = []
    pending, pending_charset, end = b"", "", 0
    for word in ENCODED_WORD.finditer(text):
        between = text[end : word.start()]
        charset, encoding, encoded = word.groups()
        if pending_charset and (between.strip() or charset.lower() != pending_charset):
            pieces.append(decode(pending, pending_charset)[0])
            pending = b""
        if not pending_charset or between.strip():
            pieces.append(between)
        pending += _word_octets(encoding.lower(), encoded)
        pending_charset, end = charset.lower(), word.end()
    if pending_charset:
        pieces.append(decode(pending, pending_charset)[0])
    return one_line("".join(pieces) + text[end:])


def _word_octets(encoding: str, encoded: str) -> bytes:
    ascii_octets = encoded.encode("utf-8", "replace")
    if encoding == "q":
        return binascii.a2b_qp(ascii_octets, header=True)
    return base64_octets(ascii_octets)[0]


def base64_octets(octets: bytes) -> tuple[bytes, bool]:
    """Base64 decoded as far as it goes, and whether it was sound.

    Text after padding is decoded too: some gateways glue a second encoded block on, and a reader would show it.
    """
    letters = octets.translate(None, b" \t\r\n")
    if letters.count(b"=") > MOST_BLOCKS:
        letters = letters.replace(b"=", b"")
    blocks = [block for block in letters.split(b"=") if block]
    pieces: list[bytes] = []
    sound = len(blocks) < 2
    for block in blocks:
        try:
            piece = binascii.a2b_base64(block + b"==")
        except binascii.Error:
            known = NOT_BASE64.sub(b"", block)
            piece = binascii.a2b_base64(known[: len(known) // 4 * 4])
            sound = False
        sound = sound and len(piece) * 4 + 2 >= len(block) * 3
        pieces.append(piece)
    return b"".join(pieces), sound


def parameters(value: str) -> tuple[str, Mapping[str, str]]:
    """A structured value such as Content-Type: the part before the first `;` in lower case, and its parameters.

    Parameter names are lower case; RFC 2231 pieces are joined and decoded, RFC 2047 words in quotes are too, because
    they are common though forbidden. The first of two parameters of one name counts.
    """
    value = value[:LONGEST_PARAMETERS]
    main = value.partition(";")[0].strip().lower()
    simple: dict[str, str] = {}
    extended: dict[str, list[tuple[int, bool, str]]] = {}
    for match in PARAMETER.finditer(value):
        written = match[2].strip()
        if written.startswith('"'):
            written = re.sub(r"\\(.)", r"\1", written[1:].removesuffix('"'))
        shape = CONTINUED.fullmatch(match[1].lower())
        if shape is None:
            continue
        name, number, encoded = shape[1], shape[2], bool(shape[3])
        if number is None and not encoded:
            simple.setdefault(name, decode_words(written))
        else:
            extended.setdefault(name, []).append((int(number or 0), encoded, written))
    return main, simple | {name: _joined(pieces) for name, pieces in extended.items()}


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """RFC 2231 section 4.1: the charset stands in the first piece only."""
    charset, octets = "", b""
    for number, encoded, written in sorted(pieces):
        text = written
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return one_line(decode(octets, charset)[0])


def safe_name(name: str) -> str:
    """A file name without folders, control and direction characters, of bounded length; "" where nothing is left."""
    last = re.split(r"[/\\]", one_line(DIRECTIONS.sub("", name)))[-1].strip(" .")
    if len(last) <= LONGEST_NAME:
        return last
    stem, dot, ending = last.rpartition(".")
    if not dot or len(ending) > 10:
        return last[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - 1 - len(ending)]}.{ending}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    display: str
    address: str
    """As written, in lower case, without the angle brackets."""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def addresses(values: Iterable[str]) -> list[Address]:
    """Every mailbox of address fields (RFC 5322 section 3.4), groups opened, comments left out.

    The values must not have had their RFC 2047 words decoded: a decoded name may hold commas and angle brackets.
    """
    found: list[Address] = []
    for value in values:
        display, angle, nesting = "", None, 0
        for piece in MAILBOX_PIECE.findall(value):
            if piece == "(" or piece == ")":
                nesting = max(0, nesting + (1 if piece == "(" else -1))
            elif nesting:
                continue
            elif piece in {",", ";"}:
                _close_mailbox(display, angle, found)
                display, angle = "", None
            elif piece == ":":
                display = ""  # the name of a group
            elif piece.startswith("<"):
                if angle is not None:
                    _close_mailbox(display, angle, found)
                    display = ""
                angle = piece.strip("<>")
            else:
                display += piece
        _close_mailbox(display, angle, found)
    return found


def _close_mailbox(display: str, angle: str | None, found: list[Address]) -> None:
    written = display.strip() if angle is None else angle.rpartition(":")[2]
    address = one_line(written).strip('"').replace(" ", "").lower()
    name = "" if angle is None else decode_words(re.sub(r"\\(.)", r"\1", display).strip().strip('"'))
    if address or name:
        found.append(Address(display=name, address=address))


def date(value: str) -> datetime | None:
    """The moment that a Date field names, in UTC; None where it cannot be read. `-0000` is taken as UTC."""
    try:
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one header, in their order, names in lower case, values unfolded but otherwise as they came."""

    items: tuple[tuple[str, bytes], ...] = ()

    def value(self, position: int) -> str:
        """The value of the field at a position, on one line."""
        return one_line(decode(self.items[position][1])[0])

    def written(self, name: str) -> list[str]:
        """Every value of a field, on one line each, RFC 2047 words left as they are."""
        return [one_line(decode(value)[0]) for field, value in self.items if field == name]

    def first(self, name: str) -> str:
        """The first value of a field as written, "" where there is none."""
        for field, value in self.items:
            if field == name:
                return one_line(decode(value)[0])
        return ""

    def text(self, name: str) -> str:
        """The first value of an unstructured field, decoded for reading."""
        return decode_words(self.first(name))

    def has(self, name: str) -> bool:
        return any(field == name for field, _ in self.items)

    def message_ids(self, *names: str) -> list[str]:
        """The message identifiers in these fields, without their angle brackets."""
        found: list[str] = []
        for name in names:
            for value in self.written(name):
                bare = [value] if "<" not in value and "@" in value and " " not in value else []
                found += MESSAGE_ID.findall(value) or bare
        return found
