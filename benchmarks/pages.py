"""What a page costs: ``python -m benchmarks.pages --database URL --cases 200000``.

Fills an empty database with complaints, two of five of them open and all of those one user's turn, and calls pages as
that user through the test client. Told is processor time in milliseconds of this process and of the database's, the
median of the rounds, and how many times that of a bare Flask route with the same work (``bare.py``), called in turn
with it, that is. A database that is filled already is measured again.
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, event, text

from benchmarks.bare import bare_app
from benchmarks.filled import fill

USER, PASSWORD = "petugas", "tuntas-demo"
ROLES = ("CSO", "Unit", "Supervisor")
REPORT = {
    "name": "Siti Rahma", "address": "Jl. Mawar 1", "phone": "0812-3456-7890", "description": "Lampu padam sejak pagi",
    "channel": "cc_123",
}  # fmt: skip
#: All that a query costs stands in the one process of its connection.
OPTIONS = "?options=-cmax_parallel_workers_per_gather%3D0"
Call = Callable[[], int]


def main() -> None:
    logging.getLogger("flask_appbuilder").setLevel(logging.ERROR)
    logging.getLogger().setLevel(logging.WARNING)
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=20_000)
    options.add_argument("--database", help="URL of a database, empty or filled by this; default: SQLite")
    options.add_argument("--requests", type=int, default=20, help="of each page in a round")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", default="", help="the pages to call, separated by commas")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.database or f"sqlite:///{folder}/pages.sqlite3"
        measured_url = url + OPTIONS if url.startswith("postgresql") and "?" not in url else url
        app = _app(Path(folder), measured_url)
        engine = create_engine(measured_url)
        _fill(app, engine, chosen.cases)
        with engine.connect() as connection:
            cases, is_open = connection.execute(text(
                "SELECT count(*), count(*) - count(closed_at) FROM cases WHERE sop = 'keluhan'")).one()  # fmt: skip
        print(f"{cases:,} cases, {is_open:,} of them open, on {engine.dialect.name}")
        tell(measure(app, engine, chosen))


def _app(folder: Path, url: str) -> Flask:
    os.environ["INSTANCE_PATH"], os.environ["DATABASE_URL"] = str(folder), url
    from app import create_app
    from app.services.accounts import setup

    app = create_app({"RATELIMIT_ENABLED": False, "WTF_CSRF_ENABLED": False})
    with app.app_context():
        setup.prepare()
        security = app.appbuilder.sm  # type: ignore[attr-defined]
        if security.find_user(USER) is None:
            roles = [security.find_role(role) for role in ROLES]
            security.add_user(USER, "Petugas", "Uji", "petugas@example.test", roles, PASSWORD)
    return app


def _fill(app: Flask, engine: Engine, cases: int) -> None:
    from app.services.core import clock
    from app.sop import SOPS

    with engine.connect() as connection:
        if connection.scalar(text("SELECT count(*) FROM units")):
            return
        pk = connection.scalar(text("SELECT id FROM ab_user WHERE username = :name"), {"name": USER})
        with app.app_context():
            fill(connection, cases, clock.now(), (int(pk or 0), "Petugas Uji"), SOPS["keluhan"].revision)


def measure(app: Flask, engine: Engine, chosen: argparse.Namespace) -> dict[str, tuple[float, float, float]]:
    """By page: milliseconds of processor time, its statements, and milliseconds of the bare route."""
    wanted = set(filter(None, chosen.only.split(",")))
    with app.app_context():
        from app.extensions import db

        our_engine = db.engine
    client = app.test_client()
    assert client.post("/login/", data={"username": USER, "password": PASSWORD}).status_code == 302
    ours, bare = _ours(client, engine, wanted), _bare(bare_app(engine).test_client(), engine)
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in ours}
    for name, call in ours.items():
        _checked(name, call)
    statements = {name: _statements(our_engine, call) for name, call in ours.items()}
    for _round in range(chosen.rounds):
        for name, call in ours.items():
            found[name][0].append(_cost(engine, name, call, chosen.requests))
            plain = bare[BESIDE.get(name, "list")]
            found[name][1].append(_cost(engine, name, plain, chosen.requests))
    return {name: (statistics.median(a), statements[name], statistics.median(b)) for name, (a, b) in found.items()}


BESIDE = {"case": "case", "create": "create", "step": "step"}


def _ours(client: FlaskClient, engine: Engine, wanted: set[str]) -> dict[str, Call]:
    waiting = _ids(engine, "reported", 9)
    seen = _ids(engine, "in_progress", 7)
    # No report is like one of an earlier run.
    serial = count(int(time.time() * 20) % 10**7)
    with engine.connect() as connection:
        posko = connection.scalar(text("SELECT code FROM poskos ORDER BY id LIMIT 1"))
    calls: dict[str, Call] = {name: _get(client, address) for name, address in _lists(engine).items()}
    calls |= {
        "home": _get(client, "/"),
        "worklist": _get(client, "/tasks/"),
        "case": lambda: client.get(f"/keluhan/{next(seen)}").status_code,
        "create": lambda: client.post("/keluhan/new", data={
            **REPORT, "posko": posko, "customer_id": f"5599{(one := next(serial)):08}", "phone": f"08139{one:07}",
            "address": f"Jl. Kenanga {one}"}).status_code,
        "step": lambda: client.post(f"/keluhan/{next(waiting)}/do/start").status_code,
    }  # fmt: skip
    return {name: call for name, call in calls.items() if not wanted or name in wanted}


def _lists(engine: Engine) -> dict[str, str]:
    name = "KeluhanView"
    return {
        "list": "/keluhan/",
        "list, deep": _deep(engine),
        "list, one state": "/keluhan/?state=reported",
        "list, late": "/keluhan/?due=late",
        "list, my turn": "/keluhan/?mine=1",
        "list by name": f"/keluhan/?_oc_{name}=name&_od_{name}=asc",
        "list, newest": f"/keluhan/?_oc_{name}=created_at&_od_{name}=desc",
        "list, contains": "/keluhan/?q=santoso+12",
        "list, of a unit": f"/keluhan/?unit={_first(engine, 'units')}",
        "list, closed": "/keluhan/?closed_from=2020-01-01",
    }


def _deep(engine: Engine) -> str:
    """A page in the middle of the list."""
    with engine.connect() as connection:
        many = int(
            connection.scalar(text("SELECT count(*) FROM cases WHERE sop = 'keluhan' AND closed_at IS NULL")) or 0
        )
        try:
            from app.services.core import keyset
        except ImportError:
            return f"/keluhan/?page_KeluhanView={many // 50}"
        from app.models import Case

        open_cases = Case.__table__.select().where(
            Case.sop == "keluhan", Case.closed_at.is_(None), Case.due_at.is_not(None)
        )
        row = connection.execute(keyset.URGENT.ordered(open_cases).offset(many // 3).limit(1)).one()
        return f"/keluhan/?after={keyset.URGENT.token(row)}"


def _first(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT min(id) FROM {table}")) or 0)


def _ids(engine: Engine, state: str, step: int) -> Iterator[int]:
    """Cases in that state, from all over the table."""
    with engine.connect() as connection:
        found = connection.scalars(text(
            "SELECT id FROM cases WHERE sop = 'keluhan' AND state = :state AND claimed_by_id IS NULL "
            "AND id % :step = 0 ORDER BY id % 1009, id LIMIT 2000"), {"state": state, "step": step}).all()  # fmt: skip
    return iter(found)


def _get(client: FlaskClient, address: str) -> Call:
    return lambda: client.get(address).status_code


def _bare(client: FlaskClient, engine: Engine) -> dict[str, Call]:
    seen, waiting = _ids(engine, "in_progress", 11), _ids(engine, "in_progress", 13)
    return {
        "list": lambda: client.get("/list").status_code,
        "case": lambda: client.get(f"/case/{next(seen)}").status_code,
        "create": lambda: client.post("/create").status_code,
        "step": lambda: client.post(f"/step/{next(waiting)}").status_code,
    }


def _checked(name: str, call: Call) -> None:
    status = call()
    assert status == (302 if name in ("create", "step") else 200), f"{name}: {status}"


def _statements(engine: Engine, call: Call) -> int:
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        heard.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    call()
    event.remove(engine, "before_cursor_execute", hear)
    return len(heard)


def _cost(engine: Engine, name: str, call: Call, requests: int) -> float:
    """Milliseconds of processor time a call."""
    before = _spent(engine)
    for _request in range(requests):
        _checked(name, call)
    return (_spent(engine) - before) * 1_000 / requests


def _spent(engine: Engine) -> float:
    """Seconds of processor time of this process, and of the database's processes for this database."""
    mine = time.process_time()
    if engine.dialect.name != "postgresql":
        return mine
    with engine.connect() as connection:
        pids = connection.scalars(text(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
        )).all()  # fmt: skip
        own = connection.scalar(text("SELECT pg_backend_pid()"))
    return mine + sum(_of_process(pid) for pid in (*pids, own))


def _of_process(pid: int | None) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except FileNotFoundError:
        return 0.0


def tell(found: dict[str, tuple[float, float, float]]) -> None:
    print(f"{'':18} {'ms':>7} {'statements':>11} {'bare ms':>8} {'ratio':>6}")
    for name, (ours, statements, bare) in found.items():
        print(f"{name:18} {ours:7.1f} {statements:11.0f} {bare:8.1f} {ours / bare:6.1f}")


if __name__ == "__main__":
    main()
