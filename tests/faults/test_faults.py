"""A short run of ``benchmarks/faults``: nothing is torn, whatever fails; and who judges that is not blind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.models import Document
from app.services.documents import storage
from app.services.evidence import checkpoints
from benchmarks.faults import acts, judge
from benchmarks.faults.house import House, chance_of, furnish
from tests import databases
from tests.conftest import missing_part, settings_for

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
#: Every act once.
KILLS = "10"


#: Files keep the time of the machine, so that its clock is that of those who write them.
NOT_OURS = ("DATABASE_URL", "PYTEST_ADDOPTS", "TEST_CLOCK_AHEAD")


def tried(*options: str) -> dict[str, dict[str, Any]]:
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    command = [sys.executable, "-m", "benchmarks.faults", "--json", *options]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.stdout, done.stderr[-3000:]
    figures: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == (1 if any(one["wrongs"] for one in figures.values()) else 0)
    return figures


@pytest.mark.parametrize("engine", databases.BOTH)
def test_nothing_is_torn_where_work_is_killed(request: pytest.FixtureRequest, engine: str) -> None:
    if engine == "postgresql":
        request.getfixturevalue("pg_server")
    [figures] = tried("--kills", KILLS, "--database", engine).values()
    assert figures["wrongs"] == []
    assert sum(figures["killed"].values()) == int(KILLS)


@pytest.mark.parametrize("what", ["failing writes", "full disk", "server restarted", "several, sqlite", "clock"])
def test_nothing_is_torn_where_things_go_wrong_around(what: str) -> None:
    for name, figures in tried("--hostile", "1", "--only", what).items():
        if reason := figures.get("not tried"):
            missing_part(f"{name}: {reason}")
        assert figures["wrongs"] == [], name


@pytest.fixture
def house(make_app: Callable[..., Flask], tmp_path: Path) -> House:
    app = make_app(MAILBOXES=())
    house = House(app, Path(settings_for(tmp_path)["INSTANCE_PATH"]), "sqlite")
    furnish(house)
    return house


TORN = {
    "undeclared_states": "UPDATE cases SET state = 'elsewhere'",
    "torn_cases": "DELETE FROM keluhan",
    "bad_numbers": "UPDATE counters SET value = value + 1",
    "torn_mutations": "DELETE FROM links",
    "false_evidence": "UPDATE keluhan SET address = 'elsewhere'",
    "broken_chains": "UPDATE cases SET history_hash = 'x'",
}


@databases.sqlite_alone
@pytest.mark.parametrize("question", [*TORN, "files"])
def test_what_is_torn_is_seen(house: House, question: str) -> None:
    with house.inside():
        for name in ("mutation", "upload"):
            acts.ACTS[name](house, chance_of(name))
        checkpoints.complete()
        assert judge.wrongs(house) == []
        if question == "files":
            storage.forget(db.session.scalars(select(Document.storage_key).limit(1)).one())
        else:
            db.session.execute(text("PRAGMA foreign_keys=OFF"))
            db.session.execute(text(TORN[question]))
            db.session.commit()
        assert question in {wrong.partition(":")[0] for wrong in judge.wrongs(house)}
