"""Hundreds of connections that are opened and left hanging, as a phone in a tunnel or somebody who means harm has them:
everybody else is served as before, by the server of ``run.py`` and by gunicorn."""

from __future__ import annotations

import http.client
import re
import resource
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from app import create_app
from tests.cast import PASSWORD, Cast
from tests.conftest import settings_for
from tests.servers import Server, ending, started, wait_until
from tests.test_run import free_port

#: More than either server takes at once.
MANY = 1200
#: Where they stop.
BEGINNINGS = {
    "silent": b"",
    "half a line": b"GET /login/ HT",
    "half a head": b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nX-A: ",
    "half a small body": b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=",
    "half a large body": b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=",
    "half a chunk": b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nff\r\nusername=",
}
SERVERS = ("run.py", "gunicorn")


@pytest.fixture(scope="module", params=SERVERS)
def port(request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with somebody who can sign in; whoever is slow at one test must not be in the way of the next."""
    folder = tmp_path_factory.mktemp("slow")
    shutil.copy(template, folder / "tuntas.sqlite3")
    app = create_app(settings_for(folder))
    Cast(app).user("cs")
    if request.param == "gunicorn":
        server = Server(folder, WEB_WORKERS="1", WEB_THREADS="4")
        process, number = server.process, server.port
    else:
        number = free_port()
        process = started(folder / "log", folder, [sys.executable, "run.py", "--port", str(number)])
    with ending(process):
        wait_until(lambda: answers(number), "the server did not come up")
        yield number


def answers(port: int) -> bool:
    try:
        return status(port, "GET", "/health") == 200
    except OSError:
        return False


def status(port: int, method: str, path: str, body: str = "", cookie: str = "") -> int:
    return asked(port, method, path, body, cookie)[0]


def asked(port: int, method: str, path: str, body: str = "", cookie: str = "") -> tuple[int, str, str]:
    """Status, body, cookie."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Cookie": cookie} if cookie else {})
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=15)) as connection:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        said = answer.getheader("Set-Cookie") or ""
        return answer.status, answer.read().decode("utf-8", "replace"), said.partition(";")[0]


def signs_in(port: int) -> bool:
    _status, form, cookie = asked(port, "GET", "/login/")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token, form[:300]
    said = {"username": "cs", "password": PASSWORD, "csrf_token": token[1]}
    code, _page, cookie = asked(port, "POST", "/login/", urlencode(said), cookie)
    return code == 302 and status(port, "GET", "/tasks/", cookie=cookie) == 200


@pytest.fixture
def hanging() -> Iterator[Callable[[int, bytes, int], None]]:
    """Opens connections that say a beginning, and leaves them so."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * MANY)), hard))
    with ExitStack() as opened:

        def open_them(port: int, beginning: bytes, number: int) -> None:
            for _one in range(number):
                line = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=15))
                if beginning:
                    try:
                        line.sendall(beginning)
                    except OSError:
                        pass  # it had to give way already

        yield open_them


@pytest.mark.slow
def test_others_are_served_while_many_connections_hang(port: int, hanging: Callable[[int, bytes, int], None]) -> None:
    for what, beginning in BEGINNINGS.items():
        hanging(port, beginning, MANY // len(BEGINNINGS))
        assert status(port, "GET", "/health") == 200, what
        assert signs_in(port), what


@pytest.mark.slow
def test_who_trickles_is_let_go(port: int) -> None:
    """A byte now and then keeps no connection for ever."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=15)) as line:
        line.sendall(b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nX-A: ")
        line.settimeout(0.5)

        def ended() -> bool:
            try:
                line.sendall(b"a")
                return line.recv(1) == b""
            except TimeoutError:
                return False
            except OSError:
                return True

        wait_until(ended, "it was kept")


@pytest.mark.slow
def test_a_slow_upload_of_a_stranger_keeps_no_thread(port: int, hanging: Callable[[int, bytes, int], None]) -> None:
    """With a cookie that is none: the head alone is read, and refused."""
    head = (
        b"POST /keluhan/new HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000000\r\nCookie: tuntas=forged\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b"
    )
    hanging(port, head, 60)
    assert signs_in(port)


@pytest.mark.slow
def test_a_large_request_of_a_stranger_is_refused_in_words(port: int) -> None:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=15)) as line:
        line.sendall(BEGINNINGS["half a large body"])
        said = b""
        while b"</html>" not in said and (part := line.recv(65536)):
            said += part
    assert said.startswith(b"HTTP/1.1 413 ")
    assert "terlalu besar" in said.decode()
