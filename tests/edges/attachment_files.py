"""Small files made by hand, so that a test shows what is in them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return packed.getvalue()


def _content_types(parts: Mapping[str, str]) -> str:
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{overrides}</Types>'


def docx(body: str, *, header: str = "", prologue: str = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A document of the given paragraphs; `prologue` stands before the root element."""
    names = f'xmlns:w="{_W}" xmlns:w14="{_W14}" xmlns:mc="{_MC}" xmlns:v="urn:v"'
    kind = f"{_OFFICE}.wordprocessingml"
    return zipped(
        {
            "[Content_Types].xml": _content_types(
                {"word/document.xml": f"{kind}.document.main+xml", "word/header1.xml": f"{kind}.header+xml"}
            ),
            "word/document.xml": f"{prologue}<w:document {names}><w:body>{body}</w:body></w:document>",
            "word/header1.xml": f"<w:hdr {names}>{header}</w:hdr>",
            **(more or {}),
        }
    )


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p><w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: Sequence[str]) -> str:
    """Rows of cells; a cell is its paragraphs."""
    written = "".join("<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in row) + "</w:tr>" for row in rows)
    return f"<w:tbl>{written}</w:tbl>"


def xlsx(cells: str, *, hidden: str = "") -> bytes:
    """A workbook of one sheet with the given rows, and one hidden sheet."""
    kind = f"{_OFFICE}.spreadsheetml"
    sheets = '<sheet name="Data" sheetId="1" r:id="rId1"/><sheet name="Lists" sheetId="2" state="hidden" r:id="rId2"/>'
    return zipped(
        {
            "[Content_Types].xml": _content_types(
                {
                    "xl/workbook.xml": f"{kind}.sheet.main+xml",
                    "xl/worksheets/sheet1.xml": f"{kind}.worksheet+xml",
                    "xl/worksheets/sheet2.xml": f"{kind}.worksheet+xml",
                }
            ),
            "_rels/.rels": _relations("officeDocument", "xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{_S}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relations("worksheet", "worksheets/sheet1.xml", "worksheets/sheet2.xml"),
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_S}"><sheetData>{cells}</sheetData></worksheet>',
            "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{_S}"><sheetData>{hidden}</sheetData></worksheet>',
        }
    )


def _relations(kind: str, *targets: str) -> str:
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
        for number, target in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE_RELATIONS}">{links}</Relationships>'


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def pdf(*pages: str, form: str = "", annotations: Sequence[str] = (), trailer: str = "", rotate: int = 0) -> bytes:
    """A PDF of the given content streams; `annotations` are on the first page, `form` is the AcroForm dictionary."""
    first_annotation = 4 + 2 * len(pages)
    references = " ".join(f"{first_annotation + number} 0 R" for number in range(len(annotations)))
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    acroform = f"/AcroForm << /Fields [{references}] {form} >>" if form else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {acroform} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, content in enumerate(pages):
        annots = f"/Annots [{references}]" if number == 0 else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate {rotate} {annots} "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects.extend(annotations)
    written = "%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n{content}\nendobj\n"
    table_at = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n"
    written += "".join(f"{place:010d} 00000 n \n" for place in places)
    written += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{table_at}\n%%EOF\n"
    return written.encode("latin-1")


def words(*placed: tuple[int, int, str], size: int = 10) -> str:
    """A content stream of strings, each at its x and y."""
    return "".join(
        f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm ({text.replace('(', '[').replace(')', ']')}) Tj ET\n"
        for x, y, text in placed
    )


Storage = Mapping[str, "bytes | Storage"]


class _Entry:
    def __init__(self, name: str, kind: int, content: bytes = b"") -> None:
        self.name, self.kind, self.content = name, kind, content
        self.child = self.next = 0xFFFFFFFF
        self.start, self.size = 0xFFFFFFFE, len(content)

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le")
        fields = (self.kind, 1, 0xFFFFFFFF, self.next, self.child, b"", 0, 0, 0, self.start, self.size)
        return struct.pack("<64sH", name, len(name) + 2) + struct.pack("<BBIII16sIQQIQ", *fields)


def compound(root: Storage) -> bytes:
    """A compound file (MS-CFB version 3) of nested storages. Small streams go to the mini stream."""
    entries = [_Entry("Root Entry", 5)]
    _add(root, entries[0], entries)
    mini, mini_fat, sectors, fat = bytearray(), list[int](), list[bytes](), list[int]()
    for entry in (entry for entry in entries if entry.kind == 2 and len(entry.content) < 4096):
        entry.start = len(mini_fat) if entry.content else 0xFFFFFFFE
        _chain(mini_fat, -(-len(entry.content) // 64))
        mini += entry.content + b"\0" * (-len(entry.content) % 64)

    def stored(content: bytes) -> int:
        start = len(fat)
        _chain(fat, -(-len(content) // 512))
        padded = content + b"\0" * (-len(content) % 512)
        sectors.extend(padded[place : place + 512] for place in range(0, len(padded), 512))
        return start if content else 0xFFFFFFFE

    for entry in (entry for entry in entries if entry.kind == 2 and len(entry.content) >= 4096):
        entry.start = stored(entry.content)
    entries[0].start, entries[0].size = stored(bytes(mini)), len(mini)
    mini_fat_start = stored(struct.pack(f"<{len(mini_fat)}I", *mini_fat))
    directory_start = stored(b"".join(entry.packed() for entry in entries))
    fat_sectors = -(-(len(fat) + 1) // 127)
    fat_start = len(fat)
    fat.extend([0xFFFFFFFD] * fat_sectors)
    fat.extend([0xFFFFFFFF] * (fat_sectors * 128 - len(fat)))
    head = struct.pack("<8s16sHHHHH6x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<III", 0, fat_sectors, directory_start)
    head += struct.pack("<IIIIII", 0, 4096, mini_fat_start, -(-len(mini_fat) // 128), 0xFFFFFFFE, 0)
    difat = [*range(fat_start, fat_start + fat_sectors)]
    head += struct.pack("<109I", *difat, *([0xFFFFFFFF] * (109 - len(difat))))
    return head + b"".join(sectors) + struct.pack(f"<{len(fat)}I", *fat)


def _add(storage: Storage, parent: _Entry, entries: list[_Entry]) -> None:
    before: _Entry | None = None
    for name in sorted(storage, key=lambda name: (len(name), name.upper())):
        content = storage[name]
        entry = _Entry(name, 2, content) if isinstance(content, bytes) else _Entry(name, 1)
        if before is None:
            parent.child = len(entries)
        else:
            before.next = len(entries)
        entries.append(entry)
        if not isinstance(content, bytes):
            _add(content, entry, entries)
        before = entry


def _chain(fat: list[int], length: int) -> None:
    fat.extend(range(len(fat) + 1, len(fat) + length))
    if length:
        fat.append(0xFFFFFFFE)


def msg(texts: Mapping[int, str], *, attachments: Sequence[Storage] = (), sent: int = 0, top: bool = True) -> Storage:
    """The storage of an Outlook item: property numbers to strings, and the storages of its attachments."""
    entries = struct.pack("<HHIQ", 0x0040, 0x0039, 6, sent) if sent else b""
    streams: dict[str, bytes | Storage] = {
        f"__substg1.0_{number:04X}001F": text.encode("utf-16-le") for number, text in texts.items()
    }
    streams["__properties_version1.0"] = b"\0" * (32 if top else 24) + entries
    streams.update({f"__attach_version1.0_#{number:08X}": storage for number, storage in enumerate(attachments)})
    return streams
