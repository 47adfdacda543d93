"""What was taken is put back as it was: every row, every file, on either database, also under load."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_appbuilder import Model
from sqlalchemy import func, select, text

from app.extensions import db
from app.migrations.env_options import included
from app.models import Case, Document, Event
from app.models.derive import case_model
from app.services.accounts import setup, sop_tables
from app.services.accounts.sop_tables import Schema
from app.services.backup import rows
from app.services.backup.taking import KEY
from app.services.core import history, partitions
from app.services.documents import storage
from app.sop import SOPS
from tests.services.backup.copying import Work, checked, contents, emptied, fill, put_back, taken


def test_every_row_and_every_file_comes_back_on_either_database(
    any_app: Flask, any_target: Flask, tmp_path: Path
) -> None:
    fill(any_app)
    before = contents(any_app)
    taken(any_app, tmp_path / "copy.tar")
    report = checked(any_target, tmp_path / "copy.tar")
    assert (report.faults, report.warnings) == ([], [])
    told = put_back(any_target, tmp_path / "copy.tar")
    after = contents(any_target)
    assert after.keys() == before.keys()
    assert {name for name in before if after[name] != before[name]} == set(), told
    assert all(before[table.name] for table in Model.metadata.sorted_tables), "a table has no row to be carried"
    ours = {table.name for table in (*Model.metadata.sorted_tables, *sop_tables.own_tables())}
    assert ours <= report.manifest["tables"].keys(), "a table is not covered"
    naming = [table.name for table in Model.metadata.sorted_tables if KEY in table.columns]
    assert report.manifest["files"] == sum(report.manifest["tables"][name] for name in naming) > 3


def test_what_was_put_back_goes_on(app: Flask, pg_target: Flask, tmp_path: Path) -> None:
    """Its schema is that of a new instance, its numbers and keys follow those that there are, and it is found."""
    work = Work(app)
    first = work.case()
    taken(app, tmp_path / "copy.tar")
    put_back(pg_target, tmp_path / "copy.tar")
    with pg_target.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": included})
        assert compare_metadata(context, Model.metadata) == []
        restored = Schema.of(connection)
    with app.app_context(), db.engine.connect() as connection:
        there = Schema.of(connection)
    assert restored.leads_to == there.leads_to
    for table in sop_tables.own_tables():
        assert restored.indexes[table.name] == there.indexes[table.name]
    work.app = pg_target
    second = work.case()
    assert int(second[-5:]) == int(first[-5:]) + 1
    with pg_target.app_context():
        assert list(history.verify(db.session())) == []
        setup.prepare()
        db.session.remove()


def test_a_table_that_no_archive_knows_stops_it(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE odd (id INTEGER PRIMARY KEY, shape point)"))
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TABLE odd"))
            connection.execute(text("CREATE TABLE odd (id INTEGER PRIMARY KEY, shape)"))
    with pytest.raises(rows.Uncovered, match=r"odd\.shape"):
        taken(app, tmp_path / "copy.tar")
    assert not list(tmp_path.glob("*.tar")) + list(tmp_path.glob(".*part"))


def test_rows_of_an_sop_that_is_declared_no_more_come_back(app: Flask, pg_target: Flask, tmp_path: Path) -> None:
    """Also a field that was retired: their columns are in no declaration."""
    Work(app).case()
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE gone (id INTEGER PRIMARY KEY REFERENCES cases (id), answer VARCHAR(64))"))
        connection.execute(text("INSERT INTO gone SELECT id, 'kept' FROM cases"))
        connection.execute(text("ALTER TABLE keluhan ADD COLUMN retired DATE"))
        connection.execute(text("UPDATE keluhan SET retired = '2026-11-17'"))
    taken(app, tmp_path / "copy.tar")
    put_back(pg_target, tmp_path / "copy.tar")
    with pg_target.app_context(), db.engine.connect() as connection:
        assert connection.scalar(text("SELECT answer FROM gone")) == "kept"
        assert str(connection.scalar(text("SELECT retired FROM keluhan"))) == "2026-11-17"


def test_a_history_by_months_is_one_table(pg_app: Flask, target: Flask, tmp_path: Path) -> None:
    Work(pg_app).case()
    with pg_app.app_context():
        partitions.partition()
    before = contents(pg_app)
    taken(pg_app, tmp_path / "copy.tar")
    put_back(target, tmp_path / "copy.tar")
    assert contents(target) == before
    assert len(before["events"]) == 2
    emptied(pg_app)
    put_back(pg_app, tmp_path / "copy.tar")
    with pg_app.app_context():
        partitions.partition()
        assert list(history.verify(db.session())) == []
        db.session.remove()
    assert contents(pg_app) == before


@pytest.mark.slow
def test_taken_while_people_write(any_app: Flask, target: Flask, tmp_path: Path) -> None:
    """Three people create and move cases all the time; what an archive has is whole, whenever it was taken."""
    work, stop, made, errors = Work(any_app), threading.Event(), list[str](), list[BaseException]()

    def write() -> None:
        try:
            while not stop.is_set():
                made.append(work.case(len(made)))
        except BaseException as error:
            errors.append(error)

    people = [threading.Thread(target=write) for _person in range(3)]
    for person in people:
        person.start()
    try:
        while len(made) < 5 and not errors:
            stop.wait(0.02)
        before = len(made)
        for turn in range(3):
            taken(any_app, tmp_path / f"{turn}.tar")
        after = len(made)
    finally:
        stop.set()
        for person in people:
            person.join()
    assert errors == []
    reports = [checked(any_app, tmp_path / f"{turn}.tar") for turn in range(3)]
    assert [report.faults + report.warnings for report in reports] == [[], [], []]
    counts = [report.manifest["chains"]["cases"] for report in reports]
    assert before <= counts[0] <= counts[1] <= counts[2] <= len(made)
    assert after > before, "nobody wrote meanwhile"
    put_back(target, tmp_path / "2.tar")
    with target.app_context():
        _is_whole(counts[2])


def _is_whole(cases: int) -> None:
    session = db.session()
    assert list(history.verify(session)) == []
    model: Any = case_model("keluhan")
    assert session.scalar(select(func.count()).select_from(model)) == cases
    steps = session.execute(select(Event.case_id, func.count()).group_by(Event.case_id)).tuples().all()
    assert {count for _case, count in steps} <= {1, 2}
    states = dict(session.execute(select(Case.id, Case.state)).tuples().all())
    first = next(step.target for step in SOPS["keluhan"].transitions if step.creates)
    assert {states[pk] == first for pk, count in steps if count == 1} <= {True}
    for key, size in session.execute(select(Document.storage_key, Document.size)):
        assert storage.size(key) == size
    db.session.remove()
