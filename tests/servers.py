"""A deployment for tests: gunicorn with ``gunicorn.conf.py``, workers beside it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.test_run import PATIENCE, ROOT

#: What systemd does for a socket: it is the third file, and variables tell for which process.
HANDED_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
TOKEN = {"Authorization": "Bearer a token"}


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    """A server of the standard library in a thread; one that is closed while it serves would go round for ever."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Server:
    """gunicorn with two processes, on a socket that is kept open for it as systemd does; ``log``: what it has said, in
    JSON."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.folder, self.log = folder, folder / "log"
        self.settings = {"WEB_WORKERS": "2", "METRICS_TOKEN": "a token"} | more
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=2048)
        self.port = int(self.socket.getsockname()[1])
        self.start()

    def start(self) -> None:
        number = str(self.socket.fileno())
        command = [sys.executable, "-c", HANDED_OVER, number, "-m", "gunicorn", "run:served()"]
        self.process = started(self.log, self.folder, command, (self.socket.fileno(),), **self.settings)

    def workers(self) -> set[int]:
        pid = self.process.pid
        return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
        return self.ask("GET", path, None, headers)

    def post(self, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
        """JSON in and out."""
        sent = {"Content-Type": "application/json"} | headers
        status, said = self.ask("POST", path, json.dumps(body).encode(), sent)
        return status, json.loads(said)

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str] | None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def answered(self, route: str) -> float:
        """How many requests of a route ``/metrics`` counts, over all processes."""
        text = self.get("/metrics", TOKEN)[1]
        head = f'tuntas_requests_total{{method="GET",route="{route}",status="200"}} '
        return sum(float(line.removeprefix(head)) for line in text.splitlines() if line.startswith(head))


def started(
    log: Path, folder: Path, command: list[str], files: Sequence[int] = (), **more: str
) -> subprocess.Popen[str]:
    """A program with the folder as its instance; what it says, in JSON, lies in ``log``."""
    environment = {name: said for name, said in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"INSTANCE_PATH": str(folder), "LOG_FORMAT": "json"} | more
    with log.open("a") as said:
        return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=said, stderr=said, pass_fds=files)


@contextmanager
def ending(*processes: subprocess.Popen[str]) -> Iterator[None]:
    """None of them outlives the block."""
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait(30)


def wait_until(met: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < until, what
        time.sleep(0.1)
