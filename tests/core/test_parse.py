"""Octets -> Message: what is read, where it stands, and what the message is by its structure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from inbox_router.core.message import Kind, Message, Passage, Readability, Trait
from inbox_router.core.parse import Extract, File, Opened, complete, open_message

GATEWAY = "mx.force.example"
HEAD = "From: Desk <desk@x.example>\nTo: Force <force@force.example>\nDate: Mon, 02 Nov 2026 09:41:17 +0100\n"


def opened(text: str) -> Opened:
    return open_message(text.replace("\n", "\r\n").encode(), gateway=GATEWAY, received=None)


def read(text: str) -> Message:
    return opened(text).message


def mixed(*parts: str, kind: str = "multipart/mixed", fields: str = "") -> str:
    body = "".join(f"--b\n{part}\n" for part in parts)
    return f"{HEAD}{fields}Content-Type: {kind}; boundary=b\n\n{body}--b--\n"


def alternative(text: str, html: str) -> Message:
    return read(mixed(f"\n{text}", f"Content-Type: text/html\n\n{html}", kind="multipart/alternative"))


def bodies(message: Message) -> list[tuple[str, str]]:
    return [(each.name, each.text) for each in message.passages if each.kind is Kind.OWN]


def test_a_plain_message_is_its_subject_and_its_words() -> None:
    message = read(f"{HEAD}Subject: Notice\nMessage-ID: <1@x.example>\n\nHe is wanted.")
    assert message.passages == (
        Passage(kind=Kind.SUBJECT, depth=0, text="Notice"),
        Passage(kind=Kind.OWN, depth=0, text="He is wanted."),
    )
    assert (message.message_id, message.subject) == ("1@x.example", "Notice")
    assert message.recipients == ("force@force.example",)
    assert message.sent == datetime(2026, 11, 2, 8, 41, 17, tzinfo=UTC)
    assert message.size == len(
        f"{HEAD}Subject: Notice\nMessage-ID: <1@x.example>\n\nHe is wanted.".replace("\n", "\r\n")
    )


def test_the_time_of_arrival_is_told_in_utc() -> None:
    summer = datetime(2026, 7, 1, 9, 0, tzinfo=timezone(timedelta(hours=1)))
    message = open_message(HEAD.encode(), gateway=GATEWAY, received=summer).message
    assert message.received == datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    assert message.received.tzinfo is UTC


def test_text_and_html_that_say_the_same_are_read_once() -> None:
    text = "Don't stop <https://x.example/a>.\nSee a@x.example\n\no one\no two"
    html = "<p>Don&rsquo;t <b>st&shy;op</b>.<br>See <a href=x>a</a></p><ul><li>one<li>two</ul>"
    assert bodies(alternative(text.replace("a@x.example", "a"), html)) == [("", text.replace("a@x.example", "a"))]


def test_where_the_html_has_a_table_it_is_the_one_that_is_read() -> None:
    table = "<table><tr><td>Name</td><td>Jo</td></tr></table>"
    assert bodies(alternative("Name\nJo", table)) == [("", "Name\tJo")]


def test_text_and_html_that_name_different_places_are_both_read() -> None:
    assert bodies(alternative("He lives in Leeds", "<p>He lives in Halifax")) == [
        ("text", "He lives in Leeds"),
        ("html", "He lives in Halifax"),
    ]


def test_a_number_that_differs_is_a_difference() -> None:
    assert len(bodies(alternative("At 4 Back Lane", "<p>At 5 Back Lane"))) == 2


@pytest.mark.parametrize("stub", ["", " ", "This message is in HTML. Please view it in an HTML capable mail reader."])
def test_a_text_version_that_says_nothing_gives_way_to_the_html(stub: str) -> None:
    assert bodies(alternative(stub, "<p>He is wanted.")) == [("", "He is wanted.")]


def test_an_empty_html_version_gives_way_to_the_text() -> None:
    assert bodies(alternative("He is wanted.", "<style>p{}</style>")) == [("", "He is wanted.")]


def test_hidden_words_of_the_html_are_told_of() -> None:
    message = read(f"{HEAD}Content-Type: text/html\n\n<p>seen<p style='display:none'>hidden")
    assert any("not shown" in defect for defect in message.defects)


def test_soft_line_ends_are_joined() -> None:
    for keep, text in (("", "failed to return"), ("; delsp=yes", "failed toreturn")):
        body = f"{HEAD}Content-Type: text/plain; format=flowed{keep}\n\nfailed to \nreturn"
        assert bodies(read(body)) == [("", text)]


def test_a_message_inside_is_quoted_and_begins_with_its_own_fields() -> None:
    inner = "From: PPCS <p@x.example>\nSubject: Recall\nDate: today\n\nHe is wanted.\n\nPPCS, Croydon CR0 1XG"
    message = read(mixed("\nFYI", f"Content-Type: message/rfc822\n\n{inner}"))
    quoted = [each for each in message.passages if each.depth == 1]
    assert quoted[0].text == "From: PPCS <p@x.example>\nDate: today\nSubject: Recall\n\nHe is wanted."
    assert [each.kind for each in quoted] == [Kind.QUOTED, Kind.SIGNATURE]
    assert bodies(message) == [("", "FYI")]


def test_a_message_inside_a_message_inside_is_older_still_with_its_files() -> None:
    pdf = "Content-Type: application/pdf; name=n.pdf\n\nx"
    second = f"Subject: two\nContent-Type: multipart/mixed; boundary=d\n\n--d\n\noldest\n--d\n{pdf}\n--d--"
    inside = f"Content-Type: message/rfc822\n\n{second}"
    first = f"Subject: one\nContent-Type: multipart/mixed; boundary=c\n\n--c\n{inside}\n--c--"
    found = opened(mixed("\nnew", f"Content-Type: message/rfc822\n\n{first}"))
    assert [(each.depth, each.text) for each in found.message.passages] == [
        (0, "new"),
        (1, "Subject: one"),
        (2, "Subject: two\n\noldest"),
    ]
    assert [(each.name, each.depth) for each in found.files] == [("n.pdf", 2)]


def test_files_are_handed_out_and_pictures_of_the_body_are_not() -> None:
    found = opened(
        mixed(
            "Content-Type: text/html\n\n<p>seen<img src='cid:a'>",
            "Content-Type: image/png; name=logo.png\nContent-ID: <a>\n\nx",
            "Content-Type: text/plain; name=list.txt\nContent-Disposition: attachment\n\nrows",
            "Content-Type: image/jpeg; name=scan.jpg\nContent-Disposition: attachment\n\nx",
            "Content-Type: application/pkcs7-signature; name=smime.p7s\n\nx",
        )
    )
    assert [each.name for each in found.files] == ["list.txt", "scan.jpg"]
    assert [(each.name, each.inline) for each in found.message.attachments] == [("logo.png", True), ("smime.p7s", True)]


def test_what_came_out_of_the_files_stands_at_their_depth() -> None:
    found = opened(mixed("\nsee attached", "Content-Type: application/pdf; name=n.pdf\n\nx"))
    message = complete(found, [Extract(readability=Readability.READ, text="EMERGENCY RECALL")])
    assert message.passages[-1] == Passage(kind=Kind.ATTACHMENT, depth=0, text="EMERGENCY RECALL", name="n.pdf")
    assert [(each.name, each.readability) for each in message.attachments] == [("n.pdf", Readability.READ)]
    assert message.passages[-1].part == "attachment n.pdf"


def test_a_file_that_gave_no_text_is_still_accounted_for() -> None:
    found = opened(mixed("\nsee attached", "Content-Type: application/pdf; name=n.pdf\n\nx"))
    message = complete(found, [Extract(readability=Readability.CORRUPT, detail="no page could be read")])
    assert [(each.readability, each.detail) for each in message.attachments] == [
        (Readability.CORRUPT, "no page could be read")
    ]
    assert message.passages == found.message.passages


def test_an_outlook_message_in_a_file_is_quoted() -> None:
    found = opened(mixed("\nFYI", "Content-Type: application/vnd.ms-outlook; name=old.msg\n\nx"))
    written = "From: A <a@x.example>\nSent: 1 May 2026\nTo: B\nSubject: C\n\nold\n\nFrom: D\nSent: x\nTo: E\n\noldest"
    message = complete(found, [Extract(readability=Readability.READ, text=written, is_message=True)])
    assert [(each.kind, each.depth, each.text.split("\n")[-1]) for each in message.passages[1:]] == [
        (Kind.QUOTED, 1, "old"),
        (Kind.QUOTED, 2, "oldest"),
    ]


def test_one_extract_is_needed_for_each_file() -> None:
    found = opened(mixed("\nx", "Content-Type: application/pdf\n\nx"))
    assert found.files == (File(name="unnamed application", media_type="application/pdf", octets=b"x", depth=0),)
    with pytest.raises(ValueError, match="shorter"):
        complete(found, [])


def test_protective_marking_fields_are_kept_as_written() -> None:
    message = read(f"{HEAD}X-Protective-Marking: VER=2018.1, SEC=OFFICIAL:Sensitive\nmsip_labels: a=b\n\nx")
    assert message.markings == ("VER=2018.1, SEC=OFFICIAL:Sensitive", "a=b")


def test_the_messages_that_this_one_answers_are_its_references() -> None:
    message = read(f"{HEAD}In-Reply-To: <2@x>\nReferences: <1@x>\n <2@x>\n\nx")
    assert message.references == ("2@x", "1@x")


def traits(fields: str = "", body: str = "x") -> frozenset[Trait]:
    return read(f"{HEAD}{fields}\n{body}").traits


@pytest.mark.parametrize(
    "fields",
    [
        "Auto-Submitted: auto-replied (vacation)\n",
        "X-Autoreply: yes\n",
        "X-Autorespond: x\n",
        "Precedence: auto_reply\n",
        "X-MS-Exchange-Inbox-Rules-Loop: desk@x.example\n",
        "Auto-Submitted: auto-generated\nReturn-Path: <>\nSubject: Automatic reply: EMERGENCY RECALL\n",
        "Auto-Submitted: auto-generated\nSubject: [EXTERNAL] Ateb awtomatig: Op\n",
        "Return-Path: <>\nSubject: Out of office: query\n",
    ],
)
def test_automatic_replies_are_known_by_their_fields(fields: str) -> None:
    assert traits(fields) == {Trait.AUTO_REPLY}


def test_a_generated_notice_is_no_automatic_reply() -> None:
    assert traits("Auto-Submitted: auto-generated\nSubject: Temporary absence scheduled\n") == {Trait.AUTO_GENERATED}


def test_asking_others_not_to_answer_is_no_automatic_reply() -> None:
    assert traits("X-Auto-Response-Suppress: All\nAuto-Submitted: no\n") == set()


def test_a_person_writing_about_being_out_of_office_is_no_automatic_reply() -> None:
    assert traits("Subject: Out of office cover for recalls\n") == set()


RETURNED = (
    "From: force@force.example\nMessage-ID: <sent.1@force.example>\nX-Inbox-Router-Loop: t\nSubject: Recall\n\nold"
)


@pytest.mark.parametrize(
    "parts",
    [
        [
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x",
            f"Content-Type: message/rfc822\n\n{RETURNED}",
        ],
        [
            "Content-Type: message/delivery-status\n\nAction: delayed",
            f"Content-Type: text/rfc822-headers\n\n{RETURNED}",
        ],
    ],
)
def test_a_bounce_names_the_message_that_it_reports_on_and_is_not_ours(parts: list[str]) -> None:
    message = read(
        mixed(
            "\nIt failed.",
            *parts,
            kind="multipart/report; report-type=delivery-status",
            fields="Auto-Submitted: auto-replied\n",
        )
    )
    assert message.traits == {Trait.BOUNCE}
    assert message.references == ("sent.1@force.example",)
    assert opened(mixed("\nIt failed.", *parts, kind="multipart/report; report-type=delivery-status")).files == ()


@pytest.mark.parametrize(
    "fields",
    ["X-Failed-Recipients: a@x.example\n", "X-MS-Exchange-Message-Is-Ndr:\n"],
)
def test_bounces_of_other_shapes_are_known_by_their_fields(fields: str) -> None:
    assert Trait.BOUNCE in traits(fields)
    assert traits("Return-Path: <>\n") == set()
    assert read("Return-Path: <>\nFrom: MAILER-DAEMON@x.example\n\nHi. This is the qmail-send program").traits == {
        Trait.BOUNCE
    }


def test_a_bounce_that_somebody_forwards_is_no_bounce() -> None:
    inner = mixed(
        "Content-Type: message/delivery-status\n\nAction: failed", kind="multipart/report; report-type=delivery-status"
    )
    assert (
        Trait.BOUNCE
        not in read(
            mixed(
                "\nwhat is this?", f"Content-Type: message/rfc822\n\n{inner.replace('=b', '=c').replace('--b', '--c')}"
            )
        ).traits
    )


def test_a_receipt_names_the_message_that_was_read() -> None:
    report = "Final-Recipient: rfc822;a@x\nOriginal-Message-ID:\n <1@force.example>"
    notice = f"Content-Type: message/disposition-notification\n\n{report}"
    message = read(mixed("\nIt was read.", notice, kind="multipart/report; report-type=disposition-notification"))
    assert message.traits == {Trait.RECEIPT}
    assert message.references == ("1@force.example",)


def test_what_this_service_sent_is_known_by_its_loop_field() -> None:
    assert traits("X-Inbox-Router-Loop: token\n") == {Trait.OURS}


@pytest.mark.parametrize(
    ("subject", "trait"),
    [
        ("RE: Notice", Trait.REPLY),
        ("[EXTERNAL] Re[2]: Notice", Trait.REPLY),
        ("AW: Notice", Trait.REPLY),
        ("FW: Notice", Trait.FORWARD),
        ("***SPAM*** [OFFICIAL] Fwd: RE: Notice", Trait.FORWARD),
        ("WG: Notice", Trait.FORWARD),
    ],
)
def test_replies_and_forwards_are_known_by_the_prefix_behind_the_tags(subject: str, trait: Trait) -> None:
    assert traits(f"Subject: {subject}\n") == {trait}


def test_a_subject_that_only_begins_with_such_letters_is_neither() -> None:
    for subject in ("Recall: notice", "Forward planning", "Request: views", "Recall"):
        assert traits(f"Subject: {subject}\n") == set()


def test_mailing_lists_are_known() -> None:
    assert traits("List-Id: <bulletin.x.example>\n") == {Trait.LIST}


@pytest.mark.parametrize(
    "octets",
    [
        mixed("Content-Type: application/pgp-encrypted\n\nVersion: 1", kind="multipart/encrypted"),
        f"{HEAD}\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----",
        mixed(
            "\nX has sent you a protected message",
            "Content-Type: application/x-microsoft-rpmsg-message; name=message.rpmsg\n\nx",
        ),
    ],
)
def test_encrypted_mail_is_known(octets: str) -> None:
    assert Trait.ENCRYPTED in read(octets).traits


def test_outlooks_withdrawal_of_a_message_is_known() -> None:
    sentence = 'Roe, Jane would like to recall the message, "Notice".'
    assert traits("Subject: Recall: Notice\n", sentence) == {Trait.RECALLED_BY_SENDER}
    assert traits("X-MS-Exchange-Recall-Report: 1\n") == {Trait.RECALLED_BY_SENDER}
    assert traits("Subject: Recall: DOE John\n", "His licence has been revoked.") == set()


def test_a_failure_inside_is_an_outcome_and_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("inbox_router.core.parse.sender_of", fail)
    message = open_message(HEAD.encode(), gateway=GATEWAY, received=None).message
    assert message.traits == {Trait.UNREADABLE}
    assert message.defects == ("It could not be read at all (RecursionError).",)
    assert len(message.sha256) == 64
