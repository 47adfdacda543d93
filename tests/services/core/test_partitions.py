"""The history by months on PostgreSQL: what held before holds after, for the one who writes and the one who reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from app.extensions import db
from app.models import Case, Comment, Event
from app.services.cases import comments, transitions
from app.services.core import clock, history, partitions
from app.services.core.access import SYSTEM
from app.services.core.wording import PURGED
from tests.cast import Cast
from tests.moment import beginning
from tests.services.cases.test_transitions import REPORT, depok


@pytest.fixture
def app(make_app: Callable[..., Flask], pg_url: str) -> Flask:
    return make_app(SQLALCHEMY_DATABASE_URI=pg_url)


def reported(cso: Any, days: int) -> int:
    with clock.at(clock.now() - timedelta(days=days)):
        pk = int(transitions.create(cso, "keluhan", REPORT).id)
        comments.write(cso, "keluhan", pk, "Sudah ditelepon")
    return pk


def rows_in(days: int) -> int:
    month = clock.now() - timedelta(days=days)
    return int(db.session.scalar(text(f"SELECT count(*) FROM partitions.events_{month:%Y_%m}")) or 0)


def is_refused(statement: str, kind: type[Exception] = DatabaseError) -> None:
    with pytest.raises(kind):
        db.session.execute(text(statement))
    db.session.rollback()


def test_a_grown_history_by_months(app: Flask) -> None:
    with app.test_request_context():
        depok()
        cso = Cast(app).actor("cso")
        old, recent = reported(cso, 65), reported(cso, 0)
        before = db.session.scalar(select(func.count(Event.id)))
        db.session.remove()
    runner = app.test_cli_runner()
    done = runner.invoke(args=["partition-events"])
    assert (done.exit_code, "6 months" in done.output) == (0, True), done.output
    again = runner.invoke(args=["partition-events"])
    assert (again.exit_code, "already" in again.output) == (1, True)

    with app.test_request_context():
        assert db.session.scalar(select(func.count(Event.id))) == before
        assert (rows_in(65), rows_in(0)) == (2, 2)
        assert inspect(db.engine).get_table_names().count("events") == 1
        assert not any(name.startswith("events_") for name in inspect(db.engine).get_table_names())
        # It goes on as before: new events, comments, purges, and nothing is rewritten.
        new = reported(cso, 0)
        comments.write(cso, "keluhan", old, "Masih padam")
        assert rows_in(0) == 5
        assert list(history.verify(db.session())) == []
        assert sorted(db.session.scalars(select(Event.seq).where(Event.case_id == old))) == [1, 2, 3]
        assert set(db.session.scalars(select(Case.id))) == {old, recent, new}
        is_refused("DELETE FROM events")
        is_refused("UPDATE events SET actor_name = 'x'")
        emptied = f"UPDATE events SET note = NULL, changes = NULL, salt = NULL WHERE case_id = {old} AND seq <= 3"
        is_refused(emptied)
        case = db.session.get_one(Case, old)
        history.append(db.session(), case, SYSTEM, PURGED, clock.now(), from_state=case.state)
        db.session.execute(text(emptied))
        db.session.rollback()
        # One seq of a case once, also across months; one id; a comment of an event that there is.
        columns = ", ".join(c.name for c in Event.__table__.c if c.name not in ("id", "at"))
        other = "timestamp '2020-01-01'"
        is_refused(f"INSERT INTO events ({columns}, at) SELECT {columns}, {other} FROM events LIMIT 1", IntegrityError)
        renumbered = columns.replace("seq", "seq + 100", 1)
        copied = f"INSERT INTO events ({columns}, id, at) SELECT {renumbered}, id, {other} FROM events LIMIT 1"
        is_refused(copied, IntegrityError)
        is_refused("UPDATE comments SET event_id = 987654", IntegrityError)
        assert db.session.query(Comment).count() == 4


def test_a_month_is_read_without_the_others(app: Flask) -> None:
    with app.test_request_context():
        depok()
        reported(Cast(app).actor("cso"), 65)
        db.session.remove()
        partitions.partition()
        first = beginning().replace(day=1)
        plan = "\n".join(
            db.session.scalars(
                text("EXPLAIN SELECT count(*) FROM events WHERE at >= :first AND at < :last"),
                {"first": f"{first:%Y-%m-%d}", "last": f"{first:%Y-%m}-27"},
            )
        )
        assert f"events_{first:%Y_%m}" in plan
        assert plan.count(" on events_") == 1, plan


def test_months_are_made_before_they_begin(app: Flask) -> None:
    with app.test_request_context():
        assert partitions.keep_ahead() == 0, "nothing is done where the history is one table"
        partitions.partition()
        assert partitions.keep_ahead() == 0
        with clock.at(clock.now() + timedelta(days=40)):
            assert partitions.keep_ahead() in (1, 2)
            assert partitions.keep_ahead() == 0
        depok()
        with clock.at(clock.now() + timedelta(days=400)):
            transitions.create(Cast(app).actor("cso"), "keluhan", REPORT)
            assert db.session.scalar(text("SELECT count(*) FROM partitions.events_other")) == 1
            db.session.remove()
            partitions.keep_ahead()
        assert list(history.verify(db.session())) == [], "one that nobody foresaw has its place too"


def test_sqlite_says_no(make_app: Callable[..., Flask], tmp_path: Any) -> None:
    done = make_app(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'one.sqlite3'}").test_cli_runner().invoke(
        args=["partition-events"]
    )  # fmt: skip
    assert (done.exit_code, "PostgreSQL" in done.output) == (1, True)
