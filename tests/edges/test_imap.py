from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imapclient import IMAPClient
from servers.certificates import make_certificates
from servers.dovecot import Account, Dovecot
from servers.scripted_imap import Connection, ScriptedImap

from inbox_router.edges.imap import (
    Declined,
    FetchLimits,
    FolderMissing,
    ImapAccount,
    Lost,
    Mailbox,
    MailboxError,
    MoveOutcome,
    OverQuota,
    ReadOnly,
    Refused,
    Unavailable,
    Unreachable,
    Untrusted,
)
from inbox_router.edges.imap_move import copied_uids


def mail(number: int = 1, *, octets: int = 0) -> bytes:
    body = b"x" * 70 + b"\r\n"
    return b"Subject: message %d\r\n\r\nOne, two.\r\n" % number + body * (octets // len(body))


def account_of(server: Dovecot, account: Account, **changes: object) -> ImapAccount:
    settings: dict[str, object] = {
        "host": server.host,
        "port": server.port,
        "security": "plain",
        "username": account.username,
        "password": account.password,
        "timeout": 10.0,
    }
    return ImapAccount(**(settings | changes))  # type: ignore[arg-type]


@contextmanager
def connected(account: ImapAccount, **options: object) -> Iterator[Mailbox]:
    with Mailbox(account, **options) as mailbox:  # type: ignore[arg-type]
        mailbox.connect()
        yield mailbox


@pytest.fixture
def account(dovecot: Dovecot) -> Account:
    return dovecot.new_account()


@pytest.fixture
def mailbox(dovecot: Dovecot, account: Account) -> Iterator[Mailbox]:
    with connected(account_of(dovecot, account)) as one:
        yield one


@pytest.fixture
def scripted() -> Iterator[Callable[..., ScriptedImap]]:
    made: list[ScriptedImap] = []

    def make(*answers: object, **options: object) -> ScriptedImap:
        made.append(ScriptedImap(*answers, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for server in made:
        server.close()


class TestConnecting:
    def test_tls_with_a_trusted_certificate(self, dovecot: Dovecot, account: Account) -> None:
        tls = account_of(dovecot, account, port=dovecot.tls_port, security="tls", ca_file=dovecot.ca_file)
        with connected(tls) as mailbox:
            assert mailbox.uidvalidity > 0
            assert {"MOVE", "UIDPLUS", "IDLE"} <= mailbox.capabilities

    def test_what_is_said_before_tls_is_not_believed_after_it(
        self, scripted: Callable[..., ScriptedImap], tmp_path: Path
    ) -> None:
        certificates = make_certificates(tmp_path)

        def start_tls(connection: Connection, tag: bytes) -> None:
            connection.send(tag + b" OK go ahead\r\n* BYE said by somebody in between\r\n")
            connection.start_tls(certificates)

        server = scripted(
            {"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done\r\n", "STARTTLS": start_tls}
        )
        account = replace(server.account(), security="starttls", ca_file=certificates.ca_file)
        with connected(account) as mailbox:
            assert mailbox.uidvalidity == 7

    def test_starttls(self, dovecot: Dovecot, account: Account) -> None:
        with connected(account_of(dovecot, account, security="starttls", ca_file=dovecot.ca_file)) as mailbox:
            assert mailbox.search() == []

    @pytest.mark.parametrize("security", ["tls", "starttls"])
    def test_a_certificate_of_an_unknown_authority_is_refused(
        self, dovecot: Dovecot, account: Account, tmp_path: Path, security: str
    ) -> None:
        other = make_certificates(tmp_path, authority="Somebody else")
        port = dovecot.tls_port if security == "tls" else dovecot.port
        with pytest.raises(Untrusted, match=r"certificate of 127\.0\.0\.1:\d+ is not trusted.*ca_file"):
            Mailbox(account_of(dovecot, account, port=port, security=security, ca_file=other.ca_file)).connect()

    def test_a_certificate_for_another_host_is_refused(self, dovecot: Dovecot, account: Account) -> None:
        wrong = account_of(
            dovecot, account, host="127.0.0.2", port=dovecot.tls_port, security="tls", ca_file=dovecot.ca_file
        )
        with pytest.raises(MailboxError):
            Mailbox(wrong).connect()

    def test_tls_on_the_plain_port_says_so(self, dovecot: Dovecot, account: Account) -> None:
        with pytest.raises(Untrusted, match="port is the one for `security: tls`"):
            Mailbox(account_of(dovecot, account, security="tls", ca_file=dovecot.ca_file)).connect()

    def test_a_missing_authority_file_is_named(self, dovecot: Dovecot, account: Account) -> None:
        with pytest.raises(Untrusted, match=r"nowhere\.pem cannot be used: No such file"):
            Mailbox(account_of(dovecot, account, security="starttls", ca_file="nowhere.pem")).connect()

    def test_a_wrong_password_is_told_from_a_lost_connection(self, own_dovecot: Callable[..., Dovecot]) -> None:
        server = own_dovecot()
        wrong = account_of(server, server.new_account(), password="not-the-password")
        with pytest.raises(Refused, match=r"refused the login of inbox-1.*Authentication failed") as refused:
            Mailbox(wrong).connect()
        assert "not-the-password" not in repr(wrong) + str(refused.value)

    def test_a_password_beyond_ascii_is_sent(self, own_dovecot: Callable[..., Dovecot]) -> None:
        server = own_dovecot(more="passdb {\n  driver = static\n  args = password=p\u00a3nny-wise\n}\n")
        with connected(account_of(server, server.new_account(), password="p\u00a3nny-wise")) as mailbox:
            assert mailbox.search() == []

    def test_nobody_listens(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted()
        server.close()
        with pytest.raises(Unreachable, match="Connection refused"):
            Mailbox(server.account()).connect()

    def test_a_name_that_does_not_resolve(self) -> None:
        with pytest.raises(Unreachable, match=r"nowhere\.invalid:993 could not be resolved"):
            Mailbox(ImapAccount(host="nowhere.invalid", username="inbox", password="x")).connect()

    def test_bye_as_a_greeting_keeps_the_servers_words(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted(greeting=b"* BYE Too many connections\r\n")
        with pytest.raises(Unreachable, match="Too many connections"):
            Mailbox(server.account()).connect()

    def test_a_connection_cut_during_login_is_lost_not_refused(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted({"LOGIN": lambda connection, tag: connection.drop()})
        with pytest.raises(Lost, match="lost while logging in as inbox"):
            Mailbox(server.account()).connect()

    def test_an_account_without_a_mailbox_behind_it(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted({"SELECT": b"{tag} BAD User is authenticated but not connected.\r\n"})
        with pytest.raises(Unavailable, match="has a licence"):
            Mailbox(server.account()).connect()

    def test_no_password_is_sent_where_the_server_wants_tls_first(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted({"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\n{tag} OK done\r\n"})
        with pytest.raises(Untrusted, match="none was sent"):
            Mailbox(server.account()).connect()
        assert not any(b"correct-horse" in command for command in server.commands)

    def test_a_password_that_the_server_repeats_is_blotted_out(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted({"LOGIN": b"{tag} NO wrong password correct-horse\x07\r\n"})
        with pytest.raises(Refused, match=r"wrong password \(password\)") as refused:
            Mailbox(server.account()).connect()
        assert "\x07" not in str(refused.value)

    def test_a_missing_folder_is_named(self, dovecot: Dovecot, account: Account) -> None:
        with pytest.raises(FolderMissing, match="create the folder"):
            Mailbox(account_of(dovecot, account, folder="Nowhere")).connect()

    def test_a_mailbox_for_reading_only(self, scripted: Callable[..., ScriptedImap]) -> None:
        answer = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n{tag} OK [READ-ONLY] selected\r\n"
        server = scripted({"SELECT": answer, "EXAMINE": answer})
        with pytest.raises(ReadOnly, match="observe mode"):
            Mailbox(server.account()).connect()
        with connected(server.account(), read_only=True) as mailbox, pytest.raises(ReadOnly):
            mailbox.move([1], "Routed")
        assert not any(b"MOVE" in command for command in server.commands)

    def test_another_way_of_logging_in_can_be_given(self, dovecot: Dovecot, account: Account) -> None:
        def login(client: IMAPClient) -> None:
            client.plain_login(account.username, account.password)

        with connected(account_of(dovecot, account, password=""), login=login) as mailbox:
            assert mailbox.connected


class TestFetching:
    def test_every_message_is_found_and_comes_byte_for_byte_and_stays_unread(
        self, dovecot: Dovecot, account: Account, mailbox: Mailbox
    ) -> None:
        octets = [mail(1), b"Subject: \xff\xfe bare\r\n\r\n.\r\n..\r\n\x80", b"\r\n", mail(2, octets=50_000)]
        uids = dovecot.append(account, *octets)
        with dovecot.session(account) as colleague:
            colleague.add_flags([uids[0]], [b"\\Seen"])
        fetched = mailbox.fetch(mailbox.search())
        assert [(one.uid, one.octets, one.problem) for one in fetched] == [
            (uid, each, "") for uid, each in zip(uids, octets, strict=True)
        ]
        assert [one.size for one in fetched] == [len(each) for each in octets]
        with dovecot.session(account) as colleague:
            assert colleague.search("UNSEEN") == uids[1:]

    def test_the_date_of_arrival_is_utc(self, dovecot: Dovecot, account: Account, mailbox: Mailbox) -> None:
        summer = datetime(2026, 7, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
        uids = dovecot.append(account, mail(), when=summer)
        (fetched,) = mailbox.fetch(uids)
        assert fetched.internaldate == datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
        assert fetched.internaldate.utcoffset() == timedelta(0)

    def test_a_message_expunged_after_the_search_is_gone_and_the_others_come(
        self, dovecot: Dovecot, account: Account, mailbox: Mailbox
    ) -> None:
        uids = dovecot.append(account, mail(1), mail(2), mail(3))
        assert mailbox.search() == uids
        with dovecot.session(account) as colleague:
            colleague.delete_messages([uids[1]])
            colleague.expunge()
        fetched = {one.uid: one for one in mailbox.fetch(uids)}
        assert [uid for uid in uids if fetched[uid].gone] == [uids[1]]
        assert fetched[uids[2]].octets == mail(3)

    def test_a_message_over_the_size_limit_is_not_fetched_but_for_its_header(
        self, dovecot: Dovecot, account: Account
    ) -> None:
        uids = dovecot.append(account, mail(1), mail(2, octets=30_000), mail(3))
        with connected(account_of(dovecot, account), limits=FetchLimits(octets=10_000)) as mailbox:
            fetched = {one.uid: one for one in mailbox.fetch(uids)}
        large = fetched[uids[1]]
        assert (large.octets, large.header) == (None, b"Subject: message 2\r\n\r\n")
        assert "over the limit of 10,000" in large.problem
        assert [fetched[uid].octets for uid in (uids[0], uids[2])] == [mail(1), mail(3)]

    def test_five_hundred_messages_are_fetched_and_moved_in_batches(
        self, dovecot: Dovecot, account: Account, mailbox: Mailbox
    ) -> None:
        octets = {mail(number) for number in range(500)}
        dovecot.append(account, *sorted(octets))
        batches = list(mailbox.fetch_batches(mailbox.search()))
        assert {one.octets for batch in batches for one in batch} == octets
        assert max(map(len, batches)) == 100
        mailbox.ensure_folders(["Routed"])
        moved = mailbox.move(mailbox.search(), "Routed")
        assert {one.outcome for one in moved.values()} == {MoveOutcome.MOVED}
        assert mailbox.search() == []
        held = dict(dovecot.list(account, "Routed"))
        assert set(held.values()) == octets
        assert {one.new_uid for one in moved.values()} == set(held)

    def test_batches_are_bounded_by_octets_too(self, dovecot: Dovecot, account: Account) -> None:
        uids = dovecot.append(account, *(mail(number, octets=30_000) for number in range(5)))
        with connected(account_of(dovecot, account), limits=FetchLimits(batch_octets=70_000)) as mailbox:
            assert [len(batch) for batch in mailbox.fetch_batches(uids)] == [2, 2, 1]

    def test_nothing_is_kept_between_batches(self, dovecot: Dovecot, account: Account, mailbox: Mailbox) -> None:
        mailbox.ensure_folders(["Routed"])
        for number in range(5):
            dovecot.append(account, mail(number))
            uids = mailbox.search()
            mailbox.fetch(uids)
            mailbox.move(uids, "Routed")
            mailbox.probe()
        assert mailbox._session is not None
        assert mailbox._session._imap.untagged_responses == {}

    def test_flags_that_another_client_changed_are_not_taken_for_a_body(
        self, scripted: Callable[..., ScriptedImap]
    ) -> None:
        size = b'* 1 FETCH (UID 5 RFC822.SIZE 3 INTERNALDATE "01-Nov-2026 10:00:00 +0000")\r\n{tag} OK done\r\n'
        flags = b"* 1 FETCH (UID 5 FLAGS (\\Seen))\r\n* 9 FETCH (UID 77 BODY[] {2}\r\nno)\r\n{tag} OK done\r\n"
        body = b"* 1 FETCH (UID 5 BODY[] {3}\r\nyes)\r\n{tag} OK done\r\n"
        server = scripted({"UID FETCH": [size, flags, body]})
        with connected(server.account()) as mailbox:
            assert [(one.uid, one.octets) for one in mailbox.fetch([5])] == [(5, b"yes")]

    def test_a_message_that_is_listed_but_not_given_out_is_a_problem_and_not_gone(
        self, scripted: Callable[..., ScriptedImap]
    ) -> None:
        size = b'* 1 FETCH (UID 5 RFC822.SIZE 3 INTERNALDATE "01-Nov-2026 10:00:00 +0000")\r\n{tag} OK done\r\n'
        nil = b"* 1 FETCH (UID 5 BODY[] NIL)\r\n{tag} OK done\r\n"
        server = scripted({"UID FETCH": [size, nil], "UID SEARCH": b"* SEARCH 5\r\n{tag} OK done\r\n"})
        with connected(server.account()) as mailbox:
            (fetched,) = mailbox.fetch([5])
        assert (fetched.octets, fetched.gone) == (None, False)
        assert "does not give it out. Open it in the mailbox" in fetched.problem

    def test_a_message_that_the_server_refuses_keeps_its_words(self, scripted: Callable[..., ScriptedImap]) -> None:
        refusal = b"{tag} NO [CONTACTADMIN] index is corrupt\r\n"
        server = scripted({"UID FETCH": refusal, "UID SEARCH": b"* SEARCH 5 6\r\n{tag} OK done\r\n"})
        with connected(server.account()) as mailbox:
            fetched = mailbox.fetch([5, 6])
        assert [(one.gone, "index is corrupt" in one.problem) for one in fetched] == [(False, True)] * 2

    def test_the_placeholder_of_exchange_is_recognised_and_kept(
        self, dovecot: Dovecot, account: Account, mailbox: Mailbox
    ) -> None:
        placeholder = (
            b"From: <system@pennine.police.example>\r\n"
            b"Subject: Retrieval using the IMAP4 protocol failed for the\r\n following message: 12\r\n\r\n"
            b"The server couldn't retrieve the following message.\r\n"
        )
        about_it = b"Subject: question\r\n\r\nSubject: Retrieval using the IMAP4 protocol failed\r\n"
        first, second = mailbox.fetch(dovecot.append(account, placeholder, about_it))
        assert (first.octets, "Open it in Outlook" in first.problem) == (placeholder, True)
        assert second.problem == ""

    @pytest.mark.parametrize(
        "reply",
        [
            b"* 1 FETCH (UID 5 BODY[] {3}\r\nyes\r\n{tag} OK done\r\n",
            b"* 1 FETCH gibberish (((\r\n{tag} OK done\r\n",
            b"* 1 FETCH (UID)\r\n{tag} OK done\r\n",
            b"what?\r\n",
            b"* BYE Session invalidated - AccessTokenExpired\r\n",
        ],
    )
    def test_a_reply_that_makes_no_sense_ends_the_session(
        self, scripted: Callable[..., ScriptedImap], reply: bytes
    ) -> None:
        server = scripted({"UID FETCH": reply})
        with connected(server.account(timeout=1.0)) as mailbox:
            with pytest.raises(Lost):
                mailbox.fetch([5])
            assert not mailbox.connected

    def test_the_words_of_a_bye_are_kept(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted({"UID SEARCH": b"* BYE Session invalidated - AccessTokenExpired\r\n"})
        with connected(server.account(timeout=1.0)) as mailbox, pytest.raises(Lost, match="AccessTokenExpired"):
            mailbox.search()

    def test_a_reply_in_drips_is_cut_at_the_deadline(self, scripted: Callable[..., ScriptedImap]) -> None:
        def drip(connection: Connection, tag: bytes) -> None:
            connection.send(b"* SEARCH")
            while True:
                connection.send(b" 1")
                time.sleep(0.05)

        server = scripted({"UID SEARCH": drip})
        with connected(server.account(), limit=0.5) as mailbox:
            with pytest.raises(Lost, match=r"took over 0\.5 seconds while searching"):
                mailbox.search()
            assert not mailbox.connected

    def test_a_greeting_in_drips_is_cut_at_the_deadline(self, scripted: Callable[..., ScriptedImap]) -> None:
        def drip(connection: Connection, tag: bytes) -> None:
            while True:
                connection.send(b"* OK still here\r\n")
                time.sleep(0.05)

        server = scripted({"CAPABILITY": drip})
        with pytest.raises(Lost, match=r"took over 0\.5 seconds while connecting"):
            Mailbox(server.account(), limit=0.5).connect()

    def test_silence_is_noticed(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted({"UID SEARCH": lambda connection, tag: None})
        with connected(server.account(timeout=0.3)) as mailbox, pytest.raises(Lost, match="stopped answering"):
            mailbox.search()

    @pytest.mark.parametrize("step", [b"SIZE", b"BODY"])
    def test_one_message_that_breaks_the_connection_is_found_and_the_others_come(
        self, scripted: Callable[..., ScriptedImap], step: bytes
    ) -> None:
        def fetch(connection: Connection, tag: bytes) -> None:
            command = server.commands[-1]
            for uid in command.split()[3].split(b","):
                if step in command and uid == b"6":
                    connection.send(b"* 1 FETCH (UID 6 gibberish\r\n")
                elif b"SIZE" in command:
                    connection.send(b"* 1 FETCH (UID %s RFC822.SIZE 3)\r\n" % uid)
                else:
                    connection.send(b"* 1 FETCH (UID %s BODY[] {3}\r\nyes)\r\n" % uid)
            connection.send(tag + b" OK done\r\n")

        server = scripted({"UID FETCH": fetch})
        came: dict[int, str] = {}
        with Mailbox(server.account()) as mailbox:
            for _ in range(4):
                mailbox.connect()
                with suppress(Lost):
                    for batch in mailbox.fetch_batches([uid for uid in (5, 6, 7, 8) if uid not in came]):
                        came |= {one.uid: one.problem for one in batch}
        assert (came[5], came[7], came[8]) == ("", "", "")
        assert "broke the connection 3 times" in came[6]


class TestWaiting:
    def test_new_mail_ends_the_wait(self, dovecot: Dovecot, account: Account, mailbox: Mailbox) -> None:
        mailbox.search()
        timer = threading.Timer(0.2, lambda: dovecot.append(account, mail()))
        timer.start()
        assert mailbox.wait(15)
        timer.join()
        assert len(mailbox.search()) == 1

    def test_new_mail_ends_the_wait_over_tls(self, dovecot: Dovecot, account: Account) -> None:
        tls = account_of(dovecot, account, port=dovecot.tls_port, security="tls", ca_file=dovecot.ca_file)
        with connected(tls) as mailbox:
            mailbox.search()
            timer = threading.Timer(0.2, lambda: dovecot.append(account, mail()))
            timer.start()
            assert mailbox.wait(15)
            timer.join()

    def test_mail_that_came_between_search_and_wait_is_not_slept_through(
        self, dovecot: Dovecot, account: Account, mailbox: Mailbox
    ) -> None:
        mailbox.search()
        uids = dovecot.append(account, mail(1))
        mailbox.fetch(uids)
        assert mailbox.wait(15)

    def test_a_quiet_wait_ends_by_itself_and_the_session_goes_on(self, mailbox: Mailbox) -> None:
        mailbox.search()
        assert not mailbox.wait(0.1)
        mailbox.probe()
        assert mailbox.search() == []

    def test_another_thread_ends_the_wait(self, mailbox: Mailbox) -> None:
        mailbox.search()
        mailbox.wake()
        began = time.monotonic()
        assert not mailbox.wait(30)
        assert time.monotonic() - began < 10
        assert mailbox.search() == []

    def test_another_thread_cuts_the_connection(self, mailbox: Mailbox) -> None:
        mailbox.search()
        timer = threading.Timer(0.1, mailbox.cut)
        timer.start()
        with pytest.raises(Lost):
            mailbox.wait(30)
        timer.join()

    def test_without_idle_it_asks(self, own_dovecot: Callable[..., Dovecot], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("inbox_router.edges.imap.POLL_EVERY", 0.1)
        server = own_dovecot(capability="IMAP4rev1 NAMESPACE LITERAL+")
        account = server.new_account()
        with connected(account_of(server, account)) as mailbox:
            assert "IDLE" not in mailbox.capabilities
            mailbox.search()
            assert not mailbox.wait(0.2)
            timer = threading.Timer(0.2, lambda: server.append(account, mail()))
            timer.start()
            assert mailbox.wait(15)
            timer.join()
            mailbox.search()
            mailbox.wake()
            assert not mailbox.wait(15)

    def test_an_announcement_in_the_same_packet_as_the_answer_to_idle_counts(
        self, scripted: Callable[..., ScriptedImap]
    ) -> None:
        def idle(connection: Connection, tag: bytes) -> None:
            connection.send(b"+ idling\r\n* 4 EXISTS\r\n")
            assert connection.line() == b"DONE\r\n"
            connection.send(tag + b" OK done\r\n")

        server = scripted({"IDLE": idle, "UID SEARCH": b"* SEARCH 1 2 3\r\n{tag} OK done\r\n"})
        with connected(server.account()) as mailbox:
            assert mailbox.search() == [1, 2, 3]
            assert mailbox.wait(15)

    @pytest.mark.parametrize(
        "pieces",
        [
            [b"* 4 EXISTS\r\n+ idling\r\n"],
            [b"+ idling\r\n* 4 EX", b"ISTS\r\n"],
            [b"+ idling\r\n", b"* 1 FETCH (FLAGS (\\Seen)", b")\r\n* 4 EXISTS\r\n"],
        ],
    )
    def test_an_announcement_counts_however_it_is_cut_up(
        self, scripted: Callable[..., ScriptedImap], pieces: list[bytes]
    ) -> None:
        def idle(connection: Connection, tag: bytes) -> None:
            for piece in pieces:
                connection.send(piece)
                time.sleep(0.05)
            assert connection.line() == b"DONE\r\n"
            connection.send(tag + b" OK done\r\n")

        server = scripted({"IDLE": idle, "UID SEARCH": b"* SEARCH 1 2 3\r\n{tag} OK done\r\n"})
        with connected(server.account()) as mailbox:
            mailbox.search()
            assert mailbox.wait(15)

    def test_an_idle_that_is_declined_leaves_the_session_sound(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted({"IDLE": b"{tag} NO not now\r\n", "UID SEARCH": b"* SEARCH 1\r\n{tag} OK done\r\n"})
        with connected(server.account()) as mailbox:
            mailbox.search()
            with pytest.raises(Declined, match="not now"):
                mailbox.wait(15)
            assert mailbox.search() == [1]

    @pytest.mark.parametrize("last_words", [b"", b"* BYE Connection is closed. 13\r\n"])
    def test_a_session_that_ends_in_idle_is_lost(
        self, scripted: Callable[..., ScriptedImap], last_words: bytes
    ) -> None:
        def idle(connection: Connection, tag: bytes) -> None:
            connection.send(b"+ idling\r\n" + last_words)
            connection.drop()

        server = scripted({"IDLE": idle, "UID SEARCH": b"* SEARCH\r\n{tag} OK done\r\n"})
        with connected(server.account()) as mailbox:
            mailbox.search()
            with pytest.raises(Lost, match="13" if last_words else "lost"):
                mailbox.wait(15)
            assert not mailbox.connected

    def test_a_server_that_never_leaves_idle_is_dropped(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted(
            {"IDLE": lambda connection, tag: connection.send(b"+ idling\r\n"), "UID SEARCH": b"{tag} OK done\r\n"}
        )
        with connected(server.account(timeout=0.3)) as mailbox:
            mailbox.search()
            with pytest.raises(Lost):
                mailbox.wait(0.1)

    def test_a_restarted_server_is_noticed_and_reconnected_to(self, own_dovecot: Callable[..., Dovecot]) -> None:
        server = own_dovecot()
        account = server.new_account()
        server.append(account, mail())
        with connected(account_of(server, account)) as mailbox:
            before = mailbox.search(), mailbox.uidvalidity
            server.restart()
            with pytest.raises(Lost, match="Server shutting down"):
                mailbox.probe()
            with pytest.raises(Lost, match="no connection"):
                mailbox.search()
            mailbox.connect()
            assert (mailbox.search(), mailbox.uidvalidity) == before


class TestFolders:
    def test_missing_folders_are_made_and_existing_ones_left(
        self, dovecot: Dovecot, account: Account, mailbox: Mailbox
    ) -> None:
        mailbox.ensure_folders(["Routed/A Division", "Held & caf\u00e9", "INBOX"])
        mailbox.ensure_folders(["Routed/A Division", "Routed"])
        assert dovecot.folders(account) == {"INBOX", "Routed", "Routed/A Division", "Held & caf\u00e9"}

    def test_the_servers_own_separator_is_used(self, own_dovecot: Callable[..., Dovecot]) -> None:
        server = own_dovecot(separator=".")
        account = server.new_account()
        uids = server.append(account, mail())
        with connected(account_of(server, account)) as mailbox:
            mailbox.ensure_folders(["Routed/Held"])
            assert mailbox.move(uids, "Routed/Held")[uids[0]].outcome is MoveOutcome.MOVED
            with pytest.raises(Declined, match=r'holds "\."'):
                mailbox.ensure_folders(["B. Division"])
        assert {"Routed", "Routed.Held"} <= server.folders(account)

    def test_a_folder_below_the_inbox_where_the_server_wants_it_so(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted(
            {
                "LOGIN": b"{tag} OK [CAPABILITY IMAP4rev1 NAMESPACE] logged in\r\n",
                "NAMESPACE": b'* NAMESPACE (("INBOX." ".")) NIL NIL\r\n{tag} OK done\r\n',
                "LIST": b'* LIST () "." INBOX.Routed.Held\r\n{tag} OK done\r\n',
            }
        )
        with connected(server.account()) as mailbox:
            mailbox.ensure_folders(["Routed/Held", "INBOX/Routed/Held"])
        assert [command.split()[-1] for command in server.commands if b" LIST " in command] == [
            b'"INBOX.Routed.Held"'
        ] * 2

    def test_a_folder_that_cannot_be_made_is_an_error_in_words(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted({"CREATE": b"{tag} NO [NOPERM] not here\r\n", "LIST": b"{tag} OK done\r\n"})
        with connected(server.account()) as mailbox:
            with pytest.raises(Declined, match=r"Routed is missing.*not here.*by hand"):
                mailbox.ensure_folders(["Routed"])
            assert mailbox.connected


class TestMoving:
    def test_a_result_for_each_message_with_its_new_uid(
        self, dovecot: Dovecot, account: Account, mailbox: Mailbox
    ) -> None:
        uids = dovecot.append(account, mail(1), mail(2), mail(3))
        mailbox.ensure_folders(["Held"])
        moved = mailbox.move([uids[2], uids[0]], "Held")
        assert dovecot.list(account, "Held") == sorted((moved[uids[i]].new_uid, mail(i + 1)) for i in (0, 2))
        assert mailbox.search() == [uids[1]]
        assert moved[uids[0]].reply

    def test_a_message_that_a_person_moved_is_gone_and_the_others_go(
        self, dovecot: Dovecot, account: Account, mailbox: Mailbox
    ) -> None:
        uids = dovecot.append(account, mail(1), mail(2), mail(3))
        mailbox.ensure_folders(["Held"])
        mailbox.search()
        with dovecot.session(account) as colleague:
            colleague.delete_messages([uids[1]])
            colleague.expunge()
        moved = mailbox.move(uids, "Held")
        assert [moved[uid].outcome for uid in uids] == [MoveOutcome.MOVED, MoveOutcome.GONE, MoveOutcome.MOVED]
        assert [octets for _, octets in dovecot.list(account, "Held")] == [mail(1), mail(3)]
        assert [one.outcome for one in mailbox.move(uids, "Held").values()] == [MoveOutcome.GONE] * 3

    def test_a_missing_target_changes_nothing(self, dovecot: Dovecot, account: Account, mailbox: Mailbox) -> None:
        uids = dovecot.append(account, mail())
        with pytest.raises(FolderMissing, match="nothing was changed"):
            mailbox.move(uids, "Nowhere")
        assert mailbox.search() == uids

    def test_a_full_account_is_told_apart(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted(
            {
                "UID MOVE": b"{tag} NO [OVERQUOTA] Quota exceeded\r\n",
                "UID SEARCH": b"* SEARCH 5\r\n{tag} OK done\r\n",
            }
        )
        with connected(server.account()) as mailbox, pytest.raises(OverQuota, match="make room"):
            mailbox.move([5], "Held")

    def test_without_move_it_copies_and_removes_only_its_own(self, own_dovecot: Callable[..., Dovecot]) -> None:
        server = own_dovecot(capability="IMAP4rev1 NAMESPACE UIDPLUS LITERAL+")
        account = server.new_account()
        uids = server.append(account, mail(1), mail(2), mail(3))
        with server.session(account) as colleague:
            colleague.delete_messages([uids[2]])
        with connected(account_of(server, account)) as mailbox:
            mailbox.ensure_folders(["Held"])
            moved = mailbox.move(uids[:2], "Held")
        assert [moved[uid].outcome for uid in uids[:2]] == [MoveOutcome.MOVED] * 2
        assert server.list(account, "Held") == [(moved[uids[i]].new_uid, mail(i + 1)) for i in (0, 1)]
        assert server.list(account) == [(uids[2], mail(3))]

    def test_without_move_and_uidplus_nothing_is_ever_expunged(self, own_dovecot: Callable[..., Dovecot]) -> None:
        server = own_dovecot(capability="IMAP4rev1 NAMESPACE LITERAL+")
        account = server.new_account()
        uids = server.append(account, mail(1), mail(2))
        with server.session(account) as colleague:
            colleague.delete_messages([uids[1]])
        with connected(account_of(server, account)) as mailbox:
            mailbox.ensure_folders(["Held"])
            moved = mailbox.move([uids[0], 999], "Held")
        assert [one.outcome for one in moved.values()] == [MoveOutcome.GONE, MoveOutcome.COPIED]
        assert [octets for _, octets in server.list(account, "Held")] == [mail(1)]
        assert [uid for uid, _ in server.list(account)] == uids

    def test_a_copy_without_proof_is_not_removed(self, scripted: Callable[..., ScriptedImap]) -> None:
        server = scripted(
            {
                "LOGIN": b"{tag} OK [CAPABILITY IMAP4rev1 UIDPLUS] logged in\r\n",
                "UID SEARCH": b"* SEARCH 5\r\n{tag} OK done\r\n",
                "UID COPY": b"{tag} OK done\r\n",
                "UID STORE": b"{tag} OK done\r\n",
            }
        )
        with connected(server.account()) as mailbox:
            assert mailbox.move([5], "Held")[5].outcome is MoveOutcome.COPIED
        assert not any(b"EXPUNGE" in command for command in server.commands)

    def test_a_move_cut_off_is_lost_and_later_batches_are_left(self, scripted: Callable[..., ScriptedImap]) -> None:
        uids = list(range(1, 301))
        listed = b" ".join(b"%d" % uid for uid in uids)
        server = scripted(
            {
                "UID SEARCH": b"* SEARCH " + listed + b"\r\n{tag} OK done\r\n",
                "UID MOVE": [
                    b"* OK [COPYUID 9 1:250 1001:1250] moved\r\n{tag} OK done\r\n",
                    lambda connection, tag: connection.drop(),
                ],
            }
        )
        with connected(server.account()) as mailbox:
            moved = mailbox.move(uids, "Held")
            assert (len(moved), moved[250].new_uid) == (250, 1250)
            with pytest.raises(Lost):
                mailbox.move(uids[250:], "Held")


@given(pairs=st.dictionaries(st.integers(1, 2**32 - 1), st.integers(1, 2**32 - 1), max_size=20))
def test_copyuid_pairs_old_and_new_in_the_order_of_the_sets(pairs: dict[int, int]) -> None:
    old, new = (",".join(map(str, each)).encode() for each in (pairs.keys(), pairs.values()))
    assert copied_uids([b"7 " + old + b" " + new] if pairs else [], 20) == pairs


@given(st.binary(max_size=40) | st.from_regex(rb"[0-9]{1,12} [0-9:,]{1,20} [0-9:,]{1,20}", fullmatch=True))
def test_copyuid_that_is_hostile_says_nothing_more_than_was_asked(code: bytes) -> None:
    assert len(copied_uids([code], 50)) <= 50


def test_copyuid_of_a_set_too_large_to_be_true_is_not_believed() -> None:
    assert copied_uids([b"7 1:4294967295 1:4294967295"], 250) == {}
    assert copied_uids([b"7 1:3 9:11", b"7 5 20"], 250) == {1: 9, 2: 10, 3: 11, 5: 20}
