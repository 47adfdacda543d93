"""A deployment that has had its first day, shared by tests that only look, or only try to break it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from app import create_app
from app.demo import whole
from app.extensions import db
from tests import databases
from tests.conftest import settings_for
from tests.hostility.crawl import Site


def _filled(folder: Path, **more: str) -> Iterator[Flask]:
    app = create_app(settings_for(folder, **more))
    with app.app_context():
        whole.fill(0, 2026, lambda told: None)
        db.session.remove()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    for app in _filled(tmp_path_factory.mktemp("filled")):
        yield Site(app)


@pytest.fixture(scope="session")
def pg_site(pg_server: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with databases.own_database(pg_server) as name:
        for app in _filled(tmp_path_factory.mktemp("filled_pg"), SQLALCHEMY_DATABASE_URI=databases.url_of(name)):
            yield Site(app)


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Site:
    return request.getfixturevalue("sqlite_site" if databases.CHOSEN == "sqlite" else "pg_site")
