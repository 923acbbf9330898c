"""Mail made to break its reader, and mail that broke others by mistake: each is read, and each within bounds."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_router.core.message import Kind, Readability, Trait
from inbox_router.core.parse import Extract, Opened, complete, open_message

HEAD = b"From: Desk <desk@x.example>\r\nTo: force@force.example\r\nSubject: notice\r\n"


def opened(octets: bytes) -> Opened:
    found = open_message(octets, gateway="mx.force.example", received=None)
    for passage in found.message.passages:
        assert not any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in passage.text)
    return found


def words(octets: bytes) -> str:
    return "\n".join(each.text for each in opened(octets).message.passages if each.kind is not Kind.SUBJECT)


def mixed(*parts: bytes) -> bytes:
    return (
        HEAD
        + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"".join(b"--b\r\n" + x + b"\r\n" for x in parts)
        + b"--b--"
    )


@pytest.mark.parametrize(
    "header",
    [
        b"Message-ID: <[abc]@x>",
        b"Message-ID: <",
        b"Message-ID: <[]@x>",
        b"From: foo <",
        b"From: \x80<",
        b"From: @",
        b"To: (c):",
        b'To: "',
        b"To: " + b"(" * 20_000,
        b"Content-Type: text/plain; name*",
        b"Content-Type: text/plain; charset*=x",
        b"Content-Type: ",
        b"Content-Type: text/plain; charset=\xff\xfe",
        b'Content-Type: multipart/mixed; boundary=""',
        b"Content-Type: multipart/mixed; boundary=" + b"x" * 30_000,
        b"Content-Disposition: attachment; filename*0*=",
        b"Subject: \xff\xfe \xed\xa0\x80",
        b"Subject: =?utf-8?q?=ED=A0=80?=",
        b"Date: Mon, 99 Foo 9999999999 25:61:61 +9999",
        b"Authentication-Results: " + b"(" * 20_000,
        b"Received: " + b";" * 20_000,
        b"Auto-Submitted: ;",
        b"References: " + b"<a" * 20_000,
        b": no name",
        b"\x00\x01\x02",
    ],
)
def test_a_broken_field_breaks_nothing_else(header: bytes) -> None:
    found = opened(HEAD + header + b"\r\n\r\nlicence revoked")
    assert "could not be read at all" not in "".join(found.message.defects)


@pytest.mark.parametrize("charset", [b"x-unknown", b"", b"utf\x008", b"zlib", b"idna", b"unicode_escape", b"undefined"])
def test_words_in_a_charset_that_makes_no_sense_are_read(charset: bytes) -> None:
    assert "revoked" in words(HEAD + b'Content-Type: text/plain; charset="' + charset + b'"\r\n\r\nlicence revoked')


def test_a_nul_hides_neither_itself_nor_what_follows() -> None:
    assert words(HEAD + b"\r\nnothing here\x00 licence re\x00voked") == "nothing here licence revoked"


def test_an_encoded_line_end_in_a_subject_stays_on_one_line() -> None:
    octets = b"From: a@x.example\r\nSubject: =?utf-8?q?one=0D=0ABcc:_a@evil.example?=\r\n\r\nx"
    assert opened(octets).message.subject == "one Bcc: a@evil.example"


def test_a_message_without_sender_recipient_or_date_is_read() -> None:
    message = opened(b"\r\nwords").message
    assert (message.sender.address, message.recipients, message.sent) == ("", (), None)


@pytest.mark.parametrize(
    "octets",
    [
        b"".join(HEAD + b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(5_000)),
        (HEAD + b"Content-Type: message/rfc822\r\n\r\n") * 2_000 + b"deep",
        mixed(*[b"\r\nx"] * 20_000),
        HEAD + b"X-A: " + b"a" * 18_000_000 + b"\r\n\r\nbody",
        HEAD + b"X-A: " + b"a\r\n " * 1_000_000 + b"\r\n\r\nbody",
        HEAD + b"\r\n" + b"word and word\r\n" * 400_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<p>x" * 150_000,
        HEAD + b"\r\n" + b"x" * 41_000_000,
    ],
    ids=["multiparts", "messages", "parts", "header line", "folded header", "text", "html", "size"],
)
def test_what_is_over_a_limit_is_unreadable_and_says_which(octets: bytes) -> None:
    message = opened(octets).message
    assert Trait.UNREADABLE in message.traits
    assert message.defects
    assert message.subject == "notice"
    assert len(message.passages) < 1_000


@pytest.mark.parametrize(
    "octets",
    [
        HEAD + b"\r\n" + b">" * 500_000,
        HEAD + b"\r\n" + b"> a\nb\n" * 20_000,
        HEAD + b"\r\n" + b"From: a@b\nSent: x\nTo: y\n" * 5_000,
        HEAD + b"\r\n" + b"On a\nOn b\n" * 5_000,
        HEAD + b"\r\n" + b"Regards\n\n" * 5_000,
        HEAD + b"\r\n" + (b"*" * 3_900 + b"x\n") * 100,
        HEAD + b"Authentication-Results: gw; " + b"a" * 60_000 + b"\r\n\r\nx",
        HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"a \r\n" * 100_000,
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"\n--bx" * 500_000,
        HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=A" * 500_000,
        HEAD + b"Content-Type: text/calendar\r\n\r\n" + b"SUMMARY;;;:" * 50_000,
        HEAD + b"Content-Type: text/html\r\n\r\n<p style='" + b"text-decoration:" * 20_000 + b"'>x",
    ],
)
def test_repetition_is_read_in_proportion_to_its_length(octets: bytes) -> None:
    assert len(opened(octets).message.passages) <= 1_001


def test_a_large_attachment_does_not_hide_the_words_beside_it() -> None:
    large = base64.encodebytes(b"%PDF" + b"x" * 8_000_000)
    pdf = b"Content-Type: application/pdf; name=n.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + large
    found = opened(mixed(b"\r\nlicence revoked", pdf))
    assert [each.text for each in found.message.passages][1:] == ["licence revoked"]
    assert len(found.files[0].octets) == 8_000_004


@pytest.mark.parametrize(
    "octets",
    [
        HEAD + b"Content-Transfer-Encoding: base64\r\n\r\nlicence revoked!",
        HEAD + b"Content-Transfer-Encoding: x-nonsense\r\n\r\nlicence revoked",
        HEAD + b"Content-Type: multipart/mixed\r\n\r\nlicence revoked",
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--c\r\n\r\nlicence revoked",
        HEAD + b"licence revoked, and no empty line above",
    ],
)
def test_damage_is_told_of(octets: bytes) -> None:
    assert opened(octets).message.defects


def test_a_calendar_entry_is_read_like_a_body() -> None:
    entry = b"BEGIN:VEVENT\r\nSUMMARY:ROTL bo\r\n ard\r\nDESCRIPTION:Room 2\\nfor DOE\\, John\r\nEND:VEVENT"
    octets = HEAD + b"Content-Type: text/calendar\r\n\r\n" + entry
    assert words(octets) == "ROTL board\nRoom 2\nfor DOE, John"
    assert Trait.CALENDAR in opened(octets).message.traits


def test_an_outlook_container_is_handed_on_as_a_file() -> None:
    found = opened(
        mixed(b"\r\nsee below", b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n\x78\x9f\x3e\x22")
    )
    assert [(each.name, each.octets) for each in found.files] == [("winmail.dat", b"\x78\x9f\x3e\x22")]


def test_a_sealed_object_that_cannot_be_opened_makes_the_message_unreadable() -> None:
    message = opened(HEAD + b"Content-Type: application/pkcs7-mime\r\n\r\nnonsense").message
    assert Trait.UNREADABLE in message.traits


def test_html_alone_is_read_and_its_style_sheet_is_not() -> None:
    html = b"<style>.recall{color:red}</style><p>temporary&nbsp;<b>rel</b>ease"
    assert words(HEAD + b"Content-Type: text/html\r\n\r\n" + html) == "temporary release"


def test_content_that_is_elsewhere_makes_the_message_unreadable() -> None:
    for kind in (b"message/partial; id=1; number=1", b"message/external-body; access-type=URL"):
        assert Trait.UNREADABLE in opened(HEAD + b"Content-Type: " + kind + b"\r\n\r\nx").message.traits


def test_a_name_over_two_lines_with_folders_in_it_is_one_safe_name() -> None:
    part = b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="..\\..\\a\r\n b.pdf"\r\n\r\nx'
    assert [each.name for each in opened(mixed(part)).files] == ["a b.pdf"]


def test_text_out_of_an_attachment_is_made_safe_too() -> None:
    found = opened(mixed(b"Content-Type: application/pdf; name=n.pdf\r\n\r\nx"))
    message = complete(found, [Extract(readability=Readability.READ, text="licence\r\nre\x00voked \ud800")])
    assert message.passages[-1].text == "licence\nrevoked "


def test_the_same_mail_reads_the_same_twice() -> None:
    octets = mixed(b"\r\none", b"Content-Type: text/html\r\n\r\n<p>two")
    assert opened(octets) == opened(octets)


@given(st.binary(max_size=400))
def test_no_octets_break_the_reading(octets: bytes) -> None:
    assert "could not be read at all" not in "".join(opened(octets).message.defects)


SAMPLE = mixed(
    b"Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nHe is wanted.\r\n\r\nRegards\r\nJo\r\n> old\r\n"
    b"--c\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"<table><tr><td>Name<td>Jo =E2=80=93 X</table>\r\n--c--",
    b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(HEAD + b"\r\ninner"),
    b"Content-Transfer-Encoding: base64\r\nContent-Type: application/pdf; name*0*=utf-8''%C3%A9; name*1=.pdf\r\n\r\nAA",
    b"Content-Type: text/calendar\r\n\r\nSUMMARY:x",
)


@settings(max_examples=150)
@given(st.integers(min_value=0, max_value=2**32), st.integers(min_value=1, max_value=40))
def test_no_damage_to_a_message_breaks_the_reading(seed: int, wounds: int) -> None:
    chance = random.Random(seed)
    octets = bytearray(SAMPLE)
    for _ in range(wounds):
        place = chance.randrange(len(octets))
        if chance.random() < 0.5:
            octets[place] = chance.randrange(256)
        else:
            del octets[place : place + chance.randrange(1, 30)]
    assert "could not be read at all" not in "".join(opened(bytes(octets)).message.defects)
