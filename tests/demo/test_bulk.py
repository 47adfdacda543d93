"""The large demo: what it writes is what the services would have written, and the system goes on from there."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter as Tally
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.demo import bulk, day
from app.extensions import db
from app.models import Case, Clock, Counter, Event, Link, Unit
from app.models.derive import case_model, record_model
from app.services.calendar import agenda
from app.services.cases import numbering, transitions, worklist
from app.services.cases.creation import refresh
from app.services.core import clock, history
from app.services.core.access import Actor, user_named
from app.services.search.search import search
from app.sop import SOPS
from tests.cast import Cast
from tests.panel.helpers import REPORT
from tests.test_run import ROOT

CASES = 300
#: A Wednesday afternoon in Jakarta.
NOW = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)


@pytest.fixture
def filled(any_app: Flask) -> Iterator[Flask]:
    with clock.at(NOW):
        with any_app.test_request_context():
            assert day.fill()
            small = db.session.scalar(select(func.count(Case.id)))
            *_before, last = bulk.fill(CASES, seed=8)
            assert last.cases == db.session.scalar(select(func.count(Case.id))) - small == CASES
        yield any_app


def all_cases() -> list[Any]:
    return list(db.session.scalars(select(Case).order_by(Case.id)).unique())


def test_what_it_writes_is_what_the_services_write(filled: Flask) -> None:
    with filled.test_request_context():
        assert list(history.verify(db.session())) == []
        holds_together(all_cases())
        pairs_are_linked()
        assert {"kept", "missed", ""} <= set(db.session.scalars(select(Clock.outcome)))
        assert db.session.scalar(select(func.count(record_model("pengaduan", "callbacks").id)))
        assert db.session.scalar(select(func.count(record_model("keluhan", "repeat_contacts").id)))
        assert db.session.scalar(select(func.count(Case.id)).where(Case.claimed_by_id.is_not(None)))
        assert db.session.scalar(select(func.count(Unit.id))) == 12
        numbers_go_on()
    people_find_their_work(filled)


def holds_together(cases: list[Any]) -> None:
    assert {(case.sop, case.state) for case in cases} == {(s.key, t.key) for s in SOPS.values() for t in s.states}
    assert len({case.sop for case in cases[-CASES:]}) >= len(SOPS) - 1, "a share of 0.2 % may be none"
    events, running = history_of(cases), due_of()
    for case in cases:
        sop, mine = SOPS[case.sop], events[case.id]
        final = sop.state_by_key[case.state].is_final
        assert (case.closed_at is not None) == final
        assert case.due_at == (None if final else running.get(case.id))
        assert case.round >= 1
        assert case.created_at <= case.state_since <= case.changed_at <= NOW
        assert [event.seq for event in mine] == list(range(1, len(mine) + 1))
        assert (mine[-1].to_state, mine[-1].version) == (case.state, case.version)
        assert [e.at for e in mine] == sorted(e.at for e in mine)
        walked(sop, mine)
        before = kept(case)
        refresh(sop, case)
        assert kept(case) == before
    db.session.rollback()


def kept(case: Any) -> tuple[Any, ...]:
    """What a case keeps of its own fields."""
    return (case.title, case.reporter_name, case.reporter_phone, case.unit_id, case.assignee_id, case.closed_at)


def walked(sop: Any, events: list[Event]) -> None:
    """Each step leads from where the one before it ended, by a transition that is declared so; what must carry a note
    carries one."""
    entered, state = events[0].at, None
    for event in events:
        step = sop.transition_by_key.get(event.action)
        assert event.from_state == state
        if step is None:
            assert event.action in ("take", "upload")
            continue
        assert (state in step.source) if state else step.creates
        assert event.to_state in step.possible_targets(state)
        assert event.note or step.note != "required"
        if event.to_state != state and state is not None:
            assert event.since == entered
        if event.to_state != state:
            entered = event.at
        state = event.to_state


def history_of(cases: list[Any]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {case.id: [] for case in cases}
    for event in db.session.scalars(select(Event).order_by(Event.case_id, Event.seq)):
        found[event.case_id].append(event)
    return found


def due_of() -> dict[int, datetime]:
    """The earliest of the clocks that run, by case."""
    query = select(Clock.case_id, func.min(Clock.due_at)).where(Clock.outcome == "", Clock.due_at.is_not(None))
    return dict(db.session.execute(query.group_by(Clock.case_id)).tuples().all())


def numbers_go_on() -> None:
    given = Tally(number[:-5] for number in db.session.scalars(select(Case.number)))
    assert given == dict(db.session.execute(select(Counter.prefix, Counter.value)).tuples().all()), "no gaps"
    sop = SOPS["keluhan"]
    prefix = numbering.prefix_at(sop, clock.now())
    case = transitions.create(Actor.of(user_named("cso")), sop.key, REPORT | {"posko": "PSK-BOGOR"})
    assert case.number == numbering.numbered(sop, prefix, given.get(prefix, 0) + 1)
    assert case.id == db.session.scalar(select(func.max(Case.id)))


def pairs_are_linked() -> None:
    outage: Any = case_model("gangguan")
    mutated = list(db.session.scalars(select(outage).where(outage.number.like("G99%"))).unique())
    sources = dict(db.session.execute(select(Link.target_id, Link.source_id).where(Link.kind == "mutation")).all())
    assert mutated
    assert sources.keys() == {case.id for case in mutated}
    for case in mutated:
        before = db.session.get(Case, sources[case.id])
        assert before.state == "cancelled"
        assert case.description.startswith(f"MUTASI K : {before.number} : ")


def people_find_their_work(filled: Flask) -> None:
    with filled.test_request_context():
        cases = all_cases()
        states = {sop: Tally(case.state for case in cases if case.sop == sop) for sop in SOPS}
        assert cases[-1].id in [hit.case.id for hit in search(Actor.of(user_named("supervisor")), cases[-1].number)]
        report = next(case for case in reversed(cases) if case.sop == "keluhan")
        hits = search(Actor.of(user_named("cso_02")), f"{report.reporter_name} {report.address.split()[1]}")
        assert report.id in [hit.case.id for hit in hits]
        unit = Actor.of(user_named("unit_05"))
        waits = worklist.worklist(unit)
        assert waits.mine_count == worklist.count_mine(unit)
        assert all(task.case.unit_id == unit.unit_id for task in waits.mine)
        cs = Actor.of(user_named("cs"))
        coming = agenda.upcoming(cs, agenda.REMIND_DAYS)
        first, count = agenda.soonest(cs, agenda.REMIND_DAYS, 1)
        assert ([one.case.id for one in first], count) == ([coming[0].case.id], len(coming))
    for name in ("cso_02", "unit_05", "cs_03", "legal_02", "supervisor_02"):
        assert Cast(filled).login(name).get("/").status_code == 200
    api = Cast(filled).api("supervisor")
    for sop, tally in states.items():
        assert api.get(f"/{sop}/").json["count"] == tally.total()
        for state, count in tally.items():
            query = f"(filters:!((col:state,opr:eq,value:{state})))"
            assert api.get(f"/{sop}/?q={query}").json["count"] == count, state


def test_the_same_seed_makes_the_same_cases(make_app: Any) -> None:
    def made(seed: int) -> list[tuple[str, str, str, datetime]]:
        app = make_app()
        with app.test_request_context(), clock.at(NOW):
            assert day.fill()
            assert list(bulk.fill(60, seed=seed))
            return [(case.number, case.title, case.state, case.changed_at) for case in all_cases()[-60:]]

    assert made(1) == made(1)


def test_many_cases_need_a_demo(tmp_path: Any) -> None:
    command = [sys.executable, "run.py", "--cases", "5"]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "--cases needs --demo" in refused.stderr


def test_the_command_fills_an_empty_database_only(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["demo", "--cases", "12"])
    assert result.exit_code == 0, result.output
    assert "100 %" in result.output
    again = app.test_cli_runner().invoke(args=["demo", "--cases", "12"])
    assert again.exit_code == 1
    with app.app_context():
        assert db.session.scalar(select(func.count(Case.id))) > 12
