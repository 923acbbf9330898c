"""Attachments: the text that comes out of each kind of file, and what is said of those that are not opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attachment_files as made
import pytest

from inbox_router.core.message import Readability
from inbox_router.core.parse import Extract, File
from inbox_router.edges.attachments import Extractor

DATA = Path(__file__).parent.parent / "data" / "attachments"
SUBJECT, SENDER, SENDER_ADDRESS, TO, BODY = 0x0037, 0x0C1A, 0x5D01, 0x0E04, 0x1000
DATA_PROPERTY, LONG_NAME = 0x3701, 0x3707
PLAIN_PDF = made.pdf(made.words((50, 700, "The licence has been revoked and the man is to be arrested.")))


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor(workers=1) as extractor:
        yield extractor


def file(octets: bytes, name: str = "attachment.bin", media_type: str = "application/octet-stream") -> File:
    return File(name=name, media_type=media_type, octets=octets, depth=0)


def look_into(extractor: Extractor, octets: bytes, name: str = "attachment.bin", media_type: str = "") -> Extract:
    [extract] = extractor.extract([file(octets, name, media_type or "application/octet-stream")])
    return extract


def lines(extract: Extract) -> list[str]:
    assert extract.readability is Readability.READ, extract.detail
    return extract.text.split("\n")


# PDF


def test_a_pdf_form_comes_out_with_each_label_and_its_value_on_one_line(extractor: Extractor) -> None:
    read = lines(look_into(extractor, (DATA / "recall-summary.pdf").read_bytes()))
    assert "EMERGENCY RECALL\tYES [ ] NO [X]" in read
    assert "Last known address\tFlat 6, Thornton Fold, 31 Northgate Rise, Huddersfield, HD1 6PB" in read
    assert "REVOCATION OF LICENCE" in read


def test_a_postcode_wrapped_in_its_box_is_put_together_again(extractor: Extractor) -> None:
    text = look_into(extractor, (DATA / "wrapped-address.pdf").read_bytes()).text
    assert "Last known address\tThe Bungalow, 1a Cow Wood Lane, Kinsley, Hemsworth, Pontefract WF9 5EY\n" in text


def test_values_typed_into_a_pdf_form_and_its_ticked_boxes_stand_beside_their_labels(extractor: Extractor) -> None:
    widget = "/Type /Annot /Subtype /Widget /F 4"
    form = made.pdf(
        made.words((50, 700, "Name"), (50, 670, "EMERGENCY RECALL"), (250, 670, "YES"), (330, 670, "NO")),
        form="/NeedAppearances true",
        annotations=[
            f"<< {widget} /FT /Tx /T (name) /V (Jordan Sykes) /Rect [200 692 400 712] >>",
            f"<< {widget} /FT /Btn /T (yes) /V /Off /AS /Off /AP << /N << /On 3 0 R >> >> /Rect [275 668 287 680] >>",
            f"<< {widget} /FT /Btn /T (no) /V /On /AS /On /AP << /N << /On 3 0 R >> >> /Rect [350 668 362 680] >>",
        ],
    )
    read = lines(look_into(extractor, form))
    assert "Name\tJordan Sykes" in read
    assert "EMERGENCY RECALL\tYES\t☐\tNO\t☒" in read


def test_text_struck_out_in_a_pdf_is_left_out(extractor: Extractor) -> None:
    struck = made.pdf(
        made.words((50, 700, "Objection:"), (150, 700, "YES"), (250, 700, "NO")),
        annotations=[
            "<< /Subtype /StrikeOut /F 4 /Rect [148 697 175 712] /QuadPoints [148 712 175 712 148 697 175 697] >>"
        ],
    )
    assert lines(look_into(extractor, struck)) == ["Objection:\tNO"]


def test_columns_of_prose_are_read_one_after_the_other(extractor: Extractor) -> None:
    left = ["this letter is about your release on", "temporary licence and about the home"]
    right = ["cyfeiriad hysbys diwethaf y dyn", "rhyddhau dros dro ac am y cartref"]
    placed = [(50, 700 - 14 * row, left[row % 2]) for row in range(8)]
    placed += [(320, 700 - 14 * row, right[row % 2]) for row in range(8)]
    read = lines(look_into(extractor, made.pdf(made.words(*placed))))
    assert read[:2] == left
    assert read[8:10] == right


def test_a_page_scanned_sideways_is_read_along_its_lines(extractor: Extractor) -> None:
    turned = (
        "BT /F1 10 Tf 0 1 -1 0 100 100 Tm (Last known address) Tj ET BT /F1 10 Tf 0 1 -1 0 100 300 Tm (Leeds) Tj ET"
    )
    assert lines(look_into(extractor, made.pdf(turned, rotate=90))) == ["Last known address\tLeeds"]


def test_a_scan_without_a_text_layer_has_no_text(extractor: Extractor) -> None:
    extract = look_into(extractor, made.pdf("0 0 100 100 re f"))
    assert extract.readability is Readability.NO_TEXT
    assert "by hand" in extract.detail


def test_a_scanned_page_among_readable_ones_is_told(extractor: Extractor) -> None:
    extract = look_into(extractor, made.pdf(made.words((50, 700, "Recall notification")), "0 0 100 100 re f"))
    assert extract.text == "Recall notification"
    assert "1 of 2" in extract.detail


def test_shifted_letters_are_not_taken_for_language(extractor: Extractor) -> None:
    plain = "Urgent licence recall notification. The person below is to be arrested and returned to prison."
    shifted = "".join(chr(ord(letter) + 3) if letter.isalpha() else letter for letter in plain)
    extract = look_into(extractor, made.pdf(made.words((20, 700, shifted))))
    assert extract.readability is Readability.IMPLAUSIBLE
    assert extract.text == ""


def test_a_truncated_pdf_is_corrupt(extractor: Extractor) -> None:
    assert look_into(extractor, (DATA / "damaged.pdf").read_bytes()).readability is Readability.CORRUPT
    whole = (DATA / "recall-summary.pdf").read_bytes()
    assert look_into(extractor, whole[: len(whole) // 2]).readability is Readability.CORRUPT
    assert look_into(extractor, whole[:-200]).readability is Readability.CORRUPT


def test_a_pdf_with_a_password_is_encrypted(extractor: Extractor) -> None:
    key = "ab" * 32
    locked = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >> /ID [<00> <00>]"
    extract = look_into(extractor, made.pdf(made.words((50, 700, "secret")), trailer=locked))
    assert extract.readability is Readability.ENCRYPTED
    assert "ask the sender" in extract.detail


# Word


def test_a_word_table_comes_out_with_one_row_a_line(extractor: Extractor) -> None:
    read = lines(look_into(extractor, (DATA / "recall-form.docx").read_bytes()))
    assert read[0] == "OFFICIAL-SENSITIVE"
    assert "EMERGENCY RECALL YES/NO\tNO" in read
    assert "Last known address\tFlat 3, 48 Station Road, Crossgates, Leeds LS15 8ZB" in read


def test_the_paragraphs_of_a_word_cell_are_joined_by_commas(extractor: Extractor) -> None:
    address = made.paragraph("12 High Street") + made.paragraph("Halifax,") + made.paragraph("HX1 1AA")
    document = made.docx(made.table([made.paragraph("Address"), address], [made.paragraph("Next")]))
    assert lines(look_into(extractor, document)) == ["Address\t12 High Street, Halifax, HX1 1AA", "Next"]


def test_boxes_ticked_in_word_are_told_from_those_that_are_not(extractor: Extractor) -> None:
    def control(checked: int) -> str:
        box = f'<w14:checkbox><w14:checked w14:val="{checked}"/></w14:checkbox>'
        return f"<w:sdt><w:sdtPr>{box}</w:sdtPr><w:sdtContent><w:r><w:t>?</w:t></w:r></w:sdtContent></w:sdt>"

    def legacy(state: str) -> str:
        box = f'<w:checkBox><w:default w:val="0"/>{state}</w:checkBox>'
        return f"<w:r><w:fldChar><w:ffData>{box}</w:ffData></w:fldChar></w:r>"

    yes, no = "<w:r><w:t>YES </w:t></w:r>", "<w:r><w:t> NO </w:t></w:r>"
    modern = f"<w:p>{yes}{control(0)}{no}{control(1)}</w:p>"
    older = f"<w:p>{yes}{legacy('<w:checked/>')}{no}{legacy('')}</w:p>"
    symbols = '<w:p><w:r><w:sym w:char="F0FE"/><w:t> P </w:t><w:sym w:char="F0A8"/><w:t> C</w:t></w:r></w:p>'
    assert lines(look_into(extractor, made.docx(modern + older + symbols))) == [
        "YES ☐ NO ☒",
        "YES ☒ NO ☐",
        "☑ P ☐ C",
    ]


def test_what_was_deleted_struck_out_hidden_or_never_filled_in_is_not_read(extractor: Extractor) -> None:
    prompt = (
        "<w:p><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
        "<w:r><w:t>Click here to enter text.</w:t></w:r></w:sdtContent></w:sdt></w:p>"
    )
    document = made.docx(
        "<w:p><w:r><w:t>The recall is </w:t></w:r><w:del><w:r><w:t>live</w:t></w:r></w:del>"
        "<w:ins><w:r><w:t>rescinded</w:t></w:r></w:ins></w:p>"
        + made.paragraph("struck", "<w:strike/>")
        + made.paragraph("not struck", '<w:strike w:val="0"/>')
        + made.paragraph("hidden", "<w:vanish/>")
        + prompt
    )
    assert lines(look_into(extractor, document)) == ["The recall is rescinded", "not struck"]


def test_text_boxes_and_headers_are_read_once(extractor: Extractor) -> None:
    box = f"<w:txbxContent>{made.paragraph('In the box')}</w:txbxContent>"
    both = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    document = made.docx(
        f"<w:p><w:r>{both}<w:t>Around it</w:t></w:r></w:p>", header=made.paragraph("OFFICIAL-SENSITIVE")
    )
    assert lines(look_into(extractor, document)) == ["OFFICIAL-SENSITIVE", "In the box", "Around it"]


def test_files_embedded_in_a_word_document_are_told(extractor: Extractor) -> None:
    document = made.docx(made.paragraph("See the file below"), more={"word/embeddings/oleObject1.bin": b"x"})
    assert "embedded files (1)" in look_into(extractor, document).detail


# Spreadsheets and tables


def test_a_spreadsheet_comes_out_with_one_row_a_line(extractor: Extractor) -> None:
    read = lines(look_into(extractor, (DATA / "weekly-list.xlsx").read_bytes()))
    assert read[1].startswith("NOMS\tSurname\tForename\tDOB")
    assert len(read) == 6
    assert read[2].endswith("11 Milner Gate\tTodmorden\tOL14 7BA")


def test_the_choices_on_a_hidden_sheet_are_not_what_the_sender_said(extractor: Extractor) -> None:
    rows = f'<row r="1">{made.cell("A1", "Type")}{made.cell("B1", "standard recall")}<c r="C1"><v>48</v></c></row>'
    hidden = f'<row r="1">{made.cell("A1", "emergency recall")}</row>'
    extract = look_into(extractor, made.xlsx(rows, hidden=hidden))
    assert extract.text == "Data\nType\tstandard recall\t48"
    assert "Hidden sheets (1)" in extract.detail


def test_csv_under_the_name_of_a_spreadsheet_is_read_as_rows(extractor: Extractor) -> None:
    extract = look_into(extractor, b'Name;Address\r\nSykes;"12 High Street\r\nHalifax"\r\n', "list.xls")
    assert lines(extract) == ["Name\tAddress", "Sykes\t12 High Street, Halifax"]


# Text, RTF, HTML


def test_text_is_decoded_whatever_its_charset(extractor: Extractor) -> None:
    sentence = "Mae'r carcharor yn ôl yn y carchar \N{EN DASH} £20"
    for charset in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert look_into(extractor, sentence.encode(charset), "note.txt", "text/plain").text == sentence


def test_rtf_is_read_without_what_was_struck_out(extractor: Extractor) -> None:
    rtf = (
        rb"{\rtf1\ansi{\header OFFICIAL\par}The recall is {\strike live} rescinded.\par "
        rb"\trowd\cellx1\cellx2 Address\cell 12 High Street\par Halifax\cell\row after\par}"
    )
    read = lines(look_into(extractor, rtf, "letter.doc", "application/msword"))
    assert "OFFICIAL" in read
    assert "The recall is  rescinded." in read
    assert "Address\t12 High Street, Halifax" in read
    assert read[-1].strip() == "after"


def test_an_html_file_gives_its_visible_text(extractor: Extractor) -> None:
    page = b"<html><head><style>p {recall: 1}</style></head><body><p>Licence&nbsp;revoked</p></body></html>"
    text = look_into(extractor, page, "letter.dat").text
    assert " ".join(text.split()) == "Licence revoked"


# Messages as files


def test_an_outlook_item_is_written_out_with_its_attachments(extractor: Extractor) -> None:
    attached = {
        **made.msg({LONG_NAME: "notice.pdf"}, top=False),
        f"__substg1.0_{DATA_PROPERTY:04X}0102": PLAIN_PDF,
    }
    inner = made.msg({SUBJECT: "The older one", BODY: "Older words"}, top=False)
    item = made.msg(
        {
            SUBJECT: "Recall",
            SENDER: "Duty Officer",
            SENDER_ADDRESS: "duty@justice.example",
            TO: "Force",
            BODY: "See below",
        },
        attachments=[attached, {f"__substg1.0_{DATA_PROPERTY:04X}000D": inner}],
        sent=134_381_736_000_000_000,
    )
    extract = look_into(extractor, made.compound(item), "recall.msg")
    assert extract.is_message
    assert lines(extract)[:5] == [
        "From: Duty Officer <duty@justice.example>",
        "Sent: 03 November 2026 10:00 UTC",
        "To: Force",
        "Subject: Recall",
        "",
    ]
    assert "-----Original Message-----\nSubject: The older one\n\nOlder words" in extract.text
    assert extract.text.endswith("[notice.pdf]\nThe licence has been revoked and the man is to be arrested.")


def test_a_message_saved_as_a_file_is_known_by_its_fields(extractor: Extractor) -> None:
    letter = (
        b"Received: from a by b\r\nMIME-Version: 1.0\r\nFrom: Duty <duty@justice.example>\r\n"
        b"Subject: =?utf-8?q?Recall_=C2=A320?=\r\nContent-Type: text/html; charset=nonsense\r\n\r\n"
        b"<p>Licence revoked</p>"
    )
    extract = look_into(extractor, letter, "forwarded")
    assert extract.is_message
    assert lines(extract) == ["From: Duty <duty@justice.example>", "Subject: Recall £20", "", "Licence revoked"]


def test_an_attachment_that_cannot_be_read_within_a_message_is_told(extractor: Extractor) -> None:
    letter = (
        b"MIME-Version: 1.0\r\nReceived: x\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"UEsDBAAA\r\n--b--\r\n"
    )
    extract = look_into(extractor, letter, "x.eml")
    assert extract.readability is Readability.CORRUPT
    assert "Of 1 attachments within this message, 1 could not be read" in extract.detail


def test_messages_nested_beyond_the_bound_are_not_followed(extractor: Extractor) -> None:
    letter = b"Subject: innermost\r\n\r\nwords"
    for level in range(8):
        letter = b"MIME-Version: 1.0\r\nSubject: level %d\r\nContent-Type: message/rfc822\r\n\r\n" % level + letter
    extract = look_into(extractor, letter, "x.eml")
    assert "level 7" in extract.text
    assert "innermost" not in extract.text
    assert "could not be read" in extract.detail


# What is never opened


@pytest.mark.parametrize(
    ("octets", "name", "readability", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "notice.pdf", Readability.NO_TEXT, "picture"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "image001.jpg", Readability.NO_TEXT, "picture"),
        (b"x\x9f\x3e\x22" + bytes(20), "winmail.dat", Readability.NOT_OPENED, "Outlook"),
        (made.zipped({"a.txt": "x"}), "papers.zip", Readability.NOT_OPENED, "archive"),
        (b"MZ" + bytes(100), "notice.pdf", Readability.NOT_OPENED, "program"),
        (b"WScript.Echo 1", "notice.vbs", Readability.NOT_OPENED, "program"),
        (bytes(range(256)) * 10, "unknown", Readability.NOT_OPENED, "not known"),
        (bytes(range(256)) * 10, "notice.pdf", Readability.CORRUPT, "damaged"),
        (b"", "notice.pdf", Readability.NO_TEXT, "empty"),
        (b"-----BEGIN PGP MESSAGE-----\n", "a.asc", Readability.ENCRYPTED, "key"),
        (made.compound({"EncryptedPackage": b"x"}), "form.docx", Readability.ENCRYPTED, "password"),
        (made.compound({"WordDocument": b"x"}), "form.doc", Readability.NOT_OPENED, "old Word"),
    ],
)
def test_what_is_not_opened_is_told_with_what_a_person_can_do(
    extractor: Extractor, octets: bytes, name: str, readability: Readability, said: str
) -> None:
    extract = look_into(extractor, octets, name)
    assert extract.readability is readability
    assert said in extract.detail
    assert extract.text == ""


def test_the_first_octets_decide_and_not_the_name(extractor: Extractor) -> None:
    for name, media_type in (("x.docx", "application/msword"), ("x.png", "image/png"), ("x.txt", "text/plain")):
        assert look_into(extractor, PLAIN_PDF, name, media_type).readability is Readability.READ
