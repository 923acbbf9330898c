"""One page of a PDF as runs of characters in their places: printed text, form values, typed notes."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from typing import Any, Final

import pypdfium2
import pypdfium2.raw as pdfium

from inbox_router.edges.extraction.glyphs import PRIVATE_USE
from inbox_router.edges.extraction.pdf_layout import GAP, Run

_HYPHEN_MARK: Final = 0x02
_FIELD_SIZE: Final = 10.0
_UNSHOWN_FLAGS: Final = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
_TYPED: Final = frozenset(
    {pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX}
)
_TICKED: Final = frozenset({pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON})

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points from the lower left corner."""


def runs_of(page: pypdfium2.PdfPage, form: Any) -> list[Run]:
    """Everything on the page that reads as text, unordered. What a strike-out annotation covers is left out."""
    struck, placed = _annotations(page, form)
    text_page = page.get_textpage()
    try:
        return [*_printed(text_page, struck), *placed]
    finally:
        text_page.close()


def _printed(text_page: pypdfium2.PdfTextPage, struck: list[Box]) -> Iterator[Run]:
    handle = text_page.raw
    box = pdfium.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    run: Run | None = None
    pending_space = False
    for index in range(pdfium.FPDFText_CountChars(handle)):
        code = pdfium.FPDFText_GetUnicode(handle, index)
        if code in (0x20, 0xA0, 0x09):
            pending_space = True
            continue
        if code in (0x0D, 0x0A, 0):
            pending_space = True
            continue
        pdfium.FPDFText_GetLooseCharBox(handle, index, box)
        pdfium.FPDFText_GetCharOrigin(handle, index, x, y)
        place = (box.left, box.bottom, box.right, box.top)
        if struck and _is_covered(place, struck):
            continue
        if run is None or not run.goes_on(place, x.value, y.value):
            if run is not None:
                yield run
            run = Run.begin(place, x.value, y.value, turned=_quarter_turns(pdfium.FPDFText_GetCharAngle(handle, index)))
            pending_space = False
        character = "-" if code == _HYPHEN_MARK else _character(code)
        run.add(f" {character}" if pending_space else character, place)
        pending_space = False
    if run is not None:
        yield run


def _character(code: int) -> str:
    if 0xD800 <= code < 0xE000:
        return "\N{REPLACEMENT CHARACTER}"
    return PRIVATE_USE.get(code, chr(code))


def _quarter_turns(angle: float) -> int:
    """PDFium measures clockwise."""
    return -round(angle / (math.pi / 2)) % 4


def _is_covered(place: Box, struck: list[Box]) -> bool:
    x, y = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
    return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in struck)


def _annotations(page: pypdfium2.PdfPage, form: Any) -> tuple[list[Box], list[Run]]:
    """Struck-out areas, and the values of form fields and typed notes where they stand."""
    struck: list[Box] = []
    placed: list[Run] = []
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
        rectangle = pdfium.FS_RECTF()
        pdfium.FPDFAnnot_GetRect(annotation, rectangle)
        place = (rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
        if not pdfium.FPDFAnnot_GetFlags(annotation) & _UNSHOWN_FLAGS:
            if subtype == pdfium.FPDF_ANNOT_STRIKEOUT:
                struck.extend(_quadrilaterals(annotation))
            elif subtype == pdfium.FPDF_ANNOT_FREETEXT:
                placed.extend(_in_place(_string(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents"), place))
            elif subtype == pdfium.FPDF_ANNOT_WIDGET and form is not None:
                placed.extend(_in_place(_field(annotation, form), place))
        pdfium.FPDFPage_CloseAnnot(annotation)
    return struck, placed


def _field(annotation: Any, form: Any) -> str:
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in _TICKED:
        return "☒" if pdfium.FPDFAnnot_IsChecked(form, annotation) else "☐"
    return _string(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation) if kind in _TYPED else ""


def _in_place(text: str, place: Box) -> Iterator[Run]:
    left, bottom, right, top = place
    lines = [line.strip() for line in text.replace("\r", "\n").split("\n") if line.strip()]
    size = min(_FIELD_SIZE, max(top - bottom, 1.0) / max(len(lines), 1))
    # A single line stands in the middle of its box; several begin at its top.
    first = (bottom + top) / 2 - size * 0.35 if len(lines) == 1 else top - size
    for number, line in enumerate(lines):
        yield Run(
            text=line,
            left=left,
            right=min(right, left + len(line) * size * 0.5),
            base=first - number * size * 1.15,
            size=size,
            reach=max((top - bottom) / 2, size * GAP / 2) if len(lines) == 1 else size / 2,
        )


def _quadrilaterals(annotation: Any) -> Iterator[Box]:
    points = pdfium.FS_QUADPOINTSF()
    for number in range(pdfium.FPDFAnnot_CountAttachmentPoints(annotation)):
        if pdfium.FPDFAnnot_GetAttachmentPoints(annotation, number, points):
            across = (points.x1, points.x2, points.x3, points.x4)
            up = (points.y1, points.y2, points.y3, points.y4)
            yield min(across), min(up), max(across), max(up)


def _string(function: Any, *subject: Any) -> str:
    """A string that PDFium gives as UTF-16 octets with a NUL, asked for twice: its length, then itself."""
    length = function(*subject, None, 0)
    if length <= 2:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    function(*subject, buffer, length)
    return bytes(buffer)[: length - 2].decode("utf-16-le", "replace")
