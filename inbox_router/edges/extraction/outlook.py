"""An Outlook item (`.msg`, MS-OXMSG): a message in a compound file, with its attachments and attached items."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime, timedelta
from typing import Final

import olefile
from compressed_rtf import decompress

from inbox_router.core.html import visible_text
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.charsets import decode
from inbox_router.edges.extraction.correspondence import Correspondence, write_out
from inbox_router.edges.extraction.outcome import damaged
from inbox_router.edges.extraction.rtf import text_of

_WHAT: Final = "The Outlook item"
_HEADER_OCTETS: Final = {True: 32, False: 24}
"""Of the property stream before its entries: at the top, and in an attached item (MS-OXMSG 2.4.1)."""
_ENTRY: Final = struct.Struct("<HHI8s")
_TIME: Final = 0x0040
_INTEGER: Final = 0x0003
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)

SUBJECT, SENDER, SENDER_ADDRESS, SENDER_SMTP = 0x0037, 0x0C1A, 0x0C1F, 0x5D01
TO, CC, BODY, HTML, RTF = 0x0E04, 0x0E03, 0x1000, 0x1013, 0x1009
SENT, DELIVERED, CODE_PAGE = 0x0039, 0x0E06, 0x3FDE
DATA, LONG_NAME, SHORT_NAME, MEDIA_TYPE = 0x3701, 0x3707, 0x3704, 0x370E


def read(file: File, bounds: Bounds) -> Extract:
    """The item written out, with what is attached to it."""
    try:
        with olefile.OleFileIO(io.BytesIO(file.octets)) as compound:
            letter = _Item(compound, (), file.depth, bounds).correspondence()
    except OSError as broken:
        raise damaged(_WHAT) from broken
    return write_out(letter, bounds)


class _Item:
    """The item in one storage of the compound file."""

    def __init__(self, compound: olefile.OleFileIO, path: tuple[str, ...], depth: int, bounds: Bounds) -> None:
        self._compound = compound
        self._path = path
        self._depth = depth
        self._bounds = bounds
        self._fixed = self._fixed_properties()
        page = self._fixed.get((CODE_PAGE, _INTEGER), b"\0" * 8)
        self._charset = f"cp{struct.unpack_from('<I', page)[0]}".replace("cp65001", "utf-8")

    def correspondence(self) -> Correspondence:
        """This item with the items attached to it; those beyond the bound of depth stay files."""
        nested: list[Correspondence] = []
        files: list[File] = []
        for storage in self._attachments():
            inner = (*storage, f"__substg1.0_{DATA:04X}000D")
            if self._compound.exists([*inner, "__properties_version1.0"]):
                if self._depth < self._bounds.depth:
                    nested.append(_Item(self._compound, inner, self._depth + 1, self._bounds).correspondence())
                else:
                    files.append(File(name="attached item", media_type="", octets=b"", depth=self._depth + 1))
            elif (octets := self._stream(storage, DATA, "0102")) is not None:
                files.append(self._attached(storage, octets))
        return Correspondence(
            sender=self._sender(),
            sent=self._sent(),
            to=self._string(TO),
            cc=self._string(CC),
            subject=self._string(SUBJECT),
            body=self._body(),
            nested=tuple(nested),
            files=tuple(files),
        )

    def _sender(self) -> str:
        name = self._string(SENDER)
        address = self._string(SENDER_SMTP) or self._string(SENDER_ADDRESS)
        # Within one organisation Exchange gives a directory path ("/O=...") for an address.
        return f"{name} <{address}>".strip() if "@" in address else name

    def _sent(self) -> str:
        for which in (SENT, DELIVERED):
            ticks = struct.unpack("<Q", self._fixed.get((which, _TIME), b"\0" * 8))[0]
            if ticks:
                try:
                    moment = _EPOCH + timedelta(microseconds=ticks // 10)
                except OverflowError:
                    continue
                return moment.strftime("%d %B %Y %H:%M UTC")
        return ""

    def _body(self) -> str:
        """The plain body; where there is none, the words of the HTML or the RTF one."""
        if (plain := self._string(BODY)).strip():
            return plain
        html = self._stream(self._path, HTML, "0102")
        if html:
            return visible_text(decode(html, self._charset)).text
        packed = self._stream(self._path, RTF, "0102")
        return text_of(decompress(packed)) if packed else self._string(HTML)

    def _attached(self, storage: tuple[str, ...], octets: bytes) -> File:
        name = self._string(LONG_NAME, storage) or self._string(SHORT_NAME, storage) or "attachment"
        return File(
            name=" ".join(name.split()),
            media_type=self._string(MEDIA_TYPE, storage).lower(),
            octets=octets,
            depth=self._depth + 1,
        )

    def _attachments(self) -> list[tuple[str, ...]]:
        level = len(self._path)
        found = {
            tuple(entry[: level + 1])
            for entry in self._compound.listdir(streams=False, storages=True)
            if tuple(entry[:level]) == self._path
            and len(entry) > level
            and entry[level].startswith("__attach_version1.0_")
        }
        return sorted(found)[: self._bounds.files]

    def _string(self, which: int, storage: tuple[str, ...] | None = None) -> str:
        path = self._path if storage is None else storage
        wide = self._stream(path, which, "001F")
        if wide is not None:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        narrow = self._stream(path, which, "001E")
        return "" if narrow is None else decode(narrow, self._charset).rstrip("\0")

    def _stream(self, storage: tuple[str, ...], which: int, kind: str) -> bytes | None:
        path = [*storage, f"__substg1.0_{which:04X}{kind}"]
        if not self._compound.exists(path) or self._compound.get_type(path) != olefile.STGTY_STREAM:
            return None
        with self._compound.openstream(path) as stream:
            return bytes(stream.read(self._bounds.file_octets))

    def _fixed_properties(self) -> dict[tuple[int, int], bytes]:
        path = [*self._path, "__properties_version1.0"]
        if not self._compound.exists(path):
            return {}
        with self._compound.openstream(path) as stream:
            octets = stream.read()
        start = _HEADER_OCTETS[not self._path]
        whole = (len(octets) - start) // _ENTRY.size * _ENTRY.size
        entries = _ENTRY.iter_unpack(octets[start : start + max(whole, 0)])
        return {(which, kind): value for kind, which, _, value in entries}
