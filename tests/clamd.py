"""Debian's clamd with a folder and a socket of its own, and one signature: that of EICAR's test file."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.test_run import free_port

PROGRAM = Path("/usr/sbin/clamd")
#: In two parts, so that no scanner takes this file for it.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
CONFIG = """
DatabaseDirectory {folder}/signatures
LocalSocket {folder}/socket
TCPSocket {port}
TCPAddr 127.0.0.1
TemporaryDirectory {folder}
LogFile {folder}/log
Foreground yes
Bytecode no
ConcurrentDatabaseReload no
MaxThreads 2
"""


class Clamd:
    def __init__(self, folder: Path, port: int) -> None:
        self.socket, self.place = f"{folder}/socket", f"127.0.0.1:{port}"


@contextmanager
def running() -> Iterator[Clamd]:
    """Raises ``FileNotFoundError`` where there is none."""
    if not PROGRAM.exists():
        raise FileNotFoundError(PROGRAM)
    folder = Path(tempfile.mkdtemp(prefix="clamd-"))
    (folder / "signatures").mkdir()
    whole = f"{hashlib.md5(EICAR, usedforsecurity=False).hexdigest()}:{len(EICAR)}:Eicar-Whole\n"
    (folder / "signatures" / "own.hdb").write_text(whole)
    (folder / "signatures" / "own.ndb").write_text(f"Eicar-Inside:0:*:{EICAR[20:].hex()}\n")
    port = free_port()
    (folder / "clamd.conf").write_text(CONFIG.format(folder=folder, port=port))
    with (folder / "out").open("w") as said:
        server = subprocess.Popen([PROGRAM, "-c", folder / "clamd.conf"], stdout=said, stderr=said)
    try:
        _answers(server, folder)
        yield Clamd(folder, port)
    finally:
        server.terminate()
        server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def _answers(server: subprocess.Popen[bytes], folder: Path) -> None:
    for _try in range(600):
        if (folder / "socket").exists() or server.poll() is not None:
            break
        time.sleep(0.1)
    log = folder / "log"
    assert (folder / "socket").exists(), log.read_text() if log.exists() else (folder / "out").read_text()
