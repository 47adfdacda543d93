"""How long a search takes with many reports: ``python -m benchmarks.search --cases 1000000``.

Fills an empty database (SQLite in a folder of its own, or ``DATABASE_URL``) with seeded reports straight into the
tables, or takes up one that it filled before, then measures searches of every kind in milliseconds of server time.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from benchmarks.people import Report, Town, misspelt

BATCH = 5_000
UNITS = 100
SEARCHES = 100
GOAL_MS = 50


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cases", type=int, default=5_000)
    options.add_argument("--searches", type=int, default=SEARCHES, help="of each kind")
    options.add_argument("--folder", type=Path, help="where the database is kept for the next run")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["INSTANCE_PATH"] = str(folder)
        from app import create_app
        from app.services.accounts import setup

        app = create_app({"RATELIMIT_ENABLED": False})
        with app.app_context(), app.test_request_context():
            setup.migrate()
            fill(chosen.cases)
            measure(chosen.cases, chosen.searches)


def fill(cases: int) -> None:
    """Reports straight into the tables, with their rows in the search index."""
    from app.extensions import db
    from app.models import Case
    from app.services.core.database import count_anew, write_transaction

    there = db.session.scalar(select(func.count()).select_from(Case)) or 0
    if there:
        print(f"{there} cases are there already")
        return
    started = time.perf_counter()
    vocabulary: set[str] = set()
    with write_transaction() as session:
        poskos = _poskos(session)
    reports = Town(random.Random(1)).reports(cases, poskos)
    for batch in _batches(reports):
        with write_transaction() as session:
            _write(session, batch, vocabulary)
    count_anew()
    print(f"{cases} cases made in {time.perf_counter() - started:.0f} s, {len(vocabulary)} words known")


def _poskos(session: Session) -> list[tuple[int, int]]:
    """``(posko id, unit id)`` of new master data."""
    from app.models import Posko, Unit

    units = [Unit(code=f"U{n}", name=f"ULP {n}", active=True) for n in range(UNITS)]
    poskos = [Posko(code=f"P{n}", name=f"Posko {n}", unit=unit, active=True) for n, unit in enumerate(units)]
    session.add_all(poskos)
    session.flush()
    return [(posko.id, posko.unit.id) for posko in poskos]


def _batches(reports: Iterator[Report]) -> Iterator[list[Report]]:
    batch: list[Report] = []
    for report in reports:
        batch.append(report)
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def _write(session: Session, batch: list[Report], vocabulary: set[str]) -> None:
    from app.models import Case, Link
    from app.models.derive import case_model
    from app.services.search import index, tokens
    from app.services.search.tables import KEYS, WORDS
    from app.sop import SOPS

    if not batch:
        return
    engine = index.engine_of(session)
    own: dict[str, list[dict[str, Any]]] = {}
    keys, texts, links, new = [], [], [], set()
    for report in batch:
        sop = SOPS[report.sop]
        for name in sop.fields:
            report.__dict__.setdefault(name, None)
        own.setdefault(report.sop, []).append(report.own())
        keys += [{"case_id": report.id, "field": f, "key": k, "is_open": report.closed_at is None}
                 for f, k in tokens.keys_of(sop, report)]  # fmt: skip
        words = tokens.words_of(sop, report)
        texts.append((report.id, " ".join(words)))
        new |= {word for word in words if index.is_word(word)}
        if report.mutated_from:
            links.append({"kind": "mutation", "source_id": report.mutated_from, "target_id": report.id})
    session.execute(insert(Case.__table__), [report.shared() for report in batch])
    for key, rows in own.items():
        session.execute(insert(case_model(key).__table__), rows)
    session.execute(insert(KEYS), keys)
    for pk, words in texts:
        engine.write(session, pk, words, True)
    if new - vocabulary:
        session.execute(insert(WORDS), [{"word": word} for word in sorted(new - vocabulary)])
    if links:
        session.execute(insert(Link), links)
    vocabulary |= new


def measure(cases: int, searches: int) -> None:
    """Prints the median and the 95th percentile of each kind of search."""
    from app.extensions import db
    from app.services.core.access import Actor
    from app.services.search.search import search

    chance = random.Random(2)
    everyone = Actor(1, "CSO", frozenset({"CSO"}))
    unit = Actor(2, "Unit", frozenset({"Unit"}), unit_id=7)
    total: list[float] = []
    print(f"{'search':28}{'p50 ms':>10}{'p95 ms':>10}{'max ms':>10}{'found':>8}")
    for name, (actor, ask) in _kinds(chance, everyone, unit).items():
        times, found = [], 0
        for _n in range(searches):
            query = ask(_any(chance, cases))
            db.session.remove()
            started = time.perf_counter()
            found += bool(search(actor, query))
            times.append((time.perf_counter() - started) * 1000)
        total += times
        print(f"{name:28}{_line(times)}{found:>8}")
    print(f"{'all':28}{_line(total)}")
    quick = sum(t < GOAL_MS for t in total) / len(total)
    print(f"{quick:.1%} of {len(total)} searches under {GOAL_MS} ms")


def _line(times: list[float]) -> str:
    return f"{statistics.median(times):>10.1f}{statistics.quantiles(times, n=20)[-1]:>10.1f}{max(times):>10.1f}"


def _any(chance: random.Random, cases: int) -> Any:
    from app.extensions import db
    from app.models import Case

    return db.session.get(Case, chance.randint(1, cases))


def _kinds(chance: random.Random, everyone: Any, unit: Any) -> dict[str, tuple[Any, Callable[[Any], str]]]:
    def some(text: str, how_many: int) -> list[str]:
        words = [word for word in text.replace(",", " ").split() if len(word) > 3 and word.isalpha()]
        return chance.sample(words, min(how_many, len(words)))

    kinds: dict[str, Callable[[Any], str]] = {
        "number": lambda c: c.number,
        "number with spaces": lambda c: f"{c.number[:3]} {c.number[3:9]} {c.number[9:]}",
        "last digits of a number": lambda c: c.number[-5:],
        "phone": lambda c: c.phone,
        "phone in other writing": lambda c: f"+62 {c.phone[1:4]}-{c.phone[4:8]}-{c.phone[8:]}",
        "customer id": lambda c: c.customer_id,
        "name": lambda c: c.name,
        "one word of a name": lambda c: c.name.split()[0],
        "misspelt name": lambda c: " ".join(misspelt(chance, word) for word in c.name.split()),
        "address": lambda c: c.address,
        "misspelt address": lambda c: " ".join(misspelt(chance, w) for w in some(c.address, 2)),
        "name and street": lambda c: " ".join([*c.name.split()[:1], *some(c.address, 1)]),
        "words of the description": lambda c: " ".join(some(c.description, 3)),
        "one common word": lambda c: chance.choice(["listrik", "padam", "jalan", "lampu", "jl", "no"]),
        "nothing like it": lambda c: "".join(chance.choices("bcdfgqxzw", k=9)),
    }
    measured = {name: (everyone, ask) for name, ask in kinds.items()}
    limited = ("name", "misspelt name", "words of the description", "one common word", "last digits of a number")
    return measured | {f"unit: {name}": (unit, kinds[name]) for name in limited}


if __name__ == "__main__":
    main()
