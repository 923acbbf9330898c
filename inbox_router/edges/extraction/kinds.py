"""What a file is: by its first octets, then by the media type it was sent with, then by its name."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.outcome import UnreadableError, damaged, locked


class Kind(StrEnum):
    """A family of formats that has a reader, or one that is never opened."""

    PDF = "pdf"
    WORD = "word"
    SPREADSHEET = "spreadsheet"
    RTF = "rtf"
    HTML = "html"
    TEXT = "text"
    TABLE = "table"
    OUTLOOK = "outlook"
    LETTER = "letter"
    PICTURE = "picture"
    UNOPENED = "unopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A kind and, for what is not opened, the words for it."""

    kind: Kind
    what: str = ""

    def unopened(self) -> Extract:
        """The extract of a file that has no reader."""
        if self.kind is Kind.PICTURE:
            return Extract(readability=Readability.NO_TEXT, detail="A picture: look at it by hand.")
        return Extract(readability=Readability.NOT_OPENED, detail=self.what)


_ARCHIVE: Final = "An archive, which is never opened here: open it by hand, with care."
_PROGRAM: Final = "A program, which is never opened: do not run it."
_SOUND: Final = "A sound or film: listen to it or look at it by hand."
_TNEF: Final = (
    "An Outlook envelope (winmail.dat): open it in Outlook, or ask the sender to send it as plain text or HTML."
)
_OLD_WORD: Final = "An old Word document (.doc): open it by hand, or ask the sender for a .docx or PDF."
_SLIDES: Final = "A presentation: open it by hand."
_UNKNOWN: Final = "A file of a kind that is not known here: open it by hand, with care."
_OFFICE_OTHER: Final = "An Office file of a kind that is not read here: open it by hand."
_SIGNATURE: Final = "A digital signature, which holds no words of the message."

_MAGIC: Final[tuple[tuple[int, bytes, Recognised], ...]] = (
    (0, b"{\\rtf", Recognised(kind=Kind.RTF)),
    (0, b"\x78\x9f\x3e\x22", Recognised(kind=Kind.UNOPENED, what=_TNEF)),
    (0, b"\x89PNG\r\n\x1a\n", Recognised(kind=Kind.PICTURE)),
    (0, b"\xff\xd8\xff", Recognised(kind=Kind.PICTURE)),
    (0, b"GIF8", Recognised(kind=Kind.PICTURE)),
    (0, b"BM", Recognised(kind=Kind.PICTURE)),
    (0, b"II*\0", Recognised(kind=Kind.PICTURE)),
    (0, b"MM\0*", Recognised(kind=Kind.PICTURE)),
    (8, b"WEBP", Recognised(kind=Kind.PICTURE)),
    (4, b"ftypheic", Recognised(kind=Kind.PICTURE)),
    (4, b"ftypmif1", Recognised(kind=Kind.PICTURE)),
    (0, b"\xd7\xcd\xc6\x9a", Recognised(kind=Kind.PICTURE)),
    (40, b" EMF", Recognised(kind=Kind.PICTURE)),
    (0, b"\x1f\x8b", Recognised(kind=Kind.UNOPENED, what=_ARCHIVE)),
    (0, b"7z\xbc\xaf\x27\x1c", Recognised(kind=Kind.UNOPENED, what=_ARCHIVE)),
    (0, b"Rar!\x1a\x07", Recognised(kind=Kind.UNOPENED, what=_ARCHIVE)),
    (0, b"MSCF", Recognised(kind=Kind.UNOPENED, what=_ARCHIVE)),
    (0, b"BZh", Recognised(kind=Kind.UNOPENED, what=_ARCHIVE)),
    (0, b"\xfd7zXZ", Recognised(kind=Kind.UNOPENED, what=_ARCHIVE)),
    (0, b"\x28\xb5\x2f\xfd", Recognised(kind=Kind.UNOPENED, what=_ARCHIVE)),
    (257, b"ustar", Recognised(kind=Kind.UNOPENED, what=_ARCHIVE)),
    (32769, b"CD001", Recognised(kind=Kind.UNOPENED, what=_ARCHIVE)),
    (0, b"MZ", Recognised(kind=Kind.UNOPENED, what=_PROGRAM)),
    (0, b"\x7fELF", Recognised(kind=Kind.UNOPENED, what=_PROGRAM)),
    (0, b"#!", Recognised(kind=Kind.UNOPENED, what=_PROGRAM)),
    (0, b"ID3", Recognised(kind=Kind.UNOPENED, what=_SOUND)),
    (0, b"OggS", Recognised(kind=Kind.UNOPENED, what=_SOUND)),
    (8, b"WAVE", Recognised(kind=Kind.UNOPENED, what=_SOUND)),
    (8, b"AVI ", Recognised(kind=Kind.UNOPENED, what=_SOUND)),
    (0, b"\x1aE\xdf\xa3", Recognised(kind=Kind.UNOPENED, what=_SOUND)),
    (4, b"ftyp", Recognised(kind=Kind.UNOPENED, what=_SOUND)),
    (0, b"#!AMR", Recognised(kind=Kind.UNOPENED, what=_SOUND)),
)

_SCRIPTS: Final = frozenset(
    {".js", ".vbs", ".ps1", ".bat", ".cmd", ".hta", ".wsf", ".lnk", ".scr", ".exe", ".jar", ".sh"}
)
_BY_SUFFIX: Final = {
    ".pdf": Kind.PDF,
    ".docx": Kind.WORD,
    ".docm": Kind.WORD,
    ".xlsx": Kind.SPREADSHEET,
    ".xlsm": Kind.SPREADSHEET,
    ".ods": Kind.SPREADSHEET,
    ".msg": Kind.OUTLOOK,
    ".eml": Kind.LETTER,
    ".mht": Kind.LETTER,
    ".htm": Kind.HTML,
    ".html": Kind.HTML,
    ".csv": Kind.TABLE,
    ".tsv": Kind.TABLE,
    ".xls": Kind.TABLE,
}
_BY_MEDIA_TYPE: Final = {
    "application/pdf": Kind.PDF,
    "message/rfc822": Kind.LETTER,
    "text/html": Kind.HTML,
    "text/csv": Kind.TABLE,
    "text/tab-separated-values": Kind.TABLE,
    "application/vnd.ms-excel": Kind.TABLE,
    "application/vnd.ms-outlook": Kind.OUTLOOK,
}
_NAMED_AFTER_MAGIC: Final = frozenset({Kind.PDF, Kind.WORD, Kind.SPREADSHEET, Kind.OUTLOOK})
"""Formats whose first octets are never otherwise: a file that only claims to be one is damaged."""

_LATE_PDF: Final = re.compile(rb"(?:^|[\r\n])%PDF-[12]\.")
_HTML: Final = re.compile(
    rb"(?:\s|\xef\xbb\xbf|<!--[^>]{0,2000}>|<\?xml[^>]{0,200}>)*<(?:!doctype html|html|head|body)\b", re.I
)
_LETTER_FIELD: Final = re.compile(rb"(?mi)^(?:received|mime-version|message-id|return-path):")
_FIELD_LINE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t\r\n]")
_PKCS7: Final = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_PROTECTED_MESSAGE: Final = b"\x76\xe8\x04\x60\xc4\x11\xe3\x86"


def recognise(file: File, bounds: Bounds) -> Recognised:
    """What `file` is.

    Raises UnreadableError where that settles it: empty, encrypted, or not what it claims to be.
    """
    octets = file.octets
    if not octets:
        raise UnreadableError(Readability.NO_TEXT, "The file is empty: ask the sender to send it again.")
    _refuse_ciphertext(octets)
    if octets.startswith(b"%PDF-"):
        return Recognised(kind=Kind.PDF)
    if octets.startswith(b"PK\x03\x04"):
        return _zipped(octets, bounds)
    if octets.startswith(b"PK\x05\x06"):
        return Recognised(kind=Kind.UNOPENED, what=_ARCHIVE)
    if octets.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound(octets)
    for offset, magic, recognised in _MAGIC:
        if octets.startswith(magic, offset) and (len(magic) > 2 or _looks_binary(octets) or magic == b"#!"):
            return recognised
    # ISO 32000-1, annex H.3.4.1: readers accept a PDF that has other things before it.
    return Recognised(kind=Kind.PDF) if _LATE_PDF.search(octets[:1024]) else _by_claim(file)


def _by_claim(file: File) -> Recognised:
    suffix = PurePosixPath(file.name.lower()).suffix
    claimed = _BY_MEDIA_TYPE.get(file.media_type.lower()) or _BY_SUFFIX.get(suffix)
    if _looks_binary(file.octets):
        if claimed in _NAMED_AFTER_MAGIC:
            raise damaged("The file")
        if file.media_type.lower().startswith(("image/", "audio/", "video/")):
            picture = file.media_type.lower().startswith("image/")
            return Recognised(kind=Kind.PICTURE) if picture else Recognised(kind=Kind.UNOPENED, what=_SOUND)
        return Recognised(kind=Kind.UNOPENED, what=_SIGNATURE if suffix == ".p7s" else _UNKNOWN)
    if suffix in _SCRIPTS:
        return Recognised(kind=Kind.UNOPENED, what=_PROGRAM)
    if _HTML.match(file.octets[:8192]):
        return Recognised(kind=Kind.HTML)
    if claimed is Kind.LETTER or _is_letter(file.octets):
        return Recognised(kind=Kind.LETTER)
    if claimed in (Kind.HTML, Kind.TABLE):
        return Recognised(kind=claimed)
    return Recognised(kind=Kind.TEXT)


def _refuse_ciphertext(octets: bytes) -> None:
    if octets.startswith((b"-----BEGIN PGP MESSAGE", _PROTECTED_MESSAGE)):
        raise locked("The message within")
    # id-envelopedData and id-signedData of RFC 5652, near the start of a DER encoding.
    place = octets[:64].find(_PKCS7)
    if octets[:1] == b"\x30" and place > 0:
        if octets[place + len(_PKCS7) : place + len(_PKCS7) + 1] == b"\x02":
            raise UnreadableError(Readability.NOT_OPENED, _SIGNATURE)
        raise locked("The message within")


def _zipped(octets: bytes, bounds: Bounds) -> Recognised:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as package:
            names = frozenset(package.namelist()[: bounds.members])
            content_type = _open_document_type(package) if "mimetype" in names else b""
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, NotImplementedError) as broken:
        raise damaged("The file") from broken
    if "[Content_Types].xml" in names:
        if any(name.startswith("word/") for name in names):
            return Recognised(kind=Kind.WORD)
        if any(name.startswith("xl/") for name in names):
            return Recognised(kind=Kind.SPREADSHEET)
        slides = any(name.startswith("ppt/") for name in names)
        return Recognised(kind=Kind.UNOPENED, what=_SLIDES if slides else _OFFICE_OTHER)
    if content_type.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
        return Recognised(kind=Kind.SPREADSHEET)
    if content_type.startswith(b"application/vnd.oasis.opendocument"):
        return Recognised(kind=Kind.UNOPENED, what=_OFFICE_OTHER)
    return Recognised(kind=Kind.UNOPENED, what=_ARCHIVE)


def _open_document_type(package: zipfile.ZipFile) -> bytes:
    """ODF 1.3 part 2, 3.3: the member `mimetype` holds the media type and nothing else."""
    return package.read("mimetype") if package.getinfo("mimetype").file_size < 200 else b""


def _compound(octets: bytes) -> Recognised:
    """A compound file (MS-CFB): Outlook item, old Office document, or an encrypted new one."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(octets)) as compound:
            if compound.exists("EncryptedPackage"):
                raise locked("The document")
            if compound.exists("__properties_version1.0"):
                return Recognised(kind=Kind.OUTLOOK)
            if compound.exists("Workbook") or compound.exists("Book"):
                return Recognised(kind=Kind.SPREADSHEET)
            if compound.exists("WordDocument"):
                return Recognised(kind=Kind.UNOPENED, what=_OLD_WORD)
    except OSError as broken:
        raise damaged("The file") from broken
    return Recognised(kind=Kind.UNOPENED, what=_OFFICE_OTHER)


def _is_letter(octets: bytes) -> bool:
    head = octets[:16_384].lstrip(b"\xef\xbb\xbf")
    return bool(_FIELD_LINE.match(head)) and len(_LETTER_FIELD.findall(head)) >= 2


def _looks_binary(octets: bytes) -> bool:
    """Control characters that no text holds; UTF-16 text is told by its byte order mark."""
    head = octets[:8192]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    odd = sum(head.count(code) for code in range(32) if code not in (9, 10, 12, 13, 27))
    return odd * 100 > len(head) * 2
