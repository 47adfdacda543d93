"""Debian's Dovecot with a folder and a port of its own: every user there is, with one password."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from imaplib import IMAP4
from pathlib import Path

from tests.test_run import free_port

PROGRAM = Path("/usr/sbin/dovecot")
PASSWORD = "rahasia:p@ss/word"
CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_location = maildir:~/Maildir
mail_fsync = never
auth_failure_delay = 0
first_valid_uid = {uid}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


class Dovecot:
    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, user: str, folder: str = "INBOX") -> str:
        """As the settings write it."""
        return f"imap://{user.replace('@', '%40')}:rahasia%3Ap%40ss%2Fword@127.0.0.1:{self.port}/{folder}"

    @contextmanager
    def inside(self, user: str) -> Iterator[IMAP4]:
        with IMAP4("127.0.0.1", self.port, timeout=30) as client:
            client.login(user, PASSWORD)
            yield client

    def deliver(self, user: str, *mails: bytes) -> None:
        with self.inside(user) as client:
            for mail in mails:
                status, said = client.append("INBOX", "", None, mail)  # type: ignore[arg-type]
                assert status == "OK", said

    def count(self, user: str, which: str = "ALL", folder: str = "INBOX") -> int:
        with self.inside(user) as client:
            client.select(folder, readonly=True)
            return len(client.search(None, which)[1][0].split())


@contextmanager
def running() -> Iterator[Dovecot]:
    """Raises ``FileNotFoundError`` where there is none."""
    if not PROGRAM.exists():
        raise FileNotFoundError(PROGRAM)
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))  # short, since paths of sockets are
    folder.chmod(0o755)
    port = free_port()
    (folder / "dovecot.conf").write_text(CONFIG.format(folder=folder, port=port, password=PASSWORD, **_people(folder)))
    server = subprocess.Popen([PROGRAM, "-F", "-c", folder / "dovecot.conf"], stderr=subprocess.PIPE)
    try:
        _answers(server, port, folder / "log")
        yield Dovecot(port)
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _people(folder: Path) -> dict[str, object]:
    """Root serves mail as somebody else; anybody else as themselves."""
    (folder / "mail").mkdir()
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
        return {"internal": "dovecot", "internal_group": "dovecot", "login": "dovenull", "uid": nobody.pw_uid,
                "gid": nobody.pw_gid}  # fmt: skip
    me = getpass.getuser()
    return {"internal": me, "internal_group": me, "login": me, "uid": os.getuid(), "gid": os.getgid()}


def _answers(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _try in range(200):
        try:
            with IMAP4("127.0.0.1", port, timeout=5):
                return
        except (OSError, IMAP4.error):
            if server.poll() is not None:
                break
            time.sleep(0.05)
    raise AssertionError(f"Dovecot does not start: {log.read_text() if log.exists() else server.stderr}")
