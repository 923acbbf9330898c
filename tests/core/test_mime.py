"""Octets -> parts, names and text, whatever the sender's program got wrong."""

from __future__ import annotations

import base64

import pytest

from inbox_router.core.fields import Fields, addresses, date, decode, decode_words, parameters, safe_name
from inbox_router.core.mime import Limits, Part, Reader


def read(octets: bytes, limits: Limits | None = None) -> tuple[Part, Reader]:
    reader = Reader(limits or Limits())
    return reader.read(octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")), reader


def leaves(part: Part) -> list[Part]:
    return [part] if not part.parts else [leaf for child in part.parts for leaf in leaves(child)]


def multipart(*parts: bytes, end: bytes = b"--b--\n") -> bytes:
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + b"".join(b"--b\n" + part + b"\n" for part in parts) + end


def test_parts_are_what_stands_between_the_boundaries() -> None:
    part, reader = read(multipart(b"\none", b"Content-Type: text/html\n\n<p>two"))
    assert [(each.media_type, each.content) for each in part.parts] == [
        ("text/plain", b"one"),
        ("text/html", b"<p>two"),
    ]
    assert reader.defects == []


def test_a_line_that_only_begins_like_a_boundary_is_text() -> None:
    part, _ = read(multipart(b"\none\n--bc\n--b x\ntwo"))
    assert part.parts[0].content == b"one\r\n--bc\r\n--b x\r\ntwo"


def test_a_message_cut_off_in_the_middle_keeps_what_came() -> None:
    part, reader = read(multipart(b"\none", b"\ntw", end=b""))
    assert [each.content.strip() for each in part.parts] == [b"one", b"tw"]
    assert "not closed" in reader.defects[0]


def test_a_boundary_that_nobody_named_is_guessed() -> None:
    part, reader = read(b"Content-Type: multipart/mixed\n\n--x\nContent-Type: text/html\n\n<p>a\n--x--\n")
    assert [each.media_type for each in part.parts] == ["text/html"]
    assert reader.defects


def test_a_multipart_without_any_part_is_read_as_text() -> None:
    part, _ = read(b"Content-Type: multipart/mixed; boundary=b\n\nonly words\n")
    assert (part.media_type, part.content) == ("text/plain", b"only words\r\n")


def test_text_that_does_not_wait_for_the_empty_line_is_text() -> None:
    part, reader = read(b"Subject: s\nthis is no field\nmore\n")
    assert part.content == b"this is no field\r\nmore\r\n"
    assert reader.defects


def test_mail_with_cr_alone_is_read() -> None:
    part = Reader(Limits()).read(b"Subject: s\r\rone\rtwo")
    assert (part.fields.text("subject"), part.content) == ("s", b"one\ntwo")


@pytest.mark.parametrize(
    ("encoding", "body", "content"),
    [
        ("base64", b"aGVs\nbG8=\n", b"hello"),
        ("base64", b"aGVsbG8=aGVsbG8=", b"hellohello"),
        ("BASE64", b"a!G#V\ns bG8", b"hello"),
        ("quoted-printable", b"re=\ncall=20=41=ZZ", b"recall A=ZZ"),
        ("8bit", b"h\xe9", b"h\xe9"),
        ("x-unknown", b"as it is", b"as it is"),
    ],
)
def test_transfer_encodings_are_undone_as_far_as_they_go(encoding: str, body: bytes, content: bytes) -> None:
    part, _ = read(b"Content-Transfer-Encoding: " + encoding.encode() + b"\n\n" + body)
    assert part.content == content


def test_broken_base64_and_unknown_encodings_are_told_of() -> None:
    for header in (b"base64\n\n!!!!a", b"rot13\n\nx"):
        _, reader = read(b"Content-Transfer-Encoding: " + header)
        assert reader.defects


def test_a_message_inside_a_message_is_opened_in_base64_too() -> None:
    inner = b"Subject: inner\r\n\r\nwords"
    for header, body in ((b"", inner), (b"Content-Transfer-Encoding: base64\n", base64.encodebytes(inner))):
        part, _ = read(b"Content-Type: message/rfc822\n" + header + b"\n" + body)
        assert part.parts[0].fields.text("subject") == "inner"
        assert part.parts[0].content == b"words"


def test_a_message_attached_as_a_file_is_opened() -> None:
    part, _ = read(b'Content-Type: application/octet-stream; name="old.eml"\n\nSubject: inner\n\nwords')
    assert part.parts[0].fields.text("subject") == "inner"


def test_an_opaque_signed_object_is_opened_and_an_encrypted_one_is_not() -> None:
    def element(tag: int, content: bytes) -> bytes:
        return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content

    def cms(kind: str, content: bytes) -> bytes:
        inner = element(
            0x30, element(0x06, bytes.fromhex("2a864886f70d010701")) + element(0xA0, element(0x04, content))
        )
        signed = element(0x30, element(0x02, b"\x01") + element(0x31, b"") + inner)
        return element(0x30, element(0x06, bytes.fromhex(kind)) + element(0xA0, signed))

    words = b"Content-Type: text/plain\r\n\r\nsigned words"
    for kind, sealed, content in (
        ("2a864886f70d010702", "signed", [b"signed words"]),
        ("2a864886f70d010703", "encrypted", []),
    ):
        octets = b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        part = Reader(Limits()).read(octets + base64.encodebytes(cms(kind, words)))
        assert (part.sealed, [each.content for each in part.parts]) == (sealed, content)


def test_a_signed_object_in_pieces_of_unknown_length_is_opened() -> None:
    pieces = b"\x24\x80" + b"\x04\x08Subject:" + b"\x04\x06 x\r\n\r\n" + b"\x00\x00"
    inner = b"\x30\x80" + bytes.fromhex("06092a864886f70d010701") + b"\xa0\x80" + pieces + b"\x00\x00\x00\x00"
    signed = b"\x30\x80" + b"\x02\x01\x01" + b"\x31\x00" + inner + b"\x00\x00"
    octets = b"\x30\x80" + bytes.fromhex("06092a864886f70d010702") + b"\xa0\x80" + signed + b"\x00\x00\x00\x00"
    part = Reader(Limits()).read(b"Content-Type: application/pkcs7-mime\r\n\r\n" + octets)
    assert part.parts[0].fields.text("subject") == "x"


@pytest.mark.parametrize(
    ("octets", "charset", "text"),
    [
        (b"caf\xc3\xa9", "utf-8", "café"),
        (b"caf\xe9", "utf-8", "café"),
        (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),
        (b"caf\xc3\xa9", "us-ascii", "café"),
        (b"caf\xc3\xa9", "x-no-such-charset", "café"),
        (b"caf\xe9", "", "café"),
        (b"abc", "idna", "abc"),
        (b"abc", "zlib", "abc"),
        (b"abc", "utf\x008", "abc"),
        ("né".encode("utf-16"), "utf-16", "né"),
    ],
)
def test_text_is_decoded_by_what_is_declared_or_else_by_what_fits(octets: bytes, charset: str, text: str) -> None:
    assert decode(octets, charset)[0] == text


def test_a_wrong_charset_is_told_of() -> None:
    part, reader = read(b"Content-Type: text/plain; charset=x-nonsense\n\nwords")
    assert reader.text(part) == "words"
    assert "charset that does not exist" in reader.defects[0]


def test_text_views_hold_no_nul_no_controls_and_one_kind_of_line_end() -> None:
    part, reader = read(b"\nre\x00call\x1b[0m\x0bnew")
    assert reader.text(part) == "recall[0m\nnew"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("=?utf-8?q?caf=C3=A9?=", "café"),
        ("=?utf-8?q?caf=C3?= =?utf-8?q?=A9_x?=", "café x"),
        ("=?utf-8?b?Y2Fmw6k=?=", "café"),
        ("=?UTF-8*en?Q?a?= b =?utf-8?q?c?=", "a b c"),
        ("a =?iso-8859-1?q?=A3?=5", "a £5"),
        ("=?nonsense?q?a?=", "a"),
        ("=?utf-8?q?one=0D=0ABcc:_x@evil.example?=", "one Bcc: x@evil.example"),
        ("=?utf-8?q?a=00b?=", "ab"),
        ("=?utf-8?x?a?= =?", "=?utf-8?x?a?= =?"),
    ],
)
def test_encoded_words_become_one_safe_line(written: str, text: str) -> None:
    assert decode_words(written) == text


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ('a/b; name="plain.pdf"', "plain.pdf"),
        ("a/b; name*=utf-8''caf%C3%A9.pdf", "café.pdf"),
        ('a/b; name*0="one "; name*1=two.pdf', "one two.pdf"),
        ("a/b; name*0*=utf-8''caf%C3; name*1*=%A9.pdf", "café.pdf"),
        ("a/b; name==?utf-8?q?caf=C3=A9?=.pdf", "café.pdf"),
        ('a/b; name="no end', "no end"),
        ("a/b; name*", ""),
        ("a/b; name*99999=x", ""),
        ("a/b; ;;; =; name=x.pdf", "x.pdf"),
    ],
)
def test_parameters_are_read_in_every_spelling(value: str, name: str) -> None:
    assert parameters(value)[1].get("name", "") == name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\notice.pdf", "notice.pdf"),
        ("fdp.\u202eexe.pdf", "fdp.exe.pdf"),
        ("two\r\nlines\x00.pdf", "two lines.pdf"),
        ("...", ""),
        ("a" * 300 + ".docx", "a" * 115 + ".docx"),
    ],
)
def test_file_names_are_made_safe(written: str, name: str) -> None:
    assert safe_name(written) == name


def test_addresses_are_read_out_of_every_shape() -> None:
    written = '"Roe, Jane" <Jane@X.example>, joe@x.example (Joe, of X), Team: a@x.example, b@x.example;, <c@x.example'
    assert [each.address for each in addresses([written])] == [
        "jane@x.example",
        "joe@x.example",
        "a@x.example",
        "b@x.example",
        "c@x.example",
    ]


def test_a_date_that_cannot_be_read_is_no_date() -> None:
    for value in ("", "yesterday", "32 Foo 2026 99:99", "Mon, 1 Jan 99999 00:00 +0000", "1" * 10_000):
        assert date(value) is None
    assert str(date("Thu, 19 Nov 2026 08:44:03 GMT")) == "2026-11-19 08:44:03+00:00"


def test_message_identifiers_are_found_even_where_exchange_writes_brackets_into_them() -> None:
    fields = Fields(
        (("message-id", b"<[abc]@x.example>"), ("references", b"<a@x> junk <b@x>\r\n <"), ("in-reply-to", b"c@x"))
    )
    assert fields.message_ids("message-id") == ["[abc]@x.example"]
    assert fields.message_ids("references", "in-reply-to") == ["a@x", "b@x", "c@x"]


def test_limits_stop_the_reading_and_say_so() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(50)) + b"\nx"
    for octets, limits, word in (
        (deep, Limits(depth=10), "nested"),
        (multipart(*[b"\nx"] * 50), Limits(parts=10), "parts"),
        (b"X-A: " + b"a" * 1_000 + b"\n\nbody", Limits(header_octets=500), "header"),
        (b"Subject: s\n\n" + b"x" * 2_000, Limits(octets=1_000), "larger"),
    ):
        part, reader = read(octets, limits)
        assert reader.over_limit
        assert any(word in defect for defect in reader.defects)
        assert len(leaves(part)) <= 12


def test_the_body_below_an_endless_header_is_still_read() -> None:
    part, _ = read(b"Subject: s\nX-A: " + b"a" * 100_000 + b"\n\nbody")
    assert (part.fields.text("subject"), part.content) == ("s", b"body")
