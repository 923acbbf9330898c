"""A real Dovecot in a temporary folder, on ephemeral ports, run as root or as an ordinary user alike."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from imapclient import IMAPClient

from servers.certificates import Certificates, make_certificates

DOVECOT = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
WHAT_IS_MISSING = "" if DOVECOT and shutil.which("openssl") else "Dovecot (dovecot-imapd) or openssl is not installed"
PASSWORD = "correct-horse"

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = 127.0.0.1
protocols = imap
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:~/mail:LAYOUT=fs
mail_fsync = never
mail_max_userip_connections = 100
imap_capability = {capability}
namespace inbox {{
  inbox = yes
  separator = {separator}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/homes/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
{more}
"""


@dataclass(frozen=True, kw_only=True)
class Account:
    username: str
    password: str = PASSWORD


class Dovecot:
    """One Dovecot. Any user name logs in with the password `PASSWORD` and starts with an empty INBOX.

    `host`, `port` (plain and STARTTLS), `tls_port` and `ca_file` say how to reach it. `new_account(name)` gives a user
    name that no other test has. `append` puts messages in by IMAP, as another client would, and gives their UIDs;
    `list` gives what a folder holds as (uid, octets). `session(account)` is a second client's connection, for what a
    colleague does meanwhile. `stop` and `start` keep ports and mail. `capability`, `separator` and `more` (lines of
    dovecot.conf) make one unlike the others.
    """

    host = "127.0.0.1"

    def __init__(self, *, capability: str = "", separator: str = "/", more: str = "") -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self._folder.chmod(0o755)
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.separator = separator
        self.port, self.tls_port = _free_ports(2)
        certificates = make_certificates(self._folder / "certificates")
        self.ca_file = certificates.ca_file
        homes = self._folder / "homes"
        homes.mkdir()
        root = os.geteuid() == 0
        me = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
        os.chown(homes, me.pw_uid, me.pw_gid)
        self._write(certificates, me, root, capability, more)
        self.start()

    def _write(self, files: Certificates, me: pwd.struct_passwd, root: bool, capability: str, more: str) -> None:
        user = pwd.getpwuid(os.geteuid()).pw_name
        group = subprocess.run(["id", "-gn"], check=True, capture_output=True, text=True).stdout.strip()
        text = CONFIGURATION.format(
            folder=self._folder,
            certificate=files.certificate,
            key=files.key,
            internal="dovecot" if root else user,
            internal_group="dovecot" if root else group,
            login="dovenull" if root else user,
            capability=capability,
            separator=self.separator,
            password=PASSWORD,
            uid=me.pw_uid,
            gid=me.pw_gid,
            port=self.port,
            tls_port=self.tls_port,
            more=more,
        )
        (self._folder / "dovecot.conf").write_text(text)

    def start(self) -> None:
        assert DOVECOT
        command = [DOVECOT, "-F", "-c", str(self._folder / "dovecot.conf")]
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        give_up = time.monotonic() + 20
        while time.monotonic() < give_up and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((self.host, self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"Dovecot did not start:\n{(self._folder / 'output').read_text()}\n{self.log()}")

    def stop(self, *, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends it with every session: with SIGTERM it says BYE to them, with SIGKILL it is just gone."""
        if self._process is None:
            return
        # Sessions are processes of their own, which outlive their master if only that is told.
        os.killpg(self._process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            # Now and then the master waits seconds for a process that is gone already.
            self._process.wait(timeout=1)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=20)
        self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def log(self) -> str:
        """What Dovecot has logged so far."""
        path = self._folder / "dovecot.log"
        return path.read_text() if path.exists() else ""

    def new_account(self, name: str = "inbox") -> Account:
        return Account(username=f"{name}-{next(self._numbers)}")

    @contextmanager
    def session(self, account: Account, folder: str | None = "INBOX") -> Iterator[IMAPClient]:
        """Another client of the same account, with `folder` selected."""
        with IMAPClient(self.host, self.port, ssl=False, timeout=30) as client:
            client.login(account.username, account.password)
            if folder is not None:
                client.select_folder(folder)
            yield client

    def append(
        self, account: Account, *octets: bytes, folder: str = "INBOX", when: datetime | None = None
    ) -> list[int]:
        """`when` becomes the INTERNALDATE; the UIDs come back in the order of the messages."""
        with self.session(account, None) as client:
            if not octets:
                return []
            uid_next = int(client.folder_status(folder, ["UIDNEXT"])[b"UIDNEXT"])
            if client.has_capability("MULTIAPPEND"):
                client.multiappend(folder, [{"msg": one, "date": when} if when else one for one in octets])
            else:
                for one in octets:
                    client.append(folder, one, msg_time=when)
        return list(range(uid_next, uid_next + len(octets)))

    def list(self, account: Account, folder: str = "INBOX") -> list[tuple[int, bytes]]:
        with self.session(account, folder) as client:
            found = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
            return sorted((uid, data[b"BODY[]"]) for uid, data in found.items())

    def folders(self, account: Account) -> set[str]:
        with self.session(account, None) as client:
            return {name for _, _, name in client.list_folders()}


def _free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
