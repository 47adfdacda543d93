"""Who reads for long, or sends slowly, keeps nobody from writing: SQLite has one write lock, and pages that held it
while they read have cost others a sign-in. Tried by writing at the same time, by a writer without patience."""

from __future__ import annotations

import io
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.extensions import db
from app.models import Case
from app.services.core.database import in_write_transaction
from app.web.hardening import _writes_without_transaction
from tests.cast import PASSWORD, Api, Cast
from tests.conftest import PDF
from tests.databases import sqlite_alone
from tests.hostility.crawl import Site
from tests.hostility.senders import names
from tests.hostility.test_slow_clients import answers
from tests.servers import Server, ending, wait_until

pytestmark = sqlite_alone


class Writer:
    """Another process that wants to write, at every statement of a request: when it could not, and what was at it."""

    def __init__(self, app: Flask) -> None:
        self.path = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
        self.app, self.kept_out, self.tries = app, list[str](), 0

    def can_write(self) -> bool:
        with closing(sqlite3.connect(self.path, timeout=0, isolation_level=None)) as other:
            try:
                other.execute("BEGIN IMMEDIATE")
                other.execute("ROLLBACK")
            except sqlite3.OperationalError:
                return False
            return True

    @contextmanager
    def trying(self) -> Iterator[Writer]:
        def tried(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if in_write_transaction():
                return  # who has begun to write has all that they need
            self.tries += 1
            if not self.can_write():
                self.kept_out.append(statement[:100])

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", tried)
        try:
            yield self
        finally:
            event.remove(engine, "before_cursor_execute", tried)


def ours(site: Site, seed: str) -> list[Any]:
    """What is sent to us, but for the forms of Flask-AppBuilder."""
    views = site.app.view_functions
    return [rule for rule in site.one_of_each("POST", seed) if not _writes_without_transaction(views[rule.endpoint])]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["admin", "cs"])
def test_nobody_is_kept_from_writing_while_a_request_reads(sqlite_site: Site, name: str) -> None:
    """Every address of ours to which something is sent, with what a form of it might hold."""
    client, tries, kept_out = sqlite_site.client(name), 0, {}
    for rule in ours(sqlite_site, name):
        address = sqlite_site.address(rule, sqlite_site.there(rule))
        with Writer(sqlite_site.app).trying() as writer:
            client.post(address, data={})
            client.post(address, data=dict.fromkeys(names(), "1"))
        tries += writer.tries
        if writer.kept_out:
            kept_out[rule.rule] = writer.kept_out[:3]
    assert kept_out == {}
    assert tries > 150


CUSTOMERS = b"number;name;address\r\n" + b"".join(b"C%d;Nama %d;Jalan %d\r\n" % (n, n, n) for n in range(3000))


def gestures(cast: Cast) -> Iterator[tuple[str, str, Callable[[FlaskClient], Any]]]:
    """What reads for long before it writes, if it writes at all: who does it, and how."""
    with cast.app.app_context():
        ids = db.session.scalars(select(Case.id).where(Case.sop == "pengaduan")).all()
        db.session.remove()
    yield (
        "a table of customers is looked at",
        "admin",
        lambda client: client.post("/customers/load", data={"file": (io.BytesIO(CUSTOMERS), "a.csv")}),
    )
    yield (
        "a step on many cases is looked at",
        "spv",
        lambda client: client.post("/pengaduan/bulk", data={"ids": ids, "step": "assign"}),
    )
    yield "a report is asked for", "admin", lambda client: client.post("/reports/cases", data={"form": "xlsx"})
    yield "reports are narrowed", "admin", lambda client: client.post("/reports/", data={"sop": "pengaduan"})
    yield "who calls is looked for", "cs", lambda client: client.post("/pengaduan/new/known", data={"said": "0812"})
    yield (
        "a document is read",
        "cs",
        lambda client: client.post(
            f"/pengaduan/{ids[0]}/documents",
            data={"attachment": (io.BytesIO(PDF * 2000), "a.pdf"), "doc": "attachment"},
        ),
    )
    yield "what is due is purged", "admin", lambda client: client.post("/retention/purge", data={"ids": ids})


def test_nor_while_one_looks_through_much(sqlite_site: Site) -> None:
    cast, seen = Cast(sqlite_site.app), 0
    for what, name, gesture in gestures(cast):
        client = sqlite_site.client(name)
        with Writer(sqlite_site.app).trying() as writer:
            answer = gesture(client)
        assert answer.status_code < 500, what
        assert writer.kept_out == [], (what, writer.kept_out[:5])
        seen += writer.tries
    assert seen > 30


@pytest.mark.slow
def test_nobody_waits_for_a_slow_upload(make_app: Callable[..., Flask]) -> None:
    """Somebody who may upload sends half a form and then nothing, in a session of a program; others write meanwhile."""
    app = make_app()
    token = Api(app.test_client(), Cast(app).user("cs")).headers["Authorization"]
    folder = Path(app.config["INSTANCE_PATH"])
    server = Server(folder, WEB_WORKERS="1", WEB_THREADS="4", DATABASE_BUSY_MS="300", SECRET_KEY=app.secret_key)
    with ending(server.process):
        wait_until(lambda: answers(server.port), "the server did not come up")
        with closing(socket.create_connection(("127.0.0.1", server.port), timeout=15)) as line:
            line.sendall(
                f"POST /api/v1/pengaduan/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n"
                "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 300000\r\n\r\n"
                '--b\r\nContent-Disposition: form-data; name="reporter_name"\r\n\r\nBudi'.encode()
            )
            said = {"username": "cs", "password": PASSWORD}
            for _turn in range(5):
                status, answer = server.post("/api/v1/security/login", said, {})
                assert status == 200, answer
                status, answer = server.post("/api/v1/notices/read", {}, {"Authorization": token})
                assert status < 500, answer
