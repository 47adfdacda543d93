"""The way in: run.py as a person starts it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from config import WrongSetting, from_environment

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        port = free_port()
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"INSTANCE_PATH": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "run.py", "--port", str(port), *arguments],
            cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        started.append(process)
        return process, f"http://127.0.0.1:{port}"

    yield run
    for process in started:
        process.terminate()
        process.wait(20)


def wait_for(process: subprocess.Popen[str], url: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, process.stdout and process.stdout.read()
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    pytest.fail("the server did not come up")


def test_the_first_start_makes_a_secret_and_an_admin(start: Callable[..., tuple[subprocess.Popen[str], str]],
                                                     tmp_path: Path) -> None:  # fmt: skip
    process, url = start()
    wait_for(process, url)
    secret = tmp_path / "secret_key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    process.terminate()
    said = process.communicate(timeout=20)[0]
    assert re.search(r"user name admin, password \S{12,}", said)
    kept = secret.read_text()
    process, url = start()
    wait_for(process, url)
    process.terminate()
    assert "password" not in process.communicate(timeout=20)[0]
    assert secret.read_text() == kept


def test_the_demo_refuses_any_address_but_loopback(start: Callable[..., tuple[subprocess.Popen[str], str]]) -> None:
    process, _url = start("--demo", "--host", "0.0.0.0")
    assert process.wait(60) == 2


SERVER = {"SMTP_URL": "smtp://tuntas:a%40b@mail.example.co.id", "MAIL_FROM": "PT Terang <layanan@example.co.id>"}
WRONG: list[dict[str, str]] = [
    {"APKT_CODE": "99"}, {"APKT_CODE": "5"}, {"UPLOAD_MAX_MB": "many"}, {"MAIL_MAX_MB": "0"},
    *({"SMTP_URL": url, "MAIL_FROM": SERVER["MAIL_FROM"]} for url in (
        "mail.example.co.id", "http://mail.example.co.id", "smtp://", "smtp://host:port", "smtp://host:99999",
        "smtp://host/path", "smtp://host?starttls=never", "smtp://host?tls=1", "smtp://user:p@ss/word@host",
    )),
    {"MAIL_FROM": "", "SMTP_URL": SERVER["SMTP_URL"]},
    *({"MAIL_FROM": sender} for sender in (
        "Tuntas", "a@b", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example", "Tuntas <>", "@b.example",
    )),
]  # fmt: skip


def test_the_mail_server_is_read_from_its_url(tmp_path: Path) -> None:
    def server(url: str) -> Any:
        made = from_environment({"INSTANCE_PATH": str(tmp_path)} | SERVER | {"SMTP_URL": url})
        return made["SMTP"]

    there = server(SERVER["SMTP_URL"])
    assert (there.host, there.port, there.user, there.password) == ("mail.example.co.id", 587, "tuntas", "a@b")
    assert there.tls == "required", "a password never goes over the network in the clear"
    for url, port, tls in (
        ("smtps://mail.example.co.id", 465, "always"), ("smtp://mail.example.co.id:25", 25, "offered"),
        ("smtp://mail.example.co.id?starttls=required", 587, "required"), ("smtp://u:p@127.0.0.1:25", 25, "offered"),
    ):  # fmt: skip
        assert (server(url).port, server(url).tls) == (port, tls), url
    assert server("") is None


def test_a_password_is_not_told_when_its_url_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting) as refused:
        from_environment({"INSTANCE_PATH": str(tmp_path)} | SERVER | {"SMTP_URL": "smtp://u:rahasia@host/x"})
    assert "rahasia" not in str(refused.value)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: "".join(wrong.values()))
def test_a_setting_that_can_not_be_right_is_named(wrong: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=next(iter(wrong))):
        from_environment({"INSTANCE_PATH": str(tmp_path)} | wrong)


def test_a_worker_of_its_own_stops_on_a_signal(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"INSTANCE_PATH": str(tmp_path)}
    command = [sys.executable, "-m", "flask", "--app", "run"]
    subprocess.run([*command, "setup"], cwd=ROOT, env=environment, check=True)
    for left in tmp_path.glob("queue.sqlite3*"):
        left.unlink()
    worker = subprocess.Popen(
        [*command, "worker"],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    until = time.monotonic() + PATIENCE
    while not (tmp_path / "queue.sqlite3").exists() and time.monotonic() < until:
        assert worker.poll() is None
        time.sleep(0.2)
    time.sleep(2)
    worker.terminate()
    assert worker.wait(30) == 0, worker.stdout and worker.stdout.read()


UNREADY = {
    "gunicorn": [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "run:served()"],
    "worker": [sys.executable, "-m", "flask", "--app", "run", "worker"],
}


@pytest.mark.parametrize("server", UNREADY)
def test_whoever_serves_an_unready_database_is_told_what_to_do_first(tmp_path: Path, server: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"INSTANCE_PATH": str(tmp_path)}
    stopped = subprocess.run(
        UNREADY[server], cwd=ROOT, env=environment, text=True, capture_output=True, timeout=PATIENCE, check=False
    )
    assert stopped.returncode not in (0, None)
    assert "flask --app run setup" in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_open_cases_in_a_state_that_is_gone_stop_the_start(
    start: Callable[..., tuple[subprocess.Popen[str], str]], template: Path, tmp_path: Path
) -> None:
    shutil.copy(template, tmp_path / "tuntas.sqlite3")
    with closing(sqlite3.connect(tmp_path / "tuntas.sqlite3")) as database:
        for number in (1, 2):
            database.execute(
                "INSERT INTO cases (number, sop, state, round, title, reporter_name, reporter_phone, created_at, "
                "changed_at, state_since, requested_documents, history_hash, version) "
                "VALUES (?, 'keluhan', 'gone', 1, '', '', '', ?, ?, ?, '[]', '', 1)",
                [number, *["2026-01-01 00:00:00"] * 3],
            )
        database.commit()
    process, _url = start()
    said = process.communicate(timeout=PATIENCE)[0]
    assert process.returncode == 1
    [line] = [line for line in said.splitlines() if "gone" in line]
    for named in ("keluhan", "2 ", "flask --app run sop move-cases keluhan"):
        assert named in line
    assert "Traceback" not in said


#: Each way in with a document that is wrong, as somebody would start it.
STARTS = {
    "run.py": [sys.executable, "run.py", "--port", "0"],
    "demo": [sys.executable, "run.py", "--demo", "--port", "0"],
    "setup": [sys.executable, "-m", "flask", "--app", "run", "setup"],
    "gunicorn": [sys.executable, "-m", "gunicorn", "--workers", "3", "--bind", "127.0.0.1:0", "run:served()"],
}
REFUND = (ROOT / "tests" / "refund.toml").read_text(encoding="utf-8")
MISTAKES = [
    "refund/sop.toml: states.awaiting_proof.kind: unknown kind “wait”; did you mean “waiting”?",
    "refund/sop.toml: deadlines.refund.limit: “14 workdays” must look like “14 working days”",
]


@pytest.fixture
def wrong(tmp_path: Path) -> dict[str, str]:
    """The environment of a deployment with a wrong document of its own."""
    own = tmp_path / "own" / "refund" / "sop.toml"
    own.parent.mkdir(parents=True)
    own.write_text(REFUND.replace('"waiting"', '"wait"').replace("14 working days", "14 workdays"), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    return environment | {"INSTANCE_PATH": str(tmp_path / "instance"), "SOP_PATH": str(tmp_path / "own")}


@pytest.mark.slow
@pytest.mark.parametrize("way", STARTS)
def test_a_wrong_document_ends_the_start_with_a_line_for_each_mistake(
    way: str, wrong: dict[str, str], tmp_path: Path
) -> None:
    ended = subprocess.run(
        STARTS[way], cwd=ROOT, env=wrong, text=True, capture_output=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode == 3
    told = [line for line in ended.stderr.splitlines() if "[INFO]" not in line]
    assert told == MISTAKES
    assert "Booting worker" not in ended.stderr
    assert not list(tmp_path.glob("instance/*")), "nothing was begun"


@pytest.mark.slow
def test_a_reload_with_a_wrong_document_ends_gunicorn_instead_of_trying_for_ever(
    wrong: dict[str, str], tmp_path: Path
) -> None:
    document = tmp_path / "own" / "refund" / "sop.toml"
    broken = document.read_text(encoding="utf-8")
    document.write_text(REFUND, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "flask", "--app", "run", "setup"], cwd=ROOT, env=wrong, check=True)
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "run:served()"],
        cwd=ROOT, env=wrong, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_for(server, f"http://127.0.0.1:{port}")
        document.write_text(broken, encoding="utf-8")
        server.send_signal(signal.SIGHUP)
        said = server.communicate(timeout=PATIENCE)[1]
    finally:
        server.terminate()
        server.wait(20)
    assert server.returncode == 3
    assert [line for line in said.splitlines() if line in MISTAKES] == MISTAKES
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_lenient_start_leaves_the_wrong_document_out_and_says_so(wrong: dict[str, str]) -> None:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "run.py", "--port", str(port)], cwd=ROOT, env=wrong | {"SOP_LENIENT": "1"}, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_for(server, f"http://127.0.0.1:{port}")
        for key, status in (("somasi", 401), ("refund", 404)):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{key}/", timeout=PATIENCE)
            assert refused.value.code == status
    finally:
        server.terminate()
    assert server.communicate(timeout=20)[1].splitlines()[:2] == MISTAKES
