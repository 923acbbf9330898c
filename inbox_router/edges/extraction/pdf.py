"""PDF: the text layer and the values of its form, set out in rows."""

from __future__ import annotations

import pypdfium2
import pypdfium2.raw as pdfium

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.extraction.bounds import Bounds
from inbox_router.edges.extraction.outcome import UnreadableError, damaged, locked
from inbox_router.edges.extraction.pdf_layout import lay_out
from inbox_router.edges.extraction.pdf_page import runs_of
from inbox_router.edges.extraction.plausible import is_language

_WHAT = "The PDF"


def read(file: File, bounds: Bounds) -> Extract:
    """The text of all pages. UnreadableError where there is none, or the file is encrypted or damaged.

    Pages that hold no text or no language are counted in the detail; a file that is cut short counts as corrupt, with
    the text that was left.
    """
    document = _open(file.octets)
    try:
        if document.get_formtype() == pdfium.FORMTYPE_XFA_FULL:
            raise UnreadableError(
                Readability.NO_TEXT,
                "A dynamic form (XFA) that only Adobe Reader shows: ask the sender for a printed copy.",
            )
        document.init_forms()
        return _extract(document, bounds, cut_short=_is_cut_short(file.octets))
    finally:
        document.close()


def _open(octets: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(octets)
    except pypdfium2.PdfiumError as refused:
        if refused.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise locked(_WHAT) from refused
        raise damaged(_WHAT) from refused
    if len(document) == 0:
        raise damaged(_WHAT)
    return document


def _extract(document: pypdfium2.PdfDocument, bounds: Bounds, *, cut_short: bool) -> Extract:
    texts: list[str] = []
    silent = garbled = broken = kept = 0
    for number in range(min(len(document), bounds.pages)):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            broken += 1
            continue
        text = lay_out(runs_of(page, document.formenv))
        silent += not text and pdfium.FPDFPage_CountObjects(page) > 0
        page.close()
        if is_language(text):
            texts.append(text)
        else:
            garbled += 1
        kept += len(text)
        if kept > bounds.characters:
            break
    text = "\n".join(filter(None, texts))
    _refuse_silence(text, garbled=garbled, broken=broken or cut_short)
    return Extract(
        readability=_readability(document, bounds, damage=bool(broken or cut_short)),
        text=text,
        detail=_detail(document, bounds, silent=silent, garbled=garbled, damage=bool(broken or cut_short)),
    )


def _refuse_silence(text: str, *, garbled: int, broken: int | bool) -> None:
    if text:
        return
    if broken:
        raise damaged(_WHAT)
    if garbled:
        raise UnreadableError(
            Readability.IMPLAUSIBLE,
            "The letters of this PDF come out as others (a font without its table): read it by hand.",
        )
    raise UnreadableError(Readability.NO_TEXT, "A scan or picture as PDF, without a text layer: read it by hand.")


def _readability(document: pypdfium2.PdfDocument, bounds: Bounds, *, damage: bool) -> Readability:
    if damage:
        return Readability.CORRUPT
    return Readability.TOO_LARGE if len(document) > bounds.pages else Readability.READ


def _detail(document: pypdfium2.PdfDocument, bounds: Bounds, *, silent: int, garbled: int, damage: bool) -> str:
    sentences = []
    if damage:
        sentences.append("The PDF is cut short or damaged, and only part of it could be read: ask for it again.")
    if len(document) > bounds.pages:
        sentences.append(f"Only the first {bounds.pages} of {len(document)} pages were read.")
    if silent:
        sentences.append(f"Pages that are pictures without text: {silent} of {len(document)}.")
    if garbled:
        sentences.append(f"Pages whose text is not language: {garbled} of {len(document)}; read them by hand.")
    return " ".join(sentences)


def _is_cut_short(octets: bytes) -> bool:
    """ISO 32000-1, 7.5.5: the last line is `%%EOF`. Octets after it are common, objects after it are not."""
    return octets.rfind(b"%%EOF") < octets.rfind(b"endobj")
