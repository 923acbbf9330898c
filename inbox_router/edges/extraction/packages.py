"""Zipped documents (DOCX, XLSX, ODS) taken apart within bounds, and their XML parsed without entities."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Final
from xml.parsers import expat

from inbox_router.core.message import Readability
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.outcome import UnreadableError, damaged, locked, oversized

_ENCRYPTED_FLAG: Final = 0x1
_SMALL: Final = 1_000_000


class Package:
    """A zipped document whose members are within bounds by their own account; reading one holds it to that account."""

    def __init__(self, octets: bytes, bounds: Bounds, what: str) -> None:
        self._bounds = bounds
        self._what = what
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(octets))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as broken:
            raise damaged(what) from broken
        self._admit(len(octets))

    def _admit(self, packed: int) -> None:
        members = self._zip.infolist()
        expanded = sum(member.file_size for member in members)
        if (
            len(members) > self._bounds.members
            or expanded > self._bounds.expanded_octets
            or any(member.file_size > self._bounds.member_octets for member in members)
            or (expanded > _SMALL and expanded > packed * self._bounds.ratio)
        ):
            raise oversized(self._what)
        if any(member.flag_bits & _ENCRYPTED_FLAG for member in members):
            raise locked(self._what)

    @property
    def names(self) -> list[str]:
        return self._zip.namelist()

    def member(self, name: str) -> bytes:
        """The octets of one member; UnreadableError where it is missing or not what the directory says."""
        try:
            return self._zip.read(name)
        except (KeyError, zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError) as broken:
            raise damaged(self._what) from broken


def parse(octets: bytes, parser: expat.XMLParserType, what: str) -> None:
    """Feed `octets` to `parser`. UnreadableError where they are not well-formed or bring a document type."""

    def refuse(*_: object) -> None:
        raise UnreadableError(
            Readability.CORRUPT, f"{what} holds an XML document type, which no honest one does: do not open it."
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    try:
        parser.Parse(octets, True)
    except expat.ExpatError as broken:
        raise damaged(what) from broken
