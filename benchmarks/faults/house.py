"""An instance of its own, and the people who work in it."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, text

from app import create_app
from app.extensions import db
from app.models import Crew, Posko, Unit
from app.services.accounts import setup
from app.services.core.access import Actor, user_named
from app.services.core.database import write_transaction
from config import from_environment

#: Whoever does the steps, by their role; one of them in a unit.
ROLES = {"cso": "CSO", "unit": "Unit", "cs": "CS", "legal": "Legal", "admin": "Admin"}
POSKO, UNIT, CREW = "menteng", "ulp_menteng", "crew_1"
SERVER = os.environ.get("TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
PSYCOPG = "postgresql+psycopg://"


@dataclass(frozen=True)
class House:
    """``app`` has no connection open, so that a process that is forked off shares none."""

    app: Flask
    folder: Path
    engine: str

    @property
    def anchor(self) -> Path:
        """To which signed checkpoints are handed."""
        return self.folder / "anchor.jsonl"

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.app.app_context():
            try:
                yield
            finally:
                db.session.remove()
                db.engine.dispose()

    def actor(self, name: str) -> Actor:
        return Actor.of(user_named(name))


def build(folder: Path, engine: str, url: str = "", smtp_port: int = 0, **more: str) -> House:
    """``more``: variables of the environment."""
    environment = {
        "INSTANCE_PATH": str(folder), "DATABASE_URL": url, "RATELIMIT": "0", "ASSETS_PATH": str(folder / "assets"),
        "MAILBOX_1_URL": "imaps://layanan%40contoh.example:x@localhost", "MAILBOX_1_SOP": "pengaduan",
        "MAIL_FROM": "layanan@contoh.example", "SMTP_URL": f"smtp://127.0.0.1:{smtp_port or 9}",
        "ANCHOR_FILE": str(folder / "anchor.jsonl"),
    }  # fmt: skip
    settings = from_environment(environment | more)
    app = create_app(settings | {"TESTING": True, "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1"})
    app.logger.disabled = True
    return House(app, folder, engine)


def furnish(house: House) -> None:
    """Tables, people and places."""
    with house.inside():
        setup.prepare()
        with write_transaction() as session:
            unit = Unit(code=UNIT, name="ULP Menteng", active=True)
            session.add(Posko(code=POSKO, name="Posko Menteng", active=True, unit=unit))
            session.add(Crew(code=CREW, name="Regu 1", active=True, unit=unit))
            security: Any = house.app.appbuilder.sm  # type: ignore[attr-defined]
            for name, role in ROLES.items():
                user = security.add_user(
                    name, name.title(), "Uji", f"{name}@contoh.example", [security.find_role(role)],
                    hashed_password="x", commit=False,
                )  # fmt: skip
                user.unit = unit if name == "unit" else None


@contextmanager
def database(engine: str) -> Iterator[str]:
    """The URL of a database of its own, which goes at the end; empty: SQLite in the instance's folder. Commits wait
    for the disk, as they do in production."""
    if engine == "sqlite":
        yield ""
        return
    server = create_engine(SERVER.replace("postgresql://", PSYCOPG), isolation_level="AUTOCOMMIT")
    name = f"tuntas_faults_{uuid.uuid4().hex[:10]}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield SERVER.rsplit("/", 1)[0] + f"/{name}"
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def chance_of(*parts: object) -> random.Random:
    """Repeatable, and another one for each of ``parts``."""
    return random.Random(" ".join(map(str, parts)))
