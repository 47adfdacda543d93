"""Empty instances on both databases into which archives are put back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app import create_app
from tests.conftest import settings_for
from tests.services.backup.copying import emptied, fill, taken
from tests.services.documents.test_full_disk import small_disk

__all__ = ["small_disk"]


@pytest.fixture(scope="session")
def sqlite_kept(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("target")
    return create_app(settings_for(folder, SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder / 'tuntas.sqlite3'}"))


@pytest.fixture(scope="session")
def postgresql_kept(pg_server: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    name = f"tuntas_test_{uuid.uuid4().hex[:12]}"
    url = pg_server.url.set(database=name).render_as_string(hide_password=False)
    with pg_server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield create_app(settings_for(tmp_path_factory.mktemp("target"), SQLALCHEMY_DATABASE_URI=url))
    with pg_server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def target(sqlite_kept: Flask) -> Flask:
    """An empty instance."""
    return emptied(sqlite_kept)


@pytest.fixture
def pg_target(postgresql_kept: Flask) -> Flask:
    """An empty instance on PostgreSQL, whose schema and sequences need the most care."""
    return emptied(postgresql_kept)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_target(request: pytest.FixtureRequest) -> Flask:
    return emptied(request.getfixturevalue(f"{request.param}_kept"))


@pytest.fixture
def archive(app: Flask, tmp_path: Path) -> Path:
    """Of an instance with something in every table."""
    fill(app)
    taken(app, tmp_path / "copy.tar")
    return tmp_path / "copy.tar"
