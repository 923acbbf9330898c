"""Mail that broke other programs, or was made to: each by name, with the ending that it must come to."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.edges import attachment_files as made
from tests.hostile.mail import (
    BASE64,
    HTML,
    SENDER,
    TEXT,
    WORDS,
    archives_within,
    bomb,
    enveloped,
    file,
    html,
    joined,
    locked_docx,
    locked_pdf,
    locked_zip,
    mail,
    mixed,
    part,
    quoted_printable,
    sealed,
    signed,
    text,
    vouched,
    with_file,
)

ROUTED = "c-division fugitives offender-management"
"""Where the recall in these messages goes when its words were read as they stand."""
UNREADABLE = "unreadable"
UNTRUSTED = "untrusted_sender"
NO_CATEGORY = "no_category"
ANY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    name: str
    build: Callable[[], bytes]
    ends: frozenset[str]
    """Reasons to hold, or the mailboxes; empty where any ending will do."""
    seen: str = ""
    """Words that the rules must have been able to see."""
    unseen: str = ""
    """Words that they must not."""
    sent: str = ""
    """What must not stand in the header of what we send."""


def case(
    name: str,
    octets: bytes | Callable[[], bytes],
    *ends: str,
    seen: str = "",
    unseen: str = "",
    sent: str = "Evil",
) -> Case:
    build = (lambda: octets) if isinstance(octets, bytes) else octets
    return Case(name=name, build=build, ends=frozenset(filter(None, ends)), seen=seen, unseen=unseen, sent=sent)


def _signed_over_and_over() -> bytes:
    inner = text()
    for _ in range(100):
        inner = part(b"Content-Type: application/pkcs7-mime", body=signed(inner))
    return sealed(signed(inner), b"signed-data")


def _parts_within(depth: int) -> bytes:
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=e%d\r\n\r\n--e%d\r\n" % (n, n) for n in range(depth))
    return mail(opened.partition(b"\r\n")[0], body=opened.partition(b"\r\n\r\n")[2] + text())


def _messages_within(depth: int) -> bytes:
    nested = (SENDER + b"\r\nContent-Type: message/rfc822\r\n\r\n") * depth
    return mail(b"Content-Type: message/rfc822", body=nested + mail())


def _again(line: bytes) -> Callable[[], bytes]:
    """The recall, and then one line until the limit of readable text is reached."""

    def build() -> bytes:
        times = 1_900_000 // len(line)
        body = b"".join(line % (n % 10_000) for n in range(times)) if b"%" in line else line * times
        return mail(body=WORDS + body)

    return build


def _stretched(word: bytes, octet: bytes) -> Callable[[], bytes]:
    """The recall, and a word that is parted from the next by very much of nothing."""
    return lambda: mail(TEXT, body=WORDS + b"\r\n" + word + octet * 280_000 + b"x\r\n")


FIELDS = [
    *(
        case(f"message-id {value.decode('latin-1')}", mail(b"Message-ID: " + value), ROUTED)
        for value in (b"<[abc]@x>", b"<", b"<[]@x>", b"", b"<a@b", b"\xff\xfe", b"=?utf-8?q?=3Ca=40b=3E?=")
    ),
    case("no message-id", mail(without=[b"Message-ID"]), ROUTED),
    case("message-id of a hundred", mail(b"Message-ID: " + b"<a@b> " * 100), ROUTED),
    case("parameter name*", mail(b"Content-Type: text/plain; name*"), ROUTED),
    case("parameter charset*", mail(b"Content-Type: text/plain; charset*0*="), ROUTED),
    case("recipient in brackets", mail(b"To: (c):"), ROUTED),
    case("lone quotation mark", mail(b'To: "'), ROUTED),
    case("lone backslash", mail(b'Cc: "\\'), ROUTED),
    case("no recipient", mail(without=[b"To"]), ROUTED),
    case("900 recipients", mail(b"To: " + b",\r\n ".join(b"officer%d@x.example" % n for n in range(900))), ROUTED),
    case("no sender", mail(without=[b"From"]), UNTRUSTED),
    *(
        case(f"sender {value.decode('latin-1')!a}", mail(b"From: " + value), UNTRUSTED)
        for value in (
            b"",
            b"@",
            b"foo <",
            b"\x80<",
            b"<>",
            b"Duty Desk",
            b"duty desk at justice.gov.uk",
            b'"duty.desk@justice.gov.uk" <duty@elsewhere.example>',
            b"duty.desk@justice.gov.uk, other@elsewhere.example",
            b"duty.desk@justice.gov.uk@elsewhere.example",
            b"<duty.desk@elsewhere.example> <duty.desk@justice.gov.uk>",
            b"=?utf-8?q?duty=2Edesk=40justice=2Egov=2Euk?=",
        )
    ),
    case("sender twice", mail(SENDER, b"From: other@elsewhere.example"), UNTRUSTED),
    *(
        case(f"date {value.decode('latin-1')!a}", mail(b"Date: " + value), ROUTED)
        for value in (b"", b"yesterday", b"Mon, 99 Foo 9999999999 25:61:61 +9999", b"Mon, 30 Nov 0000 00:00:00 -2400")
    ),
    case("8-bit subject", mail(b"Subject: \xc9MERGENCY \xff\xfe RECALL"), ROUTED),
    case("lone surrogate in a subject", mail(b"Subject: =?utf-8?q?=ED=A0=80?= recall \xed\xb0\x80"), ROUTED),
    case(
        "line end in a subject",
        mail(b"Subject: =?utf-8?q?recall=0D=0ABcc:_all=40evil.example=0D=0A=0D=0AEvil?="),
        ROUTED,
        sent="evil",
    ),
    case(
        "line end in a display name",
        mail(b"From: =?utf-8?b?" + base64.b64encode(b"Desk\r\nEvil: yes") + b"?= <duty.desk@justice.gov.uk>"),
        ROUTED,
    ),
    case("line end in a reply-to", mail(b"Reply-To: =?utf-8?q?a=0D=0AEvil:_b?= <x@evil.example>"), sent="evil"),
    case("line end in a message-id", mail(b"Message-ID: <a\r\n Evil: yes@b>"), ROUTED),
    case("bare CR in a subject", mail(b"Subject: recall\rEvil: yes"), ROUTED, sent="Evil"),
    case("NUL in a field", mail(b"Subject: EMERGENCY\x00 RECALL\x00", b"X-A: \x00"), ROUTED, sent="\x00"),
    case("encoded words by the thousand", mail(b"Subject: " + b"=?utf-8?q?a?= \r\n " * 3_000), ROUTED),
    case("encoded word that never ends", mail(b"Subject: =?utf-8?b?" + b"A" * 60_000), ROUTED),
    case("encoded word in a charset that is none", mail(b"Subject: =?x-none?q?=FFrecall?="), ROUTED),
    case("empty field name", mail(b": nothing"), ROUTED),
    case("brackets without end", mail(b"Cc: " + b"(" * 20_000), ROUTED),
    case("references without end", mail(b"References: " + b"<a" * 20_000), ANY),
    case("content type that makes no sense", mail(b"Content-Type: ;;;=?"), ROUTED),
    case("not one field", WORDS, UNTRUSTED, UNREADABLE),
    case("nothing at all", b"", UNREADABLE, NO_CATEGORY),
    case("nothing but line ends", b"\r\n" * 50_000, UNREADABLE, NO_CATEGORY),
    case("nothing but NUL", b"\x00" * 5_000_000, ANY),
    case("lines that end in CR alone", mail().replace(b"\r\n", b"\r"), ROUTED),
    case("lines that end in LF alone", mail().replace(b"\r\n", b"\n"), ROUTED),
    case("no empty line before the body", vouched() + SENDER + b"\r\nSubject: x\r\n" + WORDS, ROUTED),
    case("mailbox separator first", b"From duty Mon Nov 30 09:28:38 2026\r\n" + mail(), ROUTED),
]

CHARSETS = [
    *(
        case(f"charset {name!r}", mail(b'Content-Type: text/plain; charset="' + name.encode("latin-1") + b'"'), ROUTED)
        for name in ("x-unknown", "", "utf\x008", "zlib", "idna", "unicode_escape", "undefined", "hex", "\xff")
    ),
    case("UTF-16 that says it is UTF-8", mail(TEXT, body=WORDS.decode().encode("utf-16")), ANY),
    case("UTF-8 that says it is ASCII", mail(b"Content-Type: text/plain; charset=us-ascii", body=WORDS + b"\xc3\xa9")),
    case("NUL before every word that matters", mail(body=b"Hello.\x00\r\n" + WORDS), ROUTED, seen="A1234BC"),
    case("NUL within the words", mail(body=WORDS.replace(b"e", b"\x00e")), ROUTED, seen="A1234BC"),
    case("a thousand NULs before the words", mail(body=b"\x00" * 1_000 + WORDS), ROUTED, seen="A1234BC"),
    case("zero-width characters in the words", mail(TEXT, body=WORDS.replace(b"o", "o\u200b".encode())), ROUTED),
    case("text that reads right to left", mail(TEXT, body="\u202e".encode() + WORDS + "\u202c".encode()), ROUTED),
    case("surrogates in the body", mail(TEXT, body=b"\xed\xa0\x80 " + WORDS + b"\xed\xb0\x80"), ROUTED),
    case("terminal commands in the body", mail(body=b"\x1b]0;Evil\x07\x1b[2J" + WORDS), ROUTED),
    case("a word in a thousand accents", mail(TEXT, body="a\u0301".encode() + "\u0301".encode() * 9_999 + WORDS)),
]

ENCODINGS = [
    case("base64 that is none", mail(BASE64, body=b"\xff\xfe\x00!!" * 400, without=[b"Subject"]), UNREADABLE),
    case("base64 cut off", mail(TEXT, BASE64, body=base64.encodebytes(WORDS * 2)[:-7]), ROUTED),
    case("base64 with words behind it", mail(BASE64, body=base64.encodebytes(WORDS) + b"\r\n-- \r\nlist footer"), ANY),
    case("base64 of nothing", mail(b"Subject: notice", BASE64, body=b""), UNREADABLE, NO_CATEGORY),
    case("encoding that nobody knows", mail(b"Content-Transfer-Encoding: x-own"), ROUTED),
    case("encoding twice", mail(BASE64, b"Content-Transfer-Encoding: 7bit"), ANY),
    case(
        "quoted-printable cut off",
        mail(b"Content-Transfer-Encoding: quoted-printable", body=quoted_printable(WORDS) + b"=\r\n=F"),
        ROUTED,
    ),
    case("quoted-printable that is none", mail(b"Content-Transfer-Encoding: quoted-printable", body=b"=ZZ" + WORDS)),
    case("no boundary", mail(b"Content-Type: multipart/mixed", body=joined([text()])), ROUTED),
    case("empty boundary", mail(b'Content-Type: multipart/mixed; boundary=""', body=joined([text()])), ROUTED),
    case("boundary that never comes", mail(b"Content-Type: multipart/mixed; boundary=other", body=WORDS), ROUTED),
    case("last boundary missing", mixed(text())[: -len("--edge--\r\n")], ROUTED),
    case(
        "boundary of 30,000 characters",
        mail(b"Content-Type: multipart/mixed; boundary=" + b"e" * 30_000, body=joined([text()], b"e" * 30_000)),
        ROUTED,
    ),
    case("words before the first boundary only", mail(b"Content-Type: multipart/mixed; boundary=edge", body=WORDS)),
    case("pieces of a message", mail(b"Content-Type: message/partial; id=a; number=1; total=2"), UNREADABLE),
    case("content that is elsewhere", mail(b"Content-Type: message/external-body; access-type=url"), UNREADABLE),
    case("winmail.dat", with_file(b"\x78\x9f\x3e\x22" + b"\0" * 500, "winmail.dat", "application/ms-tnef"), UNREADABLE),
    case("S/MIME, enveloped", sealed(enveloped(WORDS), b"enveloped-data"), UNREADABLE),
    case("S/MIME, enveloped, said to be signed", sealed(enveloped(WORDS), b"signed-data"), UNREADABLE),
    case("S/MIME, opaque-signed", sealed(signed(text()), b"signed-data"), ROUTED, seen="A1234BC"),
    case("S/MIME, signed a hundred times over", _signed_over_and_over, UNREADABLE),
    case("S/MIME that is cut off", sealed(signed(text())[:60], b"signed-data"), UNREADABLE),
    case(
        "PGP, encrypted",
        mixed(
            part(b"Content-Type: application/pgp-encrypted", body=b"Version: 1\r\n"),
            file(b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n", "encrypted.asc"),
            kind=b"encrypted",
            fields=[b"Subject: notice"],
        ),
        UNREADABLE,
    ),
]

AS_HTML = b"<p>" + WORDS.replace(b"\r\n", b"<br>\r\n") + b"</p>"
MENU = b"<style>.licence-revoked { content: 'emergency recall' }</style><p>The canteen serves soup.</p>"
NOTICE = b"Subject: notice"
BANNER = (
    b"CAUTION: This email originated from outside of the organisation. Do not click links or open attachments unless "
    b"you recognise the sender and know the content is safe.\r\n\r\n"
)
FORWARDED = (
    b"From: Somebody <somebody@x.example>\r\nSent: 30 November 2026 08:00\r\nTo: Somebody Else <other@x.example>\r\n"
    b"Subject: RE: notice\r\n\r\nThank you.\r\n\r\n"
)

BODIES = [
    case("HTML that is empty beside text that is not", mixed(text(), html(b"<p></p>"), kind=b"alternative"), ROUTED),
    case("text that is empty beside HTML that is not", mixed(text(b""), html(AS_HTML), kind=b"alternative"), ROUTED),
    case("nothing but HTML", mail(HTML, body=AS_HTML), ROUTED),
    case("nothing but an empty HTML body", mail(NOTICE, HTML, body=b"<html></html>"), UNREADABLE, NO_CATEGORY),
    case("rule words in a style sheet", mail(NOTICE, HTML, body=MENU), NO_CATEGORY, seen="soup", unseen="revoked"),
    case(
        "rule words that HTML hides",
        mail(NOTICE, HTML, body=b"<p>Soup.</p><p style='display:none'>Licence revoked</p>"),
        NO_CATEGORY,
        unseen="revoked",
    ),
    case("words cut up by HTML", mail(HTML, body=AS_HTML.replace(b"o", b"<b>o</b>&shy;")), ROUTED),
    case(
        "text and HTML that name different places",
        mixed(text(), html(AS_HTML.replace(b"HX1 1AA", b"BD1 4AA")), kind=b"alternative"),
        "ambiguous_place",
    ),
    case("EXTERNAL before the subject", mail(b"Subject: [EXTERNAL] ***SPAM*** EMERGENCY RECALL"), ROUTED),
    case("a banner before the words", mail(body=BANNER + WORDS), ROUTED, unseen="own words: CAUTION"),
    case(
        "a calendar entry and nothing else",
        mail(
            b"Content-Type: text/calendar; method=REQUEST",
            body=b"BEGIN:VEVENT\r\nSUMMARY:Recall\r\nDESCRIPTION:" + WORDS.replace(b"\r\n", b"\\n") + b"\r\nEND:VEVENT",
        ),
        ROUTED,
    ),
    case("5,000 lines of forwarded mail below the words", lambda: mail(body=WORDS + FORWARDED * 800), ROUTED),
    case(
        "5,000 lines of forwarded mail above the words", lambda: mail(NOTICE, body=b"FYI\r\n" + FORWARDED * 800 + WORDS)
    ),
    case("5,000 lines quoted one deeper each", lambda: mail(body=b"".join(b">" * n + b" x\r\n" for n in range(5_000)))),
    case("5,000 signatures", lambda: mail(body=WORDS + b"Regards\r\nJo\r\n\r\n" * 5_000)),
]

FILES = [
    case("archive with a password", with_file(locked_zip(), "notice.zip", "application/zip"), UNREADABLE),
    case("PDF with a password", with_file(locked_pdf(), "notice.pdf", "application/pdf"), UNREADABLE),
    case("DOCX with a password", with_file(locked_docx(), "notice.docx"), UNREADABLE),
    case("archives within archives", with_file(archives_within(30), "notice.zip"), UNREADABLE),
    case("zip bomb", lambda: with_file(bomb(), "notice.docx"), UNREADABLE),
    case("zip bomb beside the words", lambda: with_file(bomb(), "notice.docx", cover=WORDS), ROUTED),
    case("gzip bomb", lambda: with_file(gzip.compress(bytes(100_000_000)), "notice.gz"), UNREADABLE),
    case(
        "entities that multiply",
        with_file(
            made.docx(made.paragraph("&c;"), prologue=f'<!DOCTYPE d [<!ENTITY a "{"a" * 999}"><!ENTITY c "&a;&a;">]>'),
            "notice.docx",
        ),
        UNREADABLE,
    ),
    case("a PDF that is cut off", with_file(made.pdf(made.words((50, 700, "x")))[:200], "notice.pdf"), UNREADABLE),
    case("a program", with_file(b"MZ" + bytes(2_000), "notice.pdf.exe"), UNREADABLE),
    case("a file without a name or a type", mixed(text(), part(BASE64, body=b"AAECAwQ=")), ANY),
    case(
        "a name over two lines, with folders in it",
        mixed(
            text(),
            part(
                b"Content-Type: application/octet-stream",
                b'Content-Disposition: attachment; filename="..\\..\\a\r\n\tEvil: yes\x00.pdf"',
                body=b"x",
            ),
        ),
        ROUTED,
        seen="a Evil: yes.pdf",
    ),
    case(
        "a name in pieces, each encoded",
        mixed(
            text(),
            part(
                b"Content-Type: application/pdf",
                b"Content-Disposition: attachment; filename*0*=utf-8''r%C3%A9",
                b" ; filename*1*=%0D%0AEvil%3A",
                b" ; filename*2=call.pdf",
                body=b"x",
            ),
        ),
        ROUTED,
    ),
    case("a name of 60,000 characters", mixed(text(), file(b"x", "n" * 60_000)), ANY),
    case(
        "a message within messages that are files",
        mixed(text(b"FYI\r\n"), file(mail(), "notice.eml", "message/rfc822"), fields=[NOTICE]),
        ROUTED,
    ),
    case("500 files", lambda: mixed(text(), *[file(b"\x89PNG", f"{n}.png", "image/png") for n in range(498)]), ANY),
]

SIZES = [
    case("30 MB, of them a file of 22", lambda: with_file(bytes(22_000_000), "scan.bin", cover=WORDS), ROUTED),
    case("30 MB of text", lambda: mail(body=WORDS + b"Nothing of interest here.\r\n" * 1_150_000), UNREADABLE),
    case("30 MB in one line", lambda: mail(body=WORDS + b"x" * 30_000_000), UNREADABLE),
    case("30 MB of HTML", lambda: mail(HTML, body=AS_HTML + b"<p>Nothing.</p>\r\n" * 1_750_000), UNREADABLE),
    case("41 MB", lambda: mail(body=WORDS + b"x" * 41_000_000), UNREADABLE),
    case("2,000 parts within parts", lambda: _parts_within(2_000), UNREADABLE),
    case("2,000 messages within messages", lambda: _messages_within(2_000), UNREADABLE),
    case("20,000 parts", lambda: mixed(text(), *[text(b"x")] * 20_000), UNREADABLE),
    case("header line of 18 MB", lambda: mail(b"X-A: " + b"a" * 18_000_000), UNREADABLE),
    case("subject of 18 MB", lambda: mail(b"Subject: " + b"recall " * 2_600_000), UNREADABLE),
    case("a million fields", lambda: mail(*[b"X: y"] * 1_000_000), UNREADABLE),
    case("HTML nested 100,000 deep", lambda: mail(HTML, body=b"<div>" * 100_000 + AS_HTML), ANY),
    case(
        "a table of 50,000 cells", lambda: mail(HTML, body=b"<table><tr>" + b"<td>x" * 50_000 + b"</table>" + AS_HTML)
    ),
]

REPEATED = [
    case(f"{name}, again and again", _again(line))
    for name, line in {
        "a phrase": b"Licence revoked, emergency recall. ",
        "a phrase that is misspelt": b"Lisence rev0ked, emergancy recaIl.\r\n",
        "a phrase with a gap": b"licence and so on and on and on revoked ",
        "words that begin a phrase": b"licence ",
        "words to be ignored": b"has not been recalled, decision not to recall\r\n",
        "a question answered with no": b"Emergency recall: NO\r\n",
        "a box that is not ticked": b"Emergency recall [ ] Standard recall [X]\r\n",
        "a postcode": b"HX1 1AA\r\n",
        "postcodes in one line": b"HX1 1AA, BD1 4AA, ",
        "a cell with a postcode": b"HX1 1AA\t",
        "a row of cells with postcodes": b"HX1 1AA\t" * 29 + b"\r\n",
        "a row of cells with labels": b"Address\t" * 29 + b"\r\n",
        "half a postcode": b"Leeds LS6, ",
        "what looks like a postcode": b"A1 1A 1AA ",
        "a town": b"Halifax\r\n",
        "a label": b"Last known address: ",
        "somebody else's label": b"Victim lives at ",
        "a labelled address": b"Last known address: 4 Mill Lane, Halifax HX1 1AA\r\n",
        "an address told in words": b"The victim, who is living at Halifax HX1 1AA, ",
        "a remark behind a postcode": b"HX1 1AA (victim) ",
        "a prison number": b"A1234BC ",
        "different prison numbers": b"A%04dBC ",
        "a number with a check letter": b"12/123456B ",
        "an operation": b"Operation Larchwood and Op Tansy ",
        "a marking": b"SECRET\r\n",
        "a marking in a sentence": b"Secretary of State - ",
        "an abbreviation": b"St. Rd. A. B. C. ",
        "a full stop": b". ",
        "a question mark": b"? No ",
        "a tab": b"\t",
        "a bracket": b"(",
        "a colon": b"a: ",
        "one letter": b"a ",
        "digits": b"1",
        "a date": b"01/02/2026 ",
    }.items()
]

STRETCHED = [
    case(f"280,000 {blank} behind {word.decode()}", _stretched(word, octet))
    for word in (
        b"x",
        b"OFFICIAL",
        b"Marking",
        b"Last known address:",
        b"Firearms?",
        b"HX1",
    )
    for blank, octet in (("spaces", b" "), ("tabs", b"\t"), ("hard spaces", b"\xc2\xa0"), ("line ends", b"\r\n"))
]

CASES: Sequence[Case] = (*FIELDS, *CHARSETS, *ENCODINGS, *BODIES, *FILES, *SIZES, *REPEATED, *STRETCHED)
