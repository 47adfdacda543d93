"""How long people wait for their pages in a grown deployment: ``python -m benchmarks.working_day --cases 200000``.

Fills an empty database with the demo, measures, adds so many cases, and measures the same pages again as the demo's
users, through the test client: milliseconds of server time, and how many times slower than in the small demo.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select

REQUESTS = 20
PASSWORD = "tuntas-demo"
USERS = ("cso", "unit", "cs", "legal", "supervisor")
#: A number leads straight to its case.
FINE = (200, 302)
Times = dict[str, list[float]]
#: A page: who asks, and where, anew for each request.
Ask = tuple[str, Callable[[], str]]


def main() -> None:
    logging.getLogger("flask_appbuilder").setLevel(logging.ERROR)
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=5_000)
    options.add_argument("--seed", type=int, default=2026)
    options.add_argument("--requests", type=int, default=REQUESTS, help="of each page")
    options.add_argument(
        "--cpu", action="store_true", help="this process's processor time, for a machine that is busy otherwise"
    )
    options.add_argument("--database", help="URL of an empty database; default: SQLite")
    options.add_argument(
        "--keep", type=Path, help="instance folder that is kept, or taken up when it is filled already"
    )
    chosen = options.parse_args()
    clock = time.process_time if chosen.cpu else time.perf_counter
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary) / "grown"
        grown = _app(folder, chosen.database)
        with grown.app_context():
            there = _cases()
        if there:
            print(f"{there} cases are there already; the small demo is one of its own")
            small = measure(_demo(_app(Path(temporary) / "small")), chosen.requests, clock)
        else:
            small = measure(_demo(grown), chosen.requests, clock)
            _grow(grown, chosen.cases, chosen.seed)
        tell(small, measure(grown, chosen.requests, clock))


def _app(folder: Path, database: str | None = None) -> Flask:
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["INSTANCE_PATH"] = str(folder)
    os.environ["DATABASE_URL"] = database or ""
    from app import create_app
    from app.services.accounts import setup

    app = create_app({"RATELIMIT_ENABLED": False, "WTF_CSRF_ENABLED": False})
    with app.app_context():
        setup.prepare()
    return app


def _cases() -> int:
    from app.extensions import db
    from app.models import Case

    return int(db.session.scalar(select(func.count()).select_from(Case)) or 0)


def _demo(app: Flask) -> Flask:
    from app.demo import day

    with app.app_context():
        day.fill()
    return app


def _grow(app: Flask, cases: int, seed: int) -> None:
    from app.demo import bulk

    with app.app_context():
        for progress in bulk.fill(cases, seed):
            print(progress, flush=True)
    print(f"filled in {progress.seconds:.0f} s")


def measure(app: Flask, requests: int, clock: Callable[[], float] = time.perf_counter) -> Times:
    """Milliseconds of each request, by page."""
    clients: dict[str, Any] = {}
    for user in USERS:
        clients[user] = app.test_client()
        clients[user].post("/login/", data={"username": user, "password": PASSWORD})
    with app.app_context():
        measured = pages(random.Random(3))
    times: Times = {}
    for name, (user, path) in measured.items():
        times[name] = []
        for number in range(requests + 1):
            with app.app_context():
                wanted = path()
            started = clock()
            answer = clients[user].get(wanted)
            if answer.status_code not in FINE:
                print(f"{name}: {wanted} answers {answer.status_code}")
            if number:  # the first one warms up
                times[name].append((clock() - started) * 1000)
    return times


def pages(chance: random.Random) -> dict[str, Ask]:
    found: dict[str, Ask] = {f"worklist, {user}": (user, lambda: "/") for user in USERS}
    lists = {
        "list, cso": ("cso", "/keluhan/"),
        "list, unit": ("unit", "/gangguan/"),
        "list, cs": ("cs", "/pengaduan/"),
        "list, supervisor": ("supervisor", "/keluhan/"),
        "list by state": ("cso", "/keluhan/?state=in_progress"),
        "list, mine": ("unit", "/gangguan/?mine=1"),
        "list, late": ("cs", "/pengaduan/?due=late"),
        "list by name": ("cso", "/keluhan/?_oc_KeluhanView=name&_od_KeluhanView=asc"),
        "list, words": ("supervisor", "/pengaduan/?q=tagihan"),
        "dashboard": ("supervisor", "/dashboard/"),
        "dashboard, one SOP": ("supervisor", "/dashboard/pengaduan"),
        "steps, longest": ("supervisor", "/dashboard/keluhan/rows?left=reported&order=longest"),
        "records": ("supervisor", "/dashboard/pengaduan/rows?recorded=callbacks"),
        "conformance": ("supervisor", "/conformance/pengaduan"),
        "agenda": ("legal", "/agenda/"),
        "reports": ("supervisor", "/reports/"),
        "notices": ("cs", "/notices/"),
    }
    found |= {name: (user, lambda path=path: path) for name, (user, path) in lists.items()}
    found |= {f"case, {sop}": (user, lambda sop=sop: f"/{sop}/{_any(chance, sop).id}") for sop, user in (
        ("keluhan", "cso"), ("pengaduan", "cs"), ("somasi", "legal"))}  # fmt: skip
    kinds: dict[str, Callable[[Any], str]] = {
        "number": lambda c: c.number,
        "phone": lambda c: c.phone,
        "name": lambda c: c.name,
        "one word": lambda c: c.name.split()[0],
        "misspelt": lambda c: c.name.replace("a", "e", 1),
        "common words": lambda c: "listrik padam",
    }
    return found | {f"search, {kind}": ("cso", lambda ask=ask: _search(ask(_any(chance, "keluhan"))))
                    for kind, ask in kinds.items()}  # fmt: skip


def _search(words: str) -> str:
    from urllib.parse import urlencode

    return "/search?" + urlencode({"q": words})


def _any(chance: random.Random, sop: str) -> Any:
    """A case of the SOP by chance; its columns must outlast the session."""
    from app.extensions import db
    from app.models.derive import case_model

    model: Any = case_model(sop)
    last = db.session.scalar(select(func.max(model.id)))
    query = select(model).where(model.id >= chance.randint(1, last)).order_by(model.id).limit(1)
    return db.session.scalars(query).unique().one()


def tell(small: Times, grown: Times) -> None:
    print(f"{'page':24}{'p50 ms':>10}{'p95 ms':>10}{'small p50':>12}{'times':>8}")
    for name, times in grown.items():
        middle, before = statistics.median(times), statistics.median(small[name])
        worst = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else middle
        print(f"{name:24}{middle:>10.1f}{worst:>10.1f}{before:>12.1f}{middle / before:>8.2f}")


if __name__ == "__main__":
    main()
