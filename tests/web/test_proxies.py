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

from app import create_app
from app.extensions import db
from config import WrongSetting, from_environment
from tests import moment
from tests.api.stories.test_hard_complaint import CALL, REQUEST
from tests.cast import PASSWORD, Cast
from tests.conftest import missing_part, settings_for
from tests.recordings import silence
from tests.test_run import PATIENCE, ROOT, free_port

LIMIT = 3
#: Name and role.
USERS = {"admin": "Admin", "spv": "SPV", "qco": "QCO"}
#: The proxy speaks to the application from an address of its own, so a test can bypass it. Loopback is a whole network.
PROXY, CLIENT, OTHER, PROGRAM = "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"
#: What surrounds the example of ``deploy/nginx`` on a machine where nobody is root.
AROUND = """
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {example}
}}
"""
EXAMPLE = ROOT / "deploy" / "nginx" / "tuntas.conf"


def nginx_configuration(folder: Path, port: int, plain: int, behind: int) -> str:
    """The example as it is, but for the names, ports and paths of this machine; each of them stands in it."""
    example = EXAMPLE.read_text(encoding="utf-8")
    for said, here in {
        "server 127.0.0.1:8080;": f"server 127.0.0.1:{behind};",
        "listen 80;\n    listen [::]:80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl http2;\n    listen [::]:443 ssl http2;": f"listen 127.0.0.1:{port} ssl http2;",
        "/etc/ssl/tuntas/fullchain.pem": f"{folder}/cert.pem",
        "/etc/ssl/tuntas/privkey.pem": f"{folder}/key.pem",
        "/var/log/nginx/tuntas.log": f"{folder}/access.log",
        "/opt/tuntas/": f"{ROOT}/",
        "proxy_pass http://tuntas;": f"proxy_pass http://tuntas; proxy_bind {PROXY};",
    }.items():
        assert said in example, said
        example = example.replace(said, here)
    return AROUND.format(folder=folder, example=example)


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Site:
    """An application behind nginx. ``port``: of nginx, with TLS; ``plain``: without; ``behind``: of the application
    itself; ``log``: what the application has said; ``front``: nginx' folder."""

    port: int
    behind: int
    plain: int
    log: Path
    front: Path

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
            return Answer(answer.status, answer.headers, answer.read().decode("utf-8", "replace"))
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
    return [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "run:served()"]


@pytest.fixture(scope="module")
def peopled(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder whose database has the users."""
    folder = tmp_path_factory.mktemp("peopled")
    shutil.copy(template, folder / "tuntas.sqlite3")
    cast = Cast(create_app(settings_for(folder)))
    for name, role in USERS.items():
        cast.user(name, role)
    with cast.app.app_context():
        db.session.remove()
        db.engine.dispose()
    return folder


@pytest.fixture(scope="module", params=["run.py", "gunicorn"])
def site(
    request: pytest.FixtureRequest, nginx: str, certificate: Path, run: Run, peopled: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Site:  # fmt: skip
    folder = tmp_path_factory.mktemp("site")
    site = Site(free_port(), free_port(), free_port(), folder / "said", certificate)
    settings = {
        "INSTANCE_PATH": str(folder), "HTTPS": "1", "TRUSTED_PROXIES": PROXY, "LOG_FORMAT": "json",
        "LOGIN_RATE_LIMIT": f"{LIMIT} per minute", "METRICS_FROM": OTHER, "METRICS_TOKEN": "a token",
    }  # fmt: skip
    shutil.copytree(peopled, folder, dirs_exist_ok=True)
    server = run(*served_by(request.param, site.behind), said=folder / "said", **settings)
    for part in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
        (certificate / part).mkdir(exist_ok=True)
    written = certificate / f"{request.param}.conf"
    written.write_text(nginx_configuration(certificate, site.port, site.plain, site.behind), encoding="utf-8")
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


def token(site: Site, name: str) -> dict[str, str]:
    """The headers of a program that speaks for ``name``; from an address of its own, since signing in is limited."""
    body = json.dumps({"username": name, "password": PASSWORD, "provider": "db"})
    said = site.ask("/api/v1/security/login", method="POST", body=body, source=PROGRAM,
                    headers={"Content-Type": "application/json"})  # fmt: skip
    assert said.status == 200, said.text
    return {"Authorization": f"Bearer {json.loads(said.text)['access_token']}"}


def form(fields: dict[str, str], file: tuple[str, bytes]) -> tuple[dict[str, str], bytes]:
    """Headers and body of a form with a recording."""
    edge = b"----tuntas"
    parts = [
        b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (k.encode(), v.encode()) for k, v in fields.items()
    ]
    parts.append(
        b'Content-Disposition: form-data; name="voice_recording"; filename="%s"\r\n\r\n%s' % (file[0].encode(), file[1])
    )
    body = b"".join(b"--%s\r\n%s\r\n" % (edge, part) for part in parts) + b"--%s--\r\n" % edge
    return {"Content-Type": f"multipart/form-data; boundary={edge.decode()}"}, body


def test_a_recording_of_twenty_megabytes_passes_and_is_read_in_parts(site: Site) -> None:
    spv, qco = token(site, "spv"), token(site, "qco")
    body = json.dumps(REQUEST)
    made = site.ask(
        "/api/v1/hard_complaint/", method="POST", body=body, headers=spv | {"Content-Type": "application/json"}
    )
    assert made.status == 201, made.text
    case = f"/api/v1/hard_complaint/{json.loads(made.text)['id']}"
    recording = silence(5_300)
    assert len(recording) > 20 << 20
    kind, body = form({key: str(value) for key, value in CALL.items()}, ("rekaman.mp3", recording))
    kept = site.ask(f"{case}/actions/attach_recording", method="POST", body=body, headers=qco | kind)
    assert kept.status == 200, kept.text
    part = site.ask(f"{case}/documents/voice_recording/content", headers=qco | {"Range": "bytes=1000-1999"})
    assert (part.status, len(part.text)) == (206, len(recording[1000:2000].decode("utf-8", "replace")))
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(recording)}"


def test_what_is_too_large_for_the_proxy_is_refused_with_a_page(site: Site) -> None:
    refused = site.ask("/somasi/new", method="POST", headers={"Content-Length": str(1 << 30)})
    assert refused.status == 413
    assert "terlalu besar" in refused.text
    assert len(refused.headers.get_all("Strict-Transport-Security", [])) == 1


def test_every_header_of_security_stands_there_once(site: Site) -> None:
    answer = site.ask("/login/")
    for name in ("Strict-Transport-Security", "Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options",
                 "Referrer-Policy", "X-Request-ID"):  # fmt: skip
        assert len(answer.headers.get_all(name, [])) == 1, name
    plain = http.client.HTTPConnection("127.0.0.1", site.plain, timeout=20)
    plain.request("GET", "/somasi/", headers={"Host": "tuntas.example.org"})
    moved = plain.getresponse()
    assert (moved.status, moved.headers["Location"]) == (301, "https://tuntas.example.org/somasi/")
    plain.close()


def test_the_log_has_the_clients_address_and_the_proxys_id(site: Site) -> None:
    answer = site.ask("/somasi/?q=rahasia", source=OTHER)
    name = answer.headers["X-Request-ID"]
    line = json.loads(told_of(site.log, name))
    assert (line["address"], line["path"], line["status"]) == (OTHER, "/somasi/", 302)
    assert told_of(site.front / "access.log", name).startswith(OTHER)
    for log in (site.log, site.front / "access.log"):
        assert "rahasia" not in log.read_text(encoding="utf-8")


def told_of(log: Path, request_id: str) -> str:
    """The line of a request, which is written once its answer has gone out."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for line in log.read_text(encoding="utf-8").splitlines():
            if request_id in line:
                return line
        time.sleep(0.05)
    pytest.fail("the log says nothing of it")


def test_figures_are_for_who_is_named(site: Site) -> None:
    assert site.ask("/metrics", source=OTHER).status == 404, "nginx passes nobody on"
    assert site.ask("/metrics", source=CLIENT, direct=True).status == 404
    assert site.ask("/metrics", source=CLIENT, direct=True, headers={"Authorization": "Bearer another"}).status == 404
    for more in ({"source": OTHER}, {"source": CLIENT, "headers": {"Authorization": "Bearer a token"}}):
        told = site.ask("/metrics", direct=True, **more)
        assert told.status == 200
        assert 'tuntas_requests_total{method="GET",route="/login/",status="200"}' in told.text
    assert site.ask("/ready", direct=True).status == 200


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
