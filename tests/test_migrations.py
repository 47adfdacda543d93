"""The migrations: up and down on both databases, and nothing that the models have is missing."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_appbuilder import Model
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from app.extensions import db
from app.migrations.env_options import included


def test_up_and_down_and_up_again(any_app: Flask) -> None:
    with any_app.app_context():
        db.session.remove()
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()
        assert "cases" in inspect(db.engine).get_table_names()


def test_the_migrations_make_what_the_models_describe(any_app: Flask) -> None:
    with any_app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": included})
        assert compare_metadata(context, Model.metadata) == []
