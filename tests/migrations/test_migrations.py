"""The migrations: up and down on both databases, and nothing that the shared models have is missing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_appbuilder import Model
from flask_migrate import downgrade, upgrade
from sqlalchemy import Boolean, insert, inspect, select, text

from app import create_app
from app.extensions import db
from app.migrations.env_options import included
from app.models import Case, Event
from app.services.core import history
from tests.conftest import settings_for
from tests.services.accounts.test_sop_tables import WORDS, declared, is_set_up, parcel


def test_up_and_down_and_up_again(empty_url: str, tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, SQLALCHEMY_DATABASE_URI=empty_url))
    with app.app_context():
        upgrade()
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()
        assert "cases" in inspect(db.engine).get_table_names()
        db.session.remove()
        db.engine.dispose()


def test_the_migrations_make_what_the_models_describe(any_app: Flask) -> None:
    with any_app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": included})
        assert compare_metadata(context, Model.metadata) == []


def test_no_migration_touches_the_tables_of_an_sop_declared_or_not(any_app: Flask) -> None:
    with declared(parcel(WORDS)):
        is_set_up(any_app)
    with any_app.app_context(), db.engine.connect() as connection:
        assert "parcel" in inspect(connection).get_table_names()
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": included})
        assert compare_metadata(context, Model.metadata) == []


#: A complaint before the identity had outcomes: channel, tick, what the customer list had said; the outcome.
TICKED = [
    ("inbound", True, "full", "matched"), ("walk_in", True, "partly", "matched"),
    ("inbound", True, "none", "not_in_data"), ("email", True, None, "not_in_data"),
    ("email", False, None, "not_asked"), ("email", None, None, "not_asked"), ("inbound", None, None, None),
]  # fmt: skip


def test_the_tick_of_an_old_complaint_becomes_an_outcome(empty_url: str, tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, SQLALCHEMY_DATABASE_URI=empty_url))
    with app.app_context():
        upgrade(revision="0010")
        for pk, (channel, ticked, found, _outcome) in enumerate(TICKED, 1):
            _old_complaint(pk, channel=channel, identity_verified=ticked, identity_found=found)
    is_set_up(app)
    with app.app_context():
        assert _column("identity_verified") == [outcome for *_before, outcome in TICKED]
        kinds = {c["name"]: c["type"] for c in inspect(db.engine).get_columns("intera")}
        assert isinstance(kinds["identity_verified"], Boolean), "a tick of the same name stays"
        db.session.remove()
        downgrade(revision="0010")
        assert [bool(tick) for tick in _column("identity_verified")] == [bool(ticked) for _c, ticked, *_more in TICKED]
        upgrade()
        db.session.remove()
        db.engine.dispose()


def test_a_history_from_before_verifies_and_shows_who_it_was(empty_url: str, tmp_path: Path) -> None:
    """Its events keep no account, so what they show is the user name of today, and their hashes do without it."""
    app = create_app(settings_for(tmp_path, SQLALCHEMY_DATABASE_URI=empty_url))
    with app.app_context():
        upgrade(revision="0021")
        _old_event()
        upgrade()
        event = db.session.scalars(select(Event)).one()
        assert (event.account, event.known_account) == (None, "sari")
        assert list(history.verify(db.session())) == []
        db.session.remove()
        db.engine.dispose()


def _old_event() -> None:
    """Of a complaint, by a user, with the hash of its day."""
    _old_complaint(1, channel="email")
    sari = "INSERT INTO ab_user (id, first_name, last_name, username, email) VALUES (7, 'Sari', 'Dewi', 'sari', 'x')"
    db.session.execute(text(sari))
    parts = ["", 1, 1, "2026-03-02T01:00:00+00:00", 7, "Sari Dewi", "create", None, "reported", 1, [], "d"]
    head = hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    db.session.execute(text("UPDATE cases SET history_hash = :head"), {"head": head})
    db.session.execute(
        text(
            "INSERT INTO events (case_id, seq, at, actor_id, actor_name, action, to_state, round, documents, digest,"
            " hash) VALUES (1, 1, '2026-03-02 01:00:00', 7, 'Sari Dewi', 'create', 'reported', 1, '[]', 'd', :head)"
        ),
        {"head": head},
    )
    db.session.commit()


def _old_complaint(pk: int, **values: Any) -> None:
    row = {"id": pk, "number": f"PGD-{pk}", "sop": "pengaduan", "state": "open", "requested_documents": []}
    columns = ", ".join(values)
    with db.engine.begin() as connection:
        connection.execute(insert(Case.__table__).values(**row, version=1))
        marks = ", ".join(f":{key}" for key in values)
        connection.execute(text(f"INSERT INTO pengaduan (id, {columns}) VALUES (:id, {marks})"), {"id": pk, **values})


def _column(name: str) -> list[Any]:
    with db.engine.connect() as connection:
        return list(connection.execute(text(f"SELECT {name} FROM pengaduan ORDER BY id")).scalars())
