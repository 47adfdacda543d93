"""The way in: run.py as a person starts it."""

from __future__ import annotations

import os
import re
import shutil
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


@pytest.mark.parametrize("wrong", [{"APKT_CODE": "99"}, {"APKT_CODE": "5"}, {"UPLOAD_MAX_MB": "many"}])
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
