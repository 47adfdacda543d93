"""The stage and the cast: a fresh application for every test, and one user per role."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from app import create_app
from app.extensions import db
from app.services.accounts import setup
from tests import databases, moment
from tests.cast import Cast
from tests.reuse import Reused

#: A password hash that costs nothing, no limits on sign-ins: tests sign in hundreds of times.
SETTINGS: dict[str, Any] = {
    "TESTING": True,
    "SECRET_KEY": "a secret of the tests, long enough to sign with",
    "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1",
    "RATELIMIT_ENABLED": False,
    "WTF_CSRF_ENABLED": False,
    "PROPAGATE_EXCEPTIONS": False,
    "UPLOAD_MAX_BYTES": 2 << 20,
}
_put_away = count(1)
#: Debian's, the one without a window where it is there: the same engine, in two thirds of the time.
BROWSERS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
CHROMIUM = Path(os.environ.get("CHROMIUM") or next(filter(os.path.exists, BROWSERS), BROWSERS[-1]))
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
CLOCK = pytest.StashKey[moment.Clock]()
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def pytest_configure(config: pytest.Config) -> None:
    """The tests' clock is there before a test is read, and as long as what many tests share."""
    # The hundred processes that tests start need not compile the same files again and again, a second each.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    config.stash[CLOCK] = moment.Clock()
    config.add_cleanup(config.stash[CLOCK].stop)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a browser takes part in and what is tried at random is marked slow without a mark of its own."""
    for item in items:
        browser = "chromium" in getattr(item, "fixturenames", ())
        if browser or getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def moment_clock(pytestconfig: pytest.Config) -> moment.Clock:
    """Each test begins at the same moment, no matter how long those before it took."""
    clock = pytestconfig.stash[CLOCK]
    clock.begin()
    return clock


def missing_part(what: str) -> None:
    """A part that a test needs is not on this machine: a reason to skip at home, a failure in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} must be there in CI")
    pytest.skip(f"needs {what}")


def settings_for(folder: Path, **more: Any) -> dict[str, Any]:
    return SETTINGS | {
        "INSTANCE_PATH": str(folder),
        # The same files for all apps of a run.
        "ASSETS_PATH": str(Path(os.environ["INSTANCE_PATH"]) / "assets"),
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'tuntas.sqlite3'}",
        "STORAGE_URL": f"file://{folder / 'files'}",
        "QUEUE_URL": f"sqlite:///{folder / 'queue.sqlite3'}",
    } | more  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def _own_instance(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of a test is written into the project's own instance folder."""
    os.environ["INSTANCE_PATH"] = str(tmp_path_factory.mktemp("instance"))
    os.environ.pop("DATABASE_URL", None)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated and filled SQLite file, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    made = create_app(settings_for(folder))
    with made.app_context():
        setup.prepare()
        db.session.remove()
        db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.session.remove()
        db.engine.dispose()
    return folder / "tuntas.sqlite3"


@pytest.fixture(scope="session")
def pg_server() -> Iterator[Engine]:
    server = databases.server()
    try:
        server.connect().close()
    except OperationalError:
        missing_part("a PostgreSQL server")
    yield server
    server.dispose()


@pytest.fixture(scope="session")
def pg_template(pg_server: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated and filled database, made once; each test gets a copy."""
    with databases.own_database(pg_server) as name:
        settings = settings_for(tmp_path_factory.mktemp("pg"), SQLALCHEMY_DATABASE_URI=databases.url_of(name))
        made = create_app(settings)
        with made.app_context():
            setup.prepare()
            db.session.remove()
            db.engine.dispose()
        yield name


@pytest.fixture(scope="session")
def fresh(request: pytest.FixtureRequest) -> databases.Sqlite | databases.Postgresql:
    """Lays fresh databases, on the engine that the suite runs on."""
    if databases.CHOSEN == "sqlite":
        return databases.Sqlite(request.getfixturevalue("template"))
    return _on_postgresql(request)


def _on_postgresql(request: pytest.FixtureRequest) -> databases.Postgresql:
    return databases.Postgresql(request.getfixturevalue("pg_server"), request.getfixturevalue("pg_template"))


@pytest.fixture
def make_app(fresh: databases.Sqlite | databases.Postgresql, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Makes an app on a fresh database; its arguments are settings."""
    made: list[Flask] = []

    def make(**more: Any) -> Flask:
        folder = tmp_path / f"instance{len(made)}"
        folder.mkdir()
        laid = {} if "SQLALCHEMY_DATABASE_URI" in more else {"SQLALCHEMY_DATABASE_URI": fresh.lay(folder)}
        made.append(create_app(settings_for(folder, **laid, **more)))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        fresh.drop(Path(app.config["INSTANCE_PATH"]))
        _put_out_of_sight()


def _put_out_of_sight() -> None:
    """Flask-AppBuilder lets go of no app that it has built; the collector need not look through all of them again and
    again."""
    if next(_put_away) % 50 == 0:
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session")
def reused(
    fresh: databases.Sqlite | databases.Postgresql, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reused]:
    yield from _reused(fresh, tmp_path_factory.mktemp("reused"))


@pytest.fixture(scope="session")
def pg_reused(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reused]:
    yield from _reused(_on_postgresql(request), tmp_path_factory.mktemp("pg_reused"))


def _reused(fresh: databases.Sqlite | databases.Postgresql, folder: Path) -> Iterator[Reused]:
    yield Reused(settings_for(folder, SQLALCHEMY_DATABASE_URI=fresh.lay(folder)), lambda: fresh.lay(folder))
    fresh.drop(folder)


@pytest.fixture
def app(reused: Reused) -> Iterator[Flask]:
    reused.renew()
    yield reused.app
    reused.rest()


@pytest.fixture
def pg_url(pg_server: Engine, pg_template: str) -> Iterator[str]:
    """A database of its own on the PostgreSQL server, ready to use."""
    with databases.own_database(pg_server, pg_template) as name:
        yield databases.url_of(name)


@pytest.fixture
def pg_app(pg_reused: Reused) -> Iterator[Flask]:
    """The same application on PostgreSQL."""
    pg_reused.renew()
    yield pg_reused.app
    pg_reused.rest()


@pytest.fixture(params=databases.BOTH)
def any_app(request: pytest.FixtureRequest) -> Flask:
    """Both databases, one after the other."""
    return request.getfixturevalue("app" if request.param == databases.CHOSEN else "pg_app")


@pytest.fixture(params=databases.BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database in which nothing is, on both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    with databases.own_database(request.getfixturevalue("pg_server")) as name:
        yield databases.url_of(name)


@pytest.fixture
def cast(app: Flask) -> Cast:
    return Cast(app)


@pytest.fixture
def any_cast(any_app: Flask) -> Cast:
    return Cast(any_app)


@pytest.fixture
def time() -> Iterator[time_machine.Coordinates]:
    """The clock stands still, until the test moves it."""
    with time_machine.travel(datetime.fromisoformat(moment.ORDINARY), tick=False) as traveller:
        yield traveller


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def pdf() -> bytes:
    return PDF


@pytest.fixture(scope="session")
def mp3() -> bytes:
    """A second of silence: MPEG-1 layer III frames, 128 kbit/s, 44.1 kHz."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    return b"ID3\x03\x00\x00\x00\x00\x00\x00" + frame * 39


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        missing_part("Debian's chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()
