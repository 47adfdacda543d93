"""A day at which everything that is secret is used, and much goes wrong, with the log at its most talkative: none of it
stands in a log, in the figures, or in what the database keeps of faults."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from app import create_app
from app.extensions import db
from app.services.core import replica
from tests.conftest import settings_for
from tests.receiver import receiving
from tests.servers import ending, started, wait_until
from tests.test_run import PATIENCE, free_port

#: Each stands for a secret of its kind, and can be told apart in whatever it gets into.
PASSWORD, TYPED = "sentinel-password-9f1", "sentinel-typed-7c2"
CHAT, HOOK, CALENDAR = "sentinelchat5d3", "sentinel-hook-1a4", "sentinel-calendar-6e5"
SETTINGS = {
    "SECRET_KEY": "sentinel-secret-key-0b6-long-enough-to-sign",
    "SMTP_URL": "smtp://tuntas:sentinel-smtp-8d7@127.0.0.1:1",
    "MAIL_FROM": "Tuntas <layanan@example.co.id>",
    "METRICS_TOKEN": "sentinel-metrics-2f8",
    "BACKUP_PASSPHRASE": "sentinel-backup-4a9",
    "MAILBOX_1_URL": "imap://tuntas:sentinel-imap-3c0@127.0.0.1:1",
    "MAILBOX_1_SOP": "pengaduan",
    "AWS_SECRET_ACCESS_KEY": "sentinel-bucket-5e1",
    "WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8",
    "LOG_LEVEL": "debug",
}


class Person:
    """A browser, and all that it was given to keep to itself."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies, self.secrets = port, dict[str, str](), set[str]()
        #: A page with a form, whose token is sent with every form.
        self.form = "/login/"

    def ask(self, method: str, path: str, form: dict[str, Any] | None = None, **headers: str) -> tuple[int, str]:
        body, said = None, dict(headers)
        if form is not None:
            body = urlencode(form | {"csrf_token": self.token()}, doseq=True)
            said |= {"Content-Type": "application/x-www-form-urlencoded"}
        said |= {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        return self._send(method, path, body, said)

    def program(self, path: str, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
        said = headers | {"Content-Type": "application/json"}
        status, text = self._send("POST", path, json.dumps(body), said)
        return status, json.loads(text)

    def token(self) -> str:
        page = self.ask("GET", self.form)[1]
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found, page[:500]
        return found[1]

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for name, morsel in SimpleCookie(answer.getheader("Set-Cookie") or "").items():
                self.cookies[name] = morsel.value
                self.secrets.add(morsel.value)
            return answer.status, answer.read().decode("utf-8", "replace")


@pytest.fixture(params=["text", "json"])
def served(request: pytest.FixtureRequest, tmp_path: Path, template: Path) -> Iterator[tuple[int, Path]]:
    """An instance with somebody who may everything, served, with a worker in it."""
    folder = tmp_path / "instance"
    folder.mkdir()
    shutil.copy(template, folder / "tuntas.sqlite3")
    app = create_app(settings_for(folder, SECRET_KEY=SETTINGS["SECRET_KEY"]))
    with app.app_context():
        security = app.appbuilder.sm
        security.add_user("admin", "Ani", "Uji", "ani@example.co.id", [security.find_role("Admin")], PASSWORD)
        db.session.remove()
        db.engine.dispose()
    port = free_port()
    command = [sys.executable, "run.py", "--port", str(port)]
    process = started(folder / "log", folder, command, **SETTINGS | {"LOG_FORMAT": request.param})
    with ending(process):
        person = Person(port)
        wait_until(lambda: up(person), "it did not begin")
        yield port, folder


def up(person: Person) -> bool:
    try:
        return person.ask("GET", "/health")[0] == 200
    except OSError:
        return False


def day(port: int, folder: Path) -> set[str]:
    """What somebody does in a day; answers what they were given."""
    person = Person(port)
    assert person.ask("POST", "/login/", {"username": "admin", "password": TYPED})[0] in (200, 302)
    assert person.ask("POST", "/login/", {"username": "admin", "password": PASSWORD})[0] == 302
    person.form = "/noticechannelview/add"
    bearer = {"username": "admin", "password": PASSWORD, "refresh": True}
    status, tokens = person.program("/api/v1/security/login", bearer)
    assert status == 200, tokens
    person.program("/api/v1/security/login", bearer | {"password": TYPED})
    held = {"Authorization": f"Bearer {tokens['access_token']}"}
    status, made = person.program("/api/v1/security/api_keys/", {"name": "program"}, **held)
    person.secrets |= set(tokens.values()) | ({made["result"]["key"]} if status == 201 else set())
    for path in ("/api/v1/pengaduan/", "/api/v1/nothing", "/api/v1/security/refresh"):
        person._send("GET", path, None, held)
        person._send("GET", path, None, {"Authorization": f"Bearer {TYPED}"})
    person.ask("GET", f"/calendar/{CALENDAR}.ics")
    person.ask("GET", f"/pengaduan/?q={TYPED}")
    with receiving() as receiver:
        for number, there in enumerate((receiver.port, 1), start=1):
            channel = {"name": f"Grup {number}", "url": f"json://bot:{CHAT}@127.0.0.1:{there}/{CHAT}", "active": "y"}
            assert person.ask("POST", "/noticechannelview/add", channel)[0] == 302
            person.ask("POST", f"/noticechannelview/test/{number}", {})
            hook = {"name": f"CRM {number}", "url": f"http://127.0.0.1:{there}/{HOOK}", "active": "y"}
            assert person.ask("POST", "/webhookview/add", hook)[0] == 302
            person.ask("POST", f"/webhookview/test/{number}", {})
        assert len(receiver.got) == 2
    slack = {"name": "Slack", "url": f"slack://T1JJ3T3L2/A1BRTD4JD/{CHAT}{CHAT}/#umum", "active": "y"}
    person.ask("POST", "/noticechannelview/add", slack)
    person.ask("POST", "/noticechannelview/test/3", {})
    found = re.search(r"whsec_[\w+/=]+", person.ask("POST", "/webhookview/secret/1", {})[1])
    assert found, "the secret of a webhook is shown to who asks for it"
    person.secrets.add(found[0])
    person.ask("POST", "/outbox/test", {"to": "ani@example.co.id"})
    person.ask("POST", "/background/run", {"name": "send_out"})
    person.ask("POST", "/background/run", {"name": "send_mails"})
    person.ask("POST", "/background/run", {"name": "read_mailbox_1"})
    wait_until(lambda: tried(folder), "nothing was sent")
    return {one for one in person.secrets if len(one) > 12}


def tried(folder: Path) -> bool:
    """Everything that was to go out was tried, and went wrong."""
    with closing(sqlite3.connect(folder / "tuntas.sqlite3", timeout=20)) as database:
        runs = {name for (name,) in database.execute("SELECT name FROM job_runs WHERE ended_at IS NOT NULL")}
        return {"send_out", "send_mails", "read_mailbox_1"} <= runs


def kept(folder: Path) -> str:
    """What the database says of faults: every text of a column that is called so, in any table."""
    said = []
    with closing(sqlite3.connect(folder / "tuntas.sqlite3", timeout=20)) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for column in [row[1] for row in database.execute(f"PRAGMA table_info({table})")]:
                if re.search(r"error|reason|problem|trouble|detail|outcome", column):
                    said += [str(row[0]) for row in database.execute(f"SELECT {column} FROM {table}")]
    return "\n".join(said)


@pytest.mark.slow
def test_no_secret_is_told_by_a_log_at_its_most_talkative(served: tuple[int, Path]) -> None:
    port, folder = served
    given = day(port, folder)
    metrics = Person(port)._send("GET", "/metrics", None, {"Authorization": f"Bearer {SETTINGS['METRICS_TOKEN']}"})
    assert metrics[0] == 200
    said = {"log": (folder / "log").read_text(), "metrics": metrics[1], "database": kept(folder)}
    assert "job" in said["log"]
    assert len(given) >= 4
    secrets = given | {"sentinel"}
    found = [(where, line[:300]) for where, text in said.items() for line in text.splitlines()
             if any(one in line for one in secrets)]  # fmt: skip
    assert found == []


@pytest.mark.slow
def test_a_database_that_is_away_is_told_without_its_password(tmp_path: Path) -> None:
    away = {"DATABASE_URL": "postgresql://tuntas:sentinel-database@127.0.0.1:1/tuntas", "LOG_LEVEL": "debug"}
    away |= {"QUEUE_URL": "redis://:sentinel-redis@127.0.0.1:1/0"}
    process = started(tmp_path / "log", tmp_path, [sys.executable, "run.py", "--port", str(free_port())], **away)
    with ending(process):
        assert process.wait(PATIENCE) != 0
    assert "sentinel" not in (tmp_path / "log").read_text()
    server = started(tmp_path / "log2", tmp_path, [sys.executable, "-m", "gunicorn", "run:served()", "--bind",
                                                   f"127.0.0.1:{(port := free_port())}"], **away)  # fmt: skip
    with ending(server):
        person = Person(port)
        wait_until(lambda: unwell(person), "it did not answer")
        for path in ("/ready", "/login/", "/api/v1/pengaduan/"):
            person.ask("GET", path)
    assert "sentinel" not in (tmp_path / "log2").read_text()


def unwell(person: Person) -> bool:
    try:
        return person.ask("GET", "/health")[0] == 503
    except OSError:
        return False


def test_every_engine_hides_what_a_statement_was_about(app: Flask, pg_url: str) -> None:
    """Also of a copy that is read from, and of one that is filled."""
    with app.app_context():
        assert db.engine.hide_parameters
    assert replica.Replica(pg_url).engine.hide_parameters
    root = Path(__file__).resolve().parents[2]
    made = [
        (path.name, line.strip())
        for path in (root / "app").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bcreate_engine\(", line)
    ]
    assert made
    assert all("hide_parameters=True" in line for _name, line in made), made
