"""Behind a proxy: a real nginx terminates TLS in front of ``run.py`` and of gunicorn, as a deployment has it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from playwright.sync_api import Browser

from config import WrongSetting, from_environment
from tests import moment
from tests.cast import PASSWORD
from tests.conftest import missing_part
from tests.test_run import PATIENCE, ROOT, free_port

LIMIT = 3
ADMIN = ("--username", "admin", "--firstname", "A", "--lastname", "B", "--email", "a@b", "--password", PASSWORD)
#: The proxy speaks to the application from an address of its own, so a test can bypass it. Loopback is a whole network.
PROXY, CLIENT, OTHER = "127.0.0.2", "127.0.0.3", "127.0.0.4"
CONFIG = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location / {{
      proxy_pass http://127.0.0.1:{behind};
      proxy_bind {proxy};
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Port $server_port;
    }}
  }}
}}
"""


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Site:
    """An application behind nginx. ``port``: of nginx; ``behind``: of the application itself."""

    port: int
    behind: int

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def ask(self, path: str, *, source: str = CLIENT, direct: bool = False, **more: Any) -> Answer:
        """One request from the address ``source``, to the proxy or past it; no redirect is followed."""
        if direct:
            connection = http.client.HTTPConnection("127.0.0.1", self.behind, 20, source_address=(source, 0))
        else:
            trusting = ssl._create_unverified_context()
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self.port, timeout=20, source_address=(source, 0), context=trusting
            )
        try:
            connection.request(more.pop("method", "GET"), path, **more)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())
        finally:
            connection.close()

    def sign_in(self, forged: str, **more: Any) -> int:
        """The status of a wrong sign-in that says it came from ``forged``."""
        headers = {"Content-Type": "application/json", "X-Forwarded-For": forged, "X-Forwarded-Proto": "https"}
        body = json.dumps({"username": "nobody", "password": "wrong"})
        return self.ask("/api/v1/security/login", method="POST", body=body, headers=headers, **more).status


@pytest.fixture(scope="module")
def nginx() -> str:
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        missing_part("nginx")
    return str(found)


Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Starts programs in the project's folder; they end with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*command: str, said: Path, **more: str) -> subprocess.Popen[str]:
        # nginx dates every answer by the machine's own clock, and a browser reckons the end of a cookie from that date.
        left_out = ("DATABASE_URL", "TRUSTED_PROXIES", "HTTPS", moment.AHEAD)
        environment = {k: v for k, v in os.environ.items() if k not in left_out} | more
        with said.open("w") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, text=True, stdout=log, stderr=subprocess.STDOUT
            )
        started.append(process)
        return process

    yield begin
    for process in reversed(started):
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory, nginx: str) -> Path:
    folder = tmp_path_factory.mktemp("nginx")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return folder


def served_by(name: str, port: int) -> list[str]:
    if name == "run.py":
        return [sys.executable, "run.py", "--port", str(port)]
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    return [*gunicorn, "--threads", "4", "run:served()"]


@pytest.fixture(scope="module", params=["run.py", "gunicorn"])
def site(
    request: pytest.FixtureRequest, nginx: str, certificate: Path, run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Site:
    folder = tmp_path_factory.mktemp("site")
    site = Site(free_port(), free_port())
    settings = {
        "INSTANCE_PATH": str(folder), "HTTPS": "1", "TRUSTED_PROXIES": PROXY, "LOGIN_RATE_LIMIT": f"{LIMIT} per minute"
    }  # fmt: skip
    for command in (["setup"], ["fab", "create-admin", *ADMIN]):
        prepared = run(sys.executable, "-m", "flask", "--app", "run", *command, said=folder / "said", **settings)
        assert prepared.wait(PATIENCE) == 0, (folder / "said").read_text()
    server = run(*served_by(request.param, site.behind), said=folder / "said", **settings)
    for part in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
        (certificate / part).mkdir(exist_ok=True)
    written = certificate / f"{request.param}.conf"
    written.write_text(CONFIG.format(folder=certificate, port=site.port, behind=site.behind, proxy=PROXY))
    front = run(nginx, "-c", str(written), "-e", str(certificate / "error.log"), said=certificate / "said")
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert server.poll() is None, (folder / "said").read_text()
        assert front.poll() is None, (certificate / "said").read_text()
        try:
            if site.ask("/health").status != 502:
                return site
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.3)
    pytest.fail("the application did not come up behind nginx")


def test_the_login_page_is_reached_over_https(site: Site) -> None:
    home = site.ask("/")
    assert home.status == 302
    assert home.headers["Location"].startswith(("/login/", f"{site.url}/login/"))
    login = site.ask("/login/")
    assert login.status == 200
    assert "Strict-Transport-Security" in login.headers
    cookie = login.headers["Set-Cookie"]
    assert "Secure" in cookie
    assert "HttpOnly" in cookie


def test_a_browser_signs_in(site: Site, chromium: Browser) -> None:
    context = chromium.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"{site.url}/")
    assert page.url.startswith(f"{site.url}/login/")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", PASSWORD)
    page.click("form [type=submit]")
    page.wait_for_url(f"{site.url}/")
    assert all(cookie["secure"] for cookie in context.cookies())
    context.close()


def test_the_limit_counts_the_clients_address(site: Site) -> None:
    """What a client writes into the header itself changes nothing, and one client's attempts are not another's."""
    answers = [site.sign_in(f"198.51.100.{n}", source=CLIENT) for n in range(LIMIT + 1)]
    assert answers == [401] * LIMIT + [429]
    assert site.sign_in("198.51.100.9", source=OTHER) == 401


def test_who_passes_the_proxy_by_is_not_believed(site: Site) -> None:
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "198.51.100.1"}
    for headers in ({}, forged):
        answer = site.ask("/login/", direct=True, headers=headers)
        assert answer.status == 302
        assert answer.headers["Location"] == f"https://127.0.0.1:{site.behind}/login/"
    # From the proxy's own address the same is believed.
    answer = site.ask("/", direct=True, source=PROXY, headers=forged)
    assert answer.headers["Location"].startswith(("/login/", "https://evil.example/login/"))


def test_the_address_stays_the_proxys_when_it_is_not_named(make_app: Callable[..., Flask]) -> None:
    """Without HTTPS nobody is trusted; with it, and no word about proxies, loopback is."""
    assert from_environment()["TRUSTED_PROXIES"] == []
    for address in ("127.0.0.1", "::1"):
        assert seen(make_app, {"HTTPS": "1"}, address, "203.0.113.9") == ("203.0.113.9", "https")
    assert seen(make_app, {}, "127.0.0.1", "203.0.113.9") == ("127.0.0.1", "http")
    assert seen(make_app, {"HTTPS": "1", "TRUSTED_PROXIES": "10.0.0.1"}, "127.0.0.1", "203.0.113.9")[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 10.1.2.3, fd00::7, ::ffff:10.9.9.9", "203.0.113.9"),
        ("10.1.2.3", "10.1.2.3"),
        ("10.0.0.5, 2001:db8::9, 10.1.2.3", "2001:db8::9"),
        ("unknown, 10.1.2.3", "unknown"),
        ("", ""),
    ],
)
def test_the_client_is_the_last_that_is_no_proxy(make_app: Callable[..., Flask], forwarded: str, client: str) -> None:
    proxies = {"HTTPS": "1", "TRUSTED_PROXIES": "10.0.0.0/8, fd00::/8"}
    for peer in ("10.0.0.1", "::ffff:10.0.0.1"):
        assert seen(make_app, proxies, peer, forwarded)[0] == (client or peer)


def test_a_unix_socket_is_on_this_machine(make_app: Callable[..., Flask]) -> None:
    assert seen(make_app, {"HTTPS": "1"}, "", "203.0.113.9") == ("203.0.113.9", "https")
    assert seen(make_app, {"HTTPS": "1", "TRUSTED_PROXIES": "10.0.0.1"}, "", "203.0.113.9")[0] == ""


def test_an_unnamed_proxy_is_logged(make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture) -> None:
    for _twice in range(2):
        seen(make_app, {"HTTPS": "1"}, "192.0.2.44", "203.0.113.9")
    warnings = [record.message for record in caplog.records if "192.0.2.44" in record.message]
    assert len(warnings) == 1
    assert "TRUSTED_PROXIES" in warnings[0]


@pytest.mark.parametrize("wrong", ["nginx", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.1;10.0.0.2", "127.0.0.1 ::1"])
def test_proxies_that_can_not_be_read_stop_the_start(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="TRUSTED_PROXIES") as refused:
        from_environment({"INSTANCE_PATH": str(tmp_path), "TRUSTED_PROXIES": f"127.0.0.1, {wrong}"})
    assert wrong in str(refused.value)


def seen(make_app: Callable[..., Flask], settings: dict[str, str], peer: str, forwarded: str) -> tuple[str | None, str]:
    """The address and the scheme that a page sees, of a request by ``peer``."""
    read = from_environment({"INSTANCE_PATH": os.environ["INSTANCE_PATH"]} | settings)
    app = make_app(**{key: read[key] for key in ("HTTPS", "TRUSTED_PROXIES")})
    found: list[tuple[str | None, str]] = []
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: found.append((request.remote_addr, request.scheme)))
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
    app.test_client().get("/login/", headers=headers, environ_overrides={"REMOTE_ADDR": peer})
    return found[0]
