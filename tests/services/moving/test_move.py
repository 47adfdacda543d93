"""An instance moves from SQLite and a folder to PostgreSQL and a bucket: all of it, and as often as one likes."""

from __future__ import annotations

import io
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, create_engine, inspect, text

from app.extensions import db
from app.models import AuditEntry, Case, Document, Event, User
from app.services.audit import log as audit
from app.services.cases import comments, transitions
from app.services.core import history
from app.services.documents import documents, storage
from app.services.moving import tables, target
from app.services.search.search import search
from tests import buckets, databases
from tests.buckets import Bucket
from tests.cast import Cast
from tests.services.cases.test_transitions import REPORT, depok

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 120
NUMBERS = 6


@pytest.fixture
def empty(pg_server: Engine) -> Iterator[str]:
    """A PostgreSQL database in which nothing is."""
    with databases.own_database(pg_server) as name:
        yield databases.url_of(name)


@pytest.fixture
def filled(template: Path, make_app: Callable[..., Flask], tmp_path: Path, pdf: bytes) -> Flask:
    """A SQLite instance: reports, one of them mutated, a comment, files, users; a table of an SOP that is no more, and
    a field."""
    folder = tmp_path / "filled"
    app = make_app(
        INSTANCE_PATH=str(folder), SQLALCHEMY_DATABASE_URI=databases.Sqlite(template).lay(_made(folder)),
        STORAGE_OPTIONS=buckets.KEYS, STORAGE_URL=f"file://{folder / 'files'}",
    )  # fmt: skip
    with app.test_request_context():
        depok()
        cast = Cast(app)
        cso, unit = cast.actor("cso"), cast.actor("unit", unit="ULP-DPK")
        for number in range(NUMBERS):
            uploads: Any = {"foto": [documents.Upload("foto é.pdf", io.BytesIO(pdf + bytes([number])))]}
            case = transitions.create(cso, "keluhan", REPORT | {"name": f"Sri {number} – “é”"}, uploads)
        pk = case.id
        transitions.perform(unit, "keluhan", pk, "mutate_to_gangguan", {"mutation_reason": "urgent"})
        comments.write(cso, "keluhan", pk, "Sudah ditelepon")
        storage.put("exports/one", io.BytesIO(b"report"))
        storage.put("incoming/on-its-way", io.BytesIO(b"half"))
        for statement in (
            "CREATE TABLE parcel (id INTEGER NOT NULL PRIMARY KEY REFERENCES cases (id), weight BIGINT, sent DATETIME, "
            "parts JSON, whole BOOLEAN)",
            "INSERT INTO parcel VALUES (1, 12, '2026-01-02 03:04:05.000006', '{\"b\": 1,  \"a\": null}', 1)",
            "ALTER TABLE keluhan ADD COLUMN retired TEXT",
            "UPDATE keluhan SET retired = 'kept'",
        ):
            db.session.execute(text(statement))
        db.session.commit()
        db.session.remove()
    return app


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def run(app: Flask, database: str, storage_url: str = "") -> Result:
    arguments = ["move-to", "--database", database, *(["--storage", storage_url] if storage_url else [])]
    done = app.test_cli_runner().invoke(args=arguments)
    with app.app_context():
        db.session.remove()
    return done


def holds_the_same(app: Flask, url: str) -> None:
    """Table by table, whoever else counts."""
    engine = create_engine(url)
    with app.app_context(), db.engine.connect() as source, engine.connect() as moved:
        names = set(tables.names(source))
        assert names == set(tables.names(moved))
        for name in names:
            columns = tables.plain(source, name).c.keys()
            sums = [
                tables.summed(tables.rows(one, tables.plain(one, name), columns), lambda _n: None)
                for one in (source, moved)
            ]
            assert sums[0] == sums[1], name
    engine.dispose()


def test_all_of_it_is_there_and_goes_on(
    filled: Flask, make_app: Callable[..., Flask], empty: str, bucket: Bucket, pdf: bytes
) -> None:
    done = run(filled, empty, bucket.url)
    assert done.exit_code == 0, done.output
    assert f"{NUMBERS + 1} files" in done.output
    assert "postgres:" not in done.output
    holds_the_same(filled, empty)
    assert not any("on-its-way" in key for key in bucket.files())
    again = run(filled, empty, bucket.url)
    assert (again.exit_code, "moved already" in again.output) == (0, True), again.output

    moved = make_app(SQLALCHEMY_DATABASE_URI=empty, **bucket.settings)
    with moved.test_request_context():
        assert list(history.verify(db.session())) == []
        [told] = db.session.query(AuditEntry).filter_by(action="command.done", subject="move-to")
        assert (told.actor_name.endswith("(terminal)"), list(audit.verify(db.session()))) == (True, [])
        cso = Cast(moved).actor("cso")
        before = [case.number for case in db.session.query(Case).filter_by(sop="keluhan").order_by(Case.id)]
        assert [found.case.number for found in search(cso, "sri 3")][:1] == [before[3]]
        uploads: Any = {"foto": [documents.Upload("b.pdf", io.BytesIO(pdf))]}
        new = transitions.create(cso, "keluhan", REPORT, uploads)
        assert int(new.number[-5:]) == int(before[-1][-5:]) + 1, "numbers go on"
        assert Cast(moved).user("newcomer", "cs") == "newcomer", "ids of users too"
        assert list(history.verify(db.session())) == []
        db.session.remove()
    assert Cast(moved).api("cso").get("/keluhan/1/documents/foto/content").data == pdf + bytes([0])
    other = run(filled, empty, bucket.url)
    assert (other.exit_code, "something else" in other.output) == (1, True), "it has gone on by itself"


def test_every_table_is_covered_whatever_comes_later(filled: Flask) -> None:
    with filled.app_context(), db.engine.connect() as source:
        there = set(inspect(source).get_table_names())
        assert "parcel" in tables.names(source)
        left = there - set(tables.names(source)) - {tables.VERSION}
        assert all(name.startswith(tables.INDEX) for name in left), "only the index goes another way"
        assert left >= {"search_text"}


def test_a_database_or_bucket_of_something_else_is_left_alone(
    filled: Flask, pg_url: str, empty: str, bucket: Bucket
) -> None:
    refused = run(filled, pg_url)
    assert (refused.exit_code, "something else" in refused.output) == (1, True)
    bucket.client.put_object(Bucket=bucket.name, Key="tuntas/another/one", Body=b"x")
    refused = run(filled, empty, bucket.url)
    assert (refused.exit_code, "another/one" in refused.output) == (1, True)
    assert list(bucket.files()) == ["tuntas/another/one"]
    engine = create_engine(empty)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    for wrong in ("sqlite:///x.sqlite3", "postgresql://nobody@127.0.0.1:1/nothing"):
        refused = run(filled, wrong)
        assert refused.exit_code == 1, refused.output
        assert "Traceback" not in refused.output


def test_not_while_somebody_writes(filled: Flask, empty: str) -> None:
    filled.config["DATABASE_BUSY_MS"] = 50
    path = db_path(filled)
    with filled.app_context():
        db.engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with filled.app_context():
            db.session.connection().exec_driver_sql("PRAGMA busy_timeout=50")
            db.session.remove()
        refused = run(filled, empty)
        other.execute("ROLLBACK")
    assert (refused.exit_code, "Stop the server" in refused.output) == (1, True), refused.output


def test_what_is_damaged_does_not_move(filled: Flask, empty: str) -> None:
    folder = Path(filled.config["INSTANCE_PATH"]) / "files" / "documents"
    file = next(path for path in folder.rglob("*") if path.is_file())
    kept = file.read_bytes()
    file.write_bytes(kept[:-1] + b"?")
    refused = run(filled, empty)
    assert (refused.exit_code, "its hash is another" in refused.output) == (1, True), refused.output
    file.unlink()
    refused = run(filled, empty)
    assert (refused.exit_code, "1 documents have no file" in refused.output) == (1, True), refused.output
    file.write_bytes(kept)
    with closing(sqlite3.connect(db_path(filled))) as writer, writer:
        writer.execute("DROP TRIGGER events_unaltered")
        writer.execute("UPDATE events SET actor_name = 'Somebody' WHERE id = 2")
    refused = run(filled, empty)
    assert (refused.exit_code, "1 histories were tampered" in refused.output) == (1, True), refused.output
    engine = create_engine(empty)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM cases")) == 0
        assert inspect(connection).has_table(target.MARK.name), "nobody takes it for an instance"
    engine.dispose()


def db_path(app: Flask) -> str:
    return str(app.config["SQLALCHEMY_DATABASE_URI"]).removeprefix("sqlite:///")


def test_killed_and_begun_again_it_is_the_same(filled: Flask, empty: str, tmp_path: Path) -> None:
    folder = tmp_path / "moved"
    environment = os.environ | {"INSTANCE_PATH": filled.config["INSTANCE_PATH"]}
    command = [sys.executable, "-m", "flask", "--app", "run", "move-to", "--database", empty]
    engine = create_engine(empty)

    def a_file() -> bool:
        return any(path.is_file() for path in folder.rglob("*"))

    def the_mark() -> bool:
        return bool(inspect(engine).has_table(target.MARK.name))

    for reached in (a_file, the_mark):
        process = subprocess.Popen(
            [*command, "--storage", f"file://{folder}"], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        until = time.monotonic() + PATIENCE
        while not reached():
            assert process.poll() is None or reached(), process.communicate()[0]
            assert time.monotonic() < until
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    engine.dispose()
    done = run(filled, empty, f"file://{folder}")
    assert done.exit_code == 0, done.output
    holds_the_same(filled, empty)
    with filled.app_context():
        kept = {one.storage_key: one.sha256 for one in db.session.query(Document)}
        assert db.session.query(Event).count() > NUMBERS
        assert db.session.query(User).count()
    assert all((folder / key).is_file() for key in kept)
    shutil.rmtree(folder)
