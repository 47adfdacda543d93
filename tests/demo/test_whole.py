"""The demo is there as a whole or not at all, whatever stops the filling."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

import run as way_in
from app import create_app
from app.demo import day, whole
from app.demo.walk import Walker
from app.extensions import db
from app.models import Case, Customer, Document, Event, HearingStage, User
from app.services.accounts.unfinished import DEMO
from app.services.documents import storage
from app.sop import SOPS
from app.workflow.declaration import Guard
from tests.conftest import settings_for
from tests.test_run import PATIENCE, ROOT, free_port

#: Neither the first nor the last that the demo fills.
SOP = "pengaduan"
#: What the demo takes three times as long without.
SHORT = ("reply_template", SOP, "hard_complaint")
NEVER = Guard("never", lambda facts: False, lambda facts: "A guard holds it up.")


def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of the SOPs alone are there; afterwards all are, in the order in which they were."""
    few = {key: sop for key, sop in SOPS.items() if key in SHORT}
    for key in reversed(list(SOPS)):
        monkeypatch.delitem(SOPS, key)
    for key, sop in few.items():
        monkeypatch.setitem(SOPS, key, sop)


def with_step(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """One of the steps of an SOP is declared otherwise."""
    sop = SOPS[SOP]
    step = next(t for t in sop.transitions if not t.creates and not t.optional)
    changed = tuple(replace(t, **changes) if t is step else t for t in sop.transitions)
    monkeypatch.setitem(SOPS, SOP, replace(sop, transitions=changed))


def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step of an SOP has a fault."""

    def fail(case: Any, work: Any) -> None:
        raise ZeroDivisionError("a fault of the test")

    with_step(monkeypatch, effects=(fail,))


def count(model: Any) -> int:
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def is_empty_and_ready(app: Flask) -> None:
    """As after ``flask setup``: the schema, the master data that SOPs begin with, nobody and nothing else."""
    with app.app_context():
        db.session.remove()
        assert [count(model) for model in (User, Case, Event, Customer)] == [0, 0, 0, 0]
        assert count(HearingStage)
        assert not whole.unfinished()
        db.session.remove()


def is_whole(app: Flask) -> None:
    with app.app_context():
        there = set(db.session.execute(select(Case.sop, Case.state)).tuples())
        assert there == {(sop.key, state.key) for sop in SOPS.values() for state in sop.states}
        assert not whole.unfinished()
        db.session.remove()


def test_a_fault_is_reported_in_one_sentence_and_nothing_is_left(
    any_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    short(monkeypatch)
    with monkeypatch.context() as patched:
        broken(patched)
        result = any_app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 1
    [said] = result.output.splitlines()
    assert re.search(rf"nothing of it is left in the database: {SOP}, step “\w+”: .*a fault of the test", said), said
    is_empty_and_ready(any_app)
    again = any_app.test_cli_runner().invoke(args=["demo"])
    assert again.exit_code == 0, again.output
    is_whole(any_app)


def test_run_says_the_same(app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    short(monkeypatch)
    broken(monkeypatch)
    monkeypatch.setattr(way_in, "create_app", lambda: app)
    assert way_in.main(["--demo"]) == 1
    [said] = capsys.readouterr().err.splitlines()
    assert "nothing of it is left" in said
    is_empty_and_ready(app)


def test_cases_take_another_way_round_a_step_that_nobody_can_do(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    short(monkeypatch)
    with_step(monkeypatch, guards=(NEVER,))
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output
    is_whole(app)


def test_its_files_go_as_well(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []

    def stop(self: Any, sop: Any) -> list[str]:
        if sop.key == SOP:
            kept.extend(db.session.scalars(select(Document.storage_key)))
            raise ZeroDivisionError("half way")
        return filled(self, sop)

    filled = day.Day.fill
    monkeypatch.setattr(day.Day, "fill", stop)
    result = app.test_cli_runner().invoke(args=["demo"])
    assert (result.exit_code, "ZeroDivisionError: half way" in result.output) == (1, True)
    assert kept
    with app.app_context():
        for key in kept:
            with pytest.raises(FileNotFoundError):
                storage.size(key)


def test_whoever_presses_ctrl_c_gets_an_empty_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(self: Any, sop: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(day.Day, "fill", stop)
    result = app.test_cli_runner().invoke(args=["demo"])
    assert (result.exit_code, "stopped" in result.output) == (130, True)
    is_empty_and_ready(app)


def test_the_large_demo_says_as_well_where_it_is_stuck(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, step: Any, *more: Any) -> None:
        raise KeyError(step.key)

    monkeypatch.setattr(Walker, "_do", broken)
    result = app.test_cli_runner().invoke(args=["demo", "--cases", "50"])
    assert result.exit_code == 1
    assert re.search(r"aborted and .*: (\w+), step “(\w+)”: KeyError: '\2'", result.output), result.output
    is_empty_and_ready(app)


def test_no_way_in_takes_half_a_demo_for_a_whole_one(
    bare: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with bare.app_context():
        DEMO.set()
    setup = bare.test_cli_runner().invoke(args=["setup"])
    assert (setup.exit_code, "half a demo" in setup.output) == (1, True)
    monkeypatch.setattr(way_in, "create_app", lambda: bare)
    with pytest.raises(SystemExit):
        way_in.served()
    assert "half a demo" in capsys.readouterr().err
    with bare.app_context():
        DEMO.remove()
    assert bare.test_cli_runner().invoke(args=["setup"]).exit_code == 0
    assert way_in.served() is bare


def test_one_that_can_not_even_be_removed_says_what_to_do(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    short(monkeypatch)

    def lost() -> None:
        raise OSError("no disk")

    broken(monkeypatch)
    monkeypatch.setattr(whole, "_empty", lost)
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 1
    assert "a fault of the test" in result.output
    assert "once more with --demo" in result.output
    with app.app_context():
        assert whole.unfinished()


def test_data_of_others_is_never_removed(app: Flask) -> None:
    with app.app_context():
        db.session.add(Customer(code="1", name="X", phone="0812", phone_normalised="+62812", active=True))
        db.session.commit()
        db.session.remove()
    result = app.test_cli_runner().invoke(args=["demo"])
    assert (result.exit_code, "has data already" in result.output) == (1, True)
    with app.app_context():
        assert count(Customer) == 1


def test_two_do_not_fill_at_once(any_app: Flask) -> None:
    with any_app.app_context(), whole.alone():
        result = any_app.test_cli_runner().invoke(args=["demo"])
        assert (result.exit_code, "Another process" in result.output) == (1, True)


@pytest.fixture
def bare(tmp_path: Path) -> Flask:
    return create_app(settings_for(tmp_path))


@pytest.mark.parametrize("left", [(), ("CREATE TABLE cases (id INTEGER)",), ("CREATE TABLE alembic_version (x TEXT)",)])
def test_killed_while_the_tables_are_made(bare: Flask, left: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark is set before the first of them."""
    short(monkeypatch)
    with bare.app_context():
        DEMO.set()
        with db.engine.begin() as connection:
            for statement in left:
                connection.exec_driver_sql(statement)
    result = bare.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 0, result.output
    is_whole(bare)
    with bare.app_context():
        assert DEMO.name not in inspect(db.engine).get_table_names()


def in_the_foreground() -> None:
    """Ctrl-C is heard, also where the tests run in the background of a shell."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"INSTANCE_PATH": str(tmp_path)}
        process = subprocess.Popen(
            [sys.executable, "run.py", "--port", str(free_port()), *arguments],
            cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=in_the_foreground,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def cases_in(database: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reader:
            return int(reader.execute("SELECT count(*) FROM cases").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_killed_half_way_it_is_not_taken_for_a_whole_one(
    run: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    database = tmp_path / "tuntas.sqlite3"
    killed = run("--demo")
    until(lambda: cases_in(database) > 5)
    killed.send_signal(signal.SIGKILL)
    killed.wait(20)
    plain = run()
    said = plain.communicate(timeout=PATIENCE)[0]
    assert plain.returncode == 1
    assert "half a demo" in said
    assert "Traceback" not in said
    again = run("--demo")
    assert again.stdout is not None
    until(lambda: "Tuntas: http" in again.stdout.readline())  # type: ignore[union-attr]
    is_whole(create_app(settings_for(tmp_path)))


def test_ctrl_c_half_way(run: Callable[..., subprocess.Popen[str]], tmp_path: Path) -> None:
    database = tmp_path / "tuntas.sqlite3"
    stopped = run("--demo")
    until(lambda: cases_in(database) > 5)
    stopped.send_signal(signal.SIGINT)
    said = stopped.communicate(timeout=PATIENCE)[0]
    assert stopped.returncode == 130
    assert "Traceback" not in said
    assert cases_in(database) == 0
