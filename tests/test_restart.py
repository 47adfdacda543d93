"""gunicorn with ``gunicorn.conf.py``: started again under load, stopped while somebody is being served."""

from __future__ import annotations

import http.client
import json
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Server, wait_until
from tests.test_run import PATIENCE, wait_for

pytestmark = pytest.mark.slow
CLIENTS = 4


@pytest.fixture(scope="module")
def server(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(template, folder / "tuntas.sqlite3")
    server = Server(folder)
    try:
        wait_for(server.process, f"http://127.0.0.1:{server.port}")
        yield server
    finally:
        server.process.kill()
        server.process.wait(30)
        server.socket.close()


class Load:
    """Clients that ask again as soon as they are answered, each request on a connection of its own as nginx does it."""

    def __init__(self, server: Server) -> None:
        self.server, self.ended, self.answers = server, threading.Event(), Counter[str]()
        self.longest = 0.0
        self.threads = [threading.Thread(target=self._ask) for _n in range(CLIENTS)]

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join(PATIENCE)

    def _ask(self) -> None:
        while not self.ended.wait(0.02):
            begun = time.monotonic()
            try:
                self.answers[str(self.server.get("/login/")[0])] += 1
                self.longest = max(self.longest, time.monotonic() - begun)
            except (OSError, http.client.HTTPException) as error:
                self.answers[repr(error)] += 1


def test_a_reload_under_load_fails_no_request(server: Server) -> None:
    before = server.workers()
    assert len(before) == 2
    with Load(server) as load:
        wait_until(lambda: load.answers["200"] > 50, "no load")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(server.workers() - before) == 2, "no new ones")
        there = load.answers["200"]
        wait_until(lambda: load.answers["200"] > there + 5, "nobody is served while the new ones begin")
        assert before <= server.workers(), "the old ones serve meanwhile"
        wait_until(lambda: len(server.workers()) == 2 and not server.workers() & before, "the old ones stay")
        there = load.answers["200"]
        wait_until(lambda: load.answers["200"] > there + 50, "the new ones answer nobody")
    assert set(load.answers) == {"200"}, load.answers
    # What the processes have counted that are gone is not lost.
    assert server.answered("/login/") == load.answers["200"]
    print(f"{load.answers['200']} requests during a reload, none failed, the longest took {load.longest:.1f} s")  # noqa: T201


def test_starting_again_under_load_fails_no_request_while_the_socket_is_kept(server: Server) -> None:
    with Load(server) as load:
        wait_until(lambda: load.answers["200"] > 50, "no load")
        server.process.terminate()
        assert server.process.wait(PATIENCE) == 0
        server.start()
        there = load.answers["200"]
        wait_until(lambda: load.answers["200"] > there + 50, "the new one answers nobody")
    assert set(load.answers) == {"200"}, load.answers
    print(f"{load.answers['200']} requests during a restart, none failed, the longest took {load.longest:.1f} s")  # noqa: T201


def test_who_is_being_served_is_served_to_the_end(server: Server) -> None:
    """The form is half here when the server is told to stop. It is the last test of this server."""
    body = b"username=nobody&password=wrong"
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.putrequest("POST", "/login/")
    connection.putheader("Content-Type", "application/x-www-form-urlencoded")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    connection.send(body[:10])
    # Somebody else is served meanwhile, so the first half has long been taken in.
    assert [server.get("/login/")[0] for _n in range(4)] == [200] * 4
    workers = server.workers()
    server.process.terminate()
    wait_until(lambda: len(server.workers() & workers) < 2, "nobody stops")
    connection.send(body[10:])
    assert connection.getresponse().status in (200, 302, 400)
    connection.close()
    assert server.process.wait(PATIENCE) == 0
    said = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert {"gunicorn.error", "tuntas.request"} <= {line["logger"] for line in said}
