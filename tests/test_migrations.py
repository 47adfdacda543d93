"""The migrations: up and down on both databases, and nothing that the shared models have is missing."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_appbuilder import Model
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from app import create_app
from app.extensions import db
from app.migrations.env_options import included
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
