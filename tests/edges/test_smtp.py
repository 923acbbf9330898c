"""The SMTP client against a real server; against a scripted one only for what a real one will not do."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from servers.certificates import Certificates, make_certificates
from servers.recording_smtp import RecordingSmtp

from inbox_router.core.delivery import DeliveryState, Submission, Verdict
from inbox_router.edges.smtp import SmtpAccount, Submitter

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
A, B, C = "a.division@force.example", "b.division@force.example", "c.division@force.example"
HELLO = b"Subject: hello\r\n\r\n.a dot\r\n..two\r\nend\r\n"


def a_submission(*recipients: str, octets: bytes = HELLO, sender: str = "inbox@force.example") -> Submission:
    return Submission(
        message_id="1@force.example",
        octets=octets,
        sender=sender,
        recipients=recipients or (A,),
        original_sha256="",
        kind="forward",
    )


def account(server: RecordingSmtp | Scripted, **settings: object) -> SmtpAccount:
    chosen = {"host": server.host, "port": server.port, "security": "plain", "timeout": 5.0, "dot_timeout": 5.0}
    return SmtpAccount(**(chosen | settings))  # type: ignore[arg-type]


@contextlib.asynccontextmanager
async def submitting(server: RecordingSmtp | Scripted, **settings: object) -> AsyncIterator[Submitter]:
    submitter = Submitter(account(server, **settings), now=lambda: NOON)
    yield submitter
    await submitter.close()


def told(verdicts: Sequence[Verdict]) -> list[tuple[str, int | None, str, str]]:
    return [(str(each.state), each.code, each.enhanced, each.phase) for each in verdicts]


class Scripted:
    """Says the replies it was given, one for each line that comes; None cuts the connection."""

    host = "127.0.0.1"

    def __init__(self, *replies: str | None, greeting: str = "220 scripted") -> None:
        self._replies = iter(replies)
        self._greeting = greeting
        self.heard: list[str] = []

    async def __aenter__(self) -> Scripted:
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{self._greeting}\r\n".encode())
        content = False
        while line := await reader.readline():
            if content and line != b".\r\n":
                continue
            self.heard.append(line.decode().strip())
            reply = next(self._replies, None)
            if reply is None:
                break
            content = reply.startswith("354")
            writer.write(reply.replace("\n", "\r\n").encode() + b"\r\n")
        writer.close()


async def test_what_the_server_receives_is_what_was_submitted_octet_for_octet(smtp_server: RecordingSmtp) -> None:
    async with submitting(smtp_server) as submitter:
        (verdict,) = await submitter.submit(a_submission(A))
    assert (verdict.state, verdict.code, verdict.enhanced, verdict.phase) == (DeliveryState.SENT, 250, "2.0.0", "dot")
    assert verdict.reply == "2.0.0 accepted as 1"
    assert verdict.at == NOON
    (received,) = smtp_server.received
    assert received.octets == HELLO
    assert received.sender == "inbox@force.example"
    assert received.recipients == (A,)
    assert f"SIZE={len(HELLO)}" in received.mail_options


async def test_the_null_sender_and_eight_bit_octets_and_international_addresses_are_announced(
    smtp_server: RecordingSmtp,
) -> None:
    octets = "Subject: x\r\n\r\ncaf\u00e9\r\n".encode()
    async with submitting(smtp_server) as submitter:
        await submitter.submit(a_submission("b\u00fcro@force.example", octets=octets, sender=""))
    (received,) = smtp_server.received
    assert received.sender.strip("<>") == ""
    assert received.recipients == ("b\u00fcro@force.example",)
    assert {"BODY=8BITMIME", "SMTPUTF8"} <= set(received.mail_options)
    assert received.octets == octets


async def test_each_recipient_has_its_own_verdict_and_a_refused_one_stops_nobody(smtp_server: RecordingSmtp) -> None:
    smtp_server.refuse_recipient(A, "550 5.1.1 unknown here")
    smtp_server.refuse_recipient(B, "450 4.2.0 mailbox busy")
    async with submitting(smtp_server) as submitter:
        verdicts = await submitter.submit(a_submission(A, B, C))
    assert [each.recipient for each in verdicts] == [A, B, C]
    assert told(verdicts) == [
        ("bounced", 550, "5.1.1", "rcpt"),
        ("deferred", 450, "4.2.0", "rcpt"),
        ("sent", 250, "2.0.0", "dot"),
    ]
    assert smtp_server.received[0].recipients == (C,)


async def test_where_all_recipients_are_refused_the_connection_serves_the_next_message(
    smtp_server: RecordingSmtp,
) -> None:
    smtp_server.refuse_recipient(A, "550 5.1.1 unknown here")
    async with submitting(smtp_server, connections=1) as submitter:
        assert told(await submitter.submit(a_submission(A))) == [("bounced", 550, "5.1.1", "rcpt")]
        assert told(await submitter.submit(a_submission(B))) == [("sent", 250, "2.0.0", "dot")]
    assert smtp_server.connections == 1


@pytest.mark.parametrize(
    ("reply", "state", "enhanced"),
    [
        ("452 4.3.1 no storage", "deferred", "4.3.1"),
        ("554 5.7.1 refused by policy", "bounced", "5.7.1"),
        ("432 4.3.2 too many messages a minute", "deferred", "4.3.2"),
    ],
)
async def test_the_reply_to_the_final_dot_decides_for_all_who_were_accepted(
    smtp_server: RecordingSmtp, reply: str, state: str, enhanced: str
) -> None:
    smtp_server.refuse_recipient(A, "550 5.1.1 unknown here")
    smtp_server.refuse_data(reply)
    async with submitting(smtp_server) as submitter:
        verdicts = await submitter.submit(a_submission(A, B, C))
    code = int(reply[:3])
    assert told(verdicts) == [("bounced", 550, "5.1.1", "rcpt"), *[(state, code, enhanced, "dot")] * 2]
    assert smtp_server.received == []


async def test_a_refused_sender_settles_every_recipient(smtp_server: RecordingSmtp) -> None:
    smtp_server.refuse_sender("451 4.7.1 greylisted")
    async with submitting(smtp_server) as submitter:
        assert told(await submitter.submit(a_submission(A, B))) == [("deferred", 451, "4.7.1", "mail")] * 2


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data"])
async def test_a_connection_lost_before_the_content_defers_and_names_the_phase(
    smtp_server: RecordingSmtp, phase: str
) -> None:
    smtp_server.drop(phase)
    async with submitting(smtp_server) as submitter:
        assert told(await submitter.submit(a_submission(A, B))) == [("deferred", None, "4.4.2", phase)] * 2
        smtp_server.heal()
        assert told(await submitter.submit(a_submission(A))) == [("sent", 250, "2.0.0", "dot")]


@pytest.mark.parametrize("phase", ["dot", "accepted"])
async def test_a_connection_lost_after_the_content_is_uncertain_whether_or_not_it_was_accepted(
    smtp_server: RecordingSmtp, phase: str
) -> None:
    smtp_server.drop(phase)
    async with submitting(smtp_server) as submitter:
        (verdict,) = await submitter.submit(a_submission(A))
    assert told([verdict]) == [("uncertain", None, "4.4.2", "dot")]
    assert "may or may not have taken it" in verdict.reply


@pytest.mark.parametrize(("phase", "state"), [("mail", "deferred"), ("rcpt", "deferred"), ("dot", "uncertain")])
async def test_a_server_that_says_nothing_more_is_treated_as_a_lost_connection(
    smtp_server: RecordingSmtp, phase: str, state: str
) -> None:
    smtp_server.stall(phase)
    async with submitting(smtp_server, timeout=0.3, dot_timeout=0.3) as submitter:
        (verdict,) = await submitter.submit(a_submission(A))
        smtp_server.heal()
    assert told([verdict]) == [(state, None, "4.4.2", phase)]
    assert "no answer within 0.3 seconds" in verdict.reply


async def test_a_recipient_refused_before_the_connection_was_lost_keeps_its_own_verdict(
    smtp_server: RecordingSmtp,
) -> None:
    smtp_server.refuse_recipient(A, "550 5.1.1 unknown here")
    smtp_server.drop("dot")
    async with submitting(smtp_server) as submitter:
        verdicts = await submitter.submit(a_submission(A, B))
    assert told(verdicts) == [("bounced", 550, "5.1.1", "rcpt"), ("uncertain", None, "4.4.2", "dot")]


async def test_connections_are_reused_and_never_more_than_the_limit(smtp_server: RecordingSmtp) -> None:
    async with submitting(smtp_server, connections=2) as submitter:
        many = await asyncio.gather(*(submitter.submit(a_submission(A)) for _ in range(20)))
    assert [told(each) for each in many] == [[("sent", 250, "2.0.0", "dot")]] * 20
    assert len(smtp_server.received) == 20
    assert smtp_server.connections <= 2


async def test_a_kept_connection_that_died_meanwhile_is_replaced_without_a_deferral(
    smtp_server: RecordingSmtp,
) -> None:
    async with submitting(smtp_server, connections=1) as submitter:
        await submitter.submit(a_submission(A))
        smtp_server.drop("mail", times=1)
        assert told(await submitter.submit(a_submission(B))) == [("sent", 250, "2.0.0", "dot")]
        smtp_server.stop()
        smtp_server.start()
        assert told(await submitter.submit(a_submission(C))) == [("sent", 250, "2.0.0", "dot")]
    assert [each.recipients for each in smtp_server.received] == [(A,), (B,), (C,)]


async def test_a_server_that_closes_for_idleness_is_asked_anew() -> None:
    ehlo = "250-hello\n250 SIZE 1000000"
    once = (ehlo, "250 ok", "250 ok", "354 go on", "250 taken")
    async with Scripted(*once, "421 4.4.2 idle too long", *once) as server, submitting(server) as submitter:
        await submitter.submit(a_submission(A))
        assert told(await submitter.submit(a_submission(B))) == [("sent", 250, "2.0.0", "dot")]


async def test_a_message_larger_than_the_server_takes_bounces_without_being_sent() -> None:
    server = RecordingSmtp(size=1_000)
    async with submitting(server) as submitter:
        (verdict,) = await submitter.submit(a_submission(A, octets=b"Subject: x\r\n\r\n" + b"y" * 2_000 + b"\r\n"))
        assert told([verdict]) == [("bounced", None, "5.3.4", "mail")]
        assert verdict.reply == "not sent: the message has 2016 octets, and the server takes at most 1000"
        assert server.commands["mail"] == 0
        assert told(await submitter.submit(a_submission(A))) == [("sent", 250, "2.0.0", "dot")]
    server.stop()


async def test_what_the_server_cannot_carry_bounces_with_the_reason() -> None:
    server = RecordingSmtp(smtputf8=False)
    async with submitting(server) as submitter:
        assert told(await submitter.submit(a_submission("b\u00fcro@force.example"))) == [
            ("bounced", None, "5.6.7", "mail")
        ]
    server.stop()
    async with Scripted("250 hello") as bare, submitting(bare) as submitter:
        octets = b"Subject: x\r\n\r\n\xff\r\n"
        assert told(await submitter.submit(a_submission(octets=octets))) == [("bounced", None, "5.6.3", "mail")]


@pytest.mark.parametrize("octets", [b"a: b\r\n\r\nx\n.\nMAIL FROM:<x@example.org>\r\n", b"a: b\r\n\r\nx\r.\r\n"])
async def test_a_message_with_a_bare_line_end_is_never_sent(smtp_server: RecordingSmtp, octets: bytes) -> None:
    async with submitting(smtp_server) as submitter:
        assert told(await submitter.submit(a_submission(octets=octets))) == [("bounced", None, "5.6.0", "mail")]
    assert smtp_server.connections == 0


@pytest.mark.parametrize("hostile", ["a@force.example>\r\nDATA", "a b@force.example", "<a@force.example>", "nobody"])
async def test_what_is_no_address_never_reaches_the_server_and_stops_nobody_else(
    smtp_server: RecordingSmtp, hostile: str
) -> None:
    async with submitting(smtp_server) as submitter:
        verdicts = await submitter.submit(a_submission(hostile, B))
    assert told(verdicts) == [("bounced", None, "5.1.3", "rcpt"), ("sent", 250, "2.0.0", "dot")]


async def test_a_server_that_is_not_there_defers_and_is_named() -> None:
    server = RecordingSmtp()
    server.stop()
    async with submitting(server) as submitter:
        (verdict,) = await submitter.submit(a_submission(A))
    assert told([verdict]) == [("deferred", None, "4.4.1", "connect")]
    assert verdict.reply == f"127.0.0.1:{server.port}: cannot be connected to: Connection refused"


async def test_a_server_that_does_not_want_us_now_defers_with_its_own_words() -> None:
    async with Scripted(greeting="554 5.3.2 down for maintenance") as server, submitting(server) as submitter:
        (verdict,) = await submitter.submit(a_submission(A))
    assert told([verdict]) == [("deferred", 554, "5.3.2", "connect")]
    assert verdict.reply == "5.3.2 down for maintenance"


async def test_a_right_password_is_accepted_and_a_wrong_one_defers_without_being_told_on() -> None:
    server = RecordingSmtp(password="correct horse")
    async with submitting(server, username="router", password="correct horse") as submitter:
        assert told(await submitter.submit(a_submission(A))) == [("sent", 250, "2.0.0", "dot")]
    async with submitting(server, username="router", password="battery staple") as submitter:
        (verdict,) = await submitter.submit(a_submission(A))
    assert (verdict.state, verdict.code, verdict.phase) == (DeliveryState.DEFERRED, 535, "connect")
    assert "battery" not in repr(verdict)
    assert "battery" not in repr(account(server, username="router", password="battery staple"))
    server.stop()


async def test_a_server_that_repeats_the_password_does_not_get_it_into_the_verdict() -> None:
    secret = "c2VjcmV0LXdvcmQ="
    replies = ("250-hello\n250 AUTH PLAIN", f"535 5.7.8 no: secret-word / {secret}")
    async with Scripted(*replies) as server, submitting(server, username="u", password="secret-word") as submitter:
        (verdict,) = await submitter.submit(a_submission(A))
    assert verdict.reply == "5.7.8 no: (password) / (password)"


async def test_an_access_token_logs_in_where_there_is_one() -> None:
    async def token() -> str:
        return "abc"

    replies = ("250-hello\n250 AUTH XOAUTH2", "235 2.7.0 welcome", "250 ok", "250 ok", "354 go", "250 taken")
    async with Scripted(*replies) as server, submitting(server, username="u", token=token) as submitter:
        assert told(await submitter.submit(a_submission(A))) == [("sent", 250, "2.0.0", "dot")]
        assert server.heard[1] == "AUTH XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIGFiYwEB"


async def test_a_reply_that_is_no_reply_is_uncertain_after_the_content_and_a_deferral_before() -> None:
    ehlo, ok = "250 hello", "250 ok"
    async with Scripted(ehlo, ok, ok, "354 go", "what?") as server, submitting(server) as submitter:
        assert told(await submitter.submit(a_submission(A))) == [("uncertain", None, "4.4.2", "dot")]
    async with Scripted(ehlo, ok, "what?") as server, submitting(server) as submitter:
        assert told(await submitter.submit(a_submission(A))) == [("deferred", None, "4.4.2", "rcpt")]


async def test_a_message_without_enhanced_codes_and_with_a_reply_of_many_lines_is_sent() -> None:
    last = "250-2.0.0 taken\n250-2.0.0 as 77\n250 2.0.0 thank you"
    replies = ("250 hello", "250 ok", "251 will forward", "354 go", last)
    async with Scripted(*replies) as server, submitting(server) as submitter:
        (verdict,) = await submitter.submit(a_submission(A))
    assert verdict.reply == "2.0.0 taken as 77 thank you"
    assert verdict.state is DeliveryState.SENT


async def test_an_acceptance_stands_whatever_happens_while_quitting() -> None:
    replies = ("250 hello", "250 ok", "250 ok", "354 go", "250 taken", None)
    async with Scripted(*replies) as server, submitting(server) as submitter:
        verdicts = await submitter.submit(a_submission(A))
    assert told(verdicts) == [("sent", 250, "2.0.0", "dot")]
    assert server.heard[-1] == "QUIT"


async def test_a_closing_server_defers_the_recipients_it_had_accepted_before() -> None:
    replies = ("250 hello", "250 ok", "250 ok", "421 4.3.2 shutting down")
    async with Scripted(*replies) as server, submitting(server) as submitter:
        assert told(await submitter.submit(a_submission(A, B, C))) == [("deferred", 421, "4.3.2", "rcpt")] * 3


async def test_a_cancelled_submission_leaves_no_half_used_connection_behind(smtp_server: RecordingSmtp) -> None:
    smtp_server.stall("dot")
    async with submitting(smtp_server, connections=1) as submitter:
        task = asyncio.create_task(submitter.submit(a_submission(A)))
        while not smtp_server.commands["dot"]:
            await asyncio.sleep(0.01)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        smtp_server.heal()
        assert told(await submitter.submit(a_submission(B))) == [("sent", 250, "2.0.0", "dot")]
    assert smtp_server.connections == 2


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def context(files: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    return context


class TestTls:
    @pytest.mark.parametrize("security", ["tls", "starttls"])
    async def test_a_certificate_of_a_known_authority_is_accepted(
        self, files: Certificates, context: ssl.SSLContext, security: str
    ) -> None:
        server = RecordingSmtp(tls=context, implicit_tls=security == "tls")
        async with submitting(server, security=security, ca_file=files.ca_file) as submitter:
            assert told(await submitter.submit(a_submission(A))) == [("sent", 250, "2.0.0", "dot")]
        server.stop()

    @pytest.mark.parametrize("security", ["tls", "starttls"])
    async def test_a_certificate_of_an_unknown_authority_defers_and_nothing_is_said(
        self, context: ssl.SSLContext, security: str
    ) -> None:
        server = RecordingSmtp(tls=context, implicit_tls=security == "tls")
        async with submitting(server, security=security, username="u", password="p") as submitter:
            (verdict,) = await submitter.submit(a_submission(A))
        assert told([verdict]) == [("deferred", None, "4.7.5", "connect")]
        assert "its certificate is not accepted" in verdict.reply
        server.stop()

    async def test_a_server_without_starttls_gets_neither_password_nor_mail(self) -> None:
        async with Scripted("250-hello\n250 AUTH PLAIN") as server:
            async with submitting(server, security="starttls", username="u", password="p") as submitter:
                (verdict,) = await submitter.submit(a_submission(A))
            assert [line.split()[0] for line in server.heard] == ["EHLO"]
        assert told([verdict]) == [("deferred", None, "4.7.4", "connect")]

    def test_a_file_of_authorities_that_cannot_be_read_is_an_error_at_once(
        self, smtp_server: RecordingSmtp, tmp_path: Path
    ) -> None:
        with pytest.raises(OSError, match="No such file"):
            Submitter(account(smtp_server, security="tls", ca_file=str(tmp_path / "missing.pem")))


async def test_a_large_message_arrives_with_the_same_hash(smtp_server: RecordingSmtp) -> None:
    octets = b"Subject: x\r\n\r\n" + b".line of a large message\r\n" * 200_000
    async with submitting(smtp_server, dot_timeout=30.0) as submitter:
        assert told(await submitter.submit(a_submission(octets=octets))) == [("sent", 250, "2.0.0", "dot")]
    assert hashlib.sha256(smtp_server.received[0].octets).digest() == hashlib.sha256(octets).digest()
