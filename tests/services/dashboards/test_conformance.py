"""Procedure and practice: the figures equal those of somebody who reads the whole history and counts by hand."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Event
from app.services import reports
from app.services.cases import transitions
from app.services.core import clock, history
from app.services.core.access import Actor
from app.services.core.database import write_transaction
from app.services.core.errors import NotVisible
from app.services.dashboards import board
from app.services.dashboards.conformance import Conformance, declared
from app.sop import SOPS
from tests.cast import Cast
from tests.panel.helpers import REPORT, posko

SOP = SOPS["intera"]
FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)
BEGIN = datetime(2026, 8, 25, tzinfo=UTC)
COMPLAINT = {
    "channel": "whatsapp", "greeting_given": True, "client_name": "Rudi", "phone": "0812 3456 7890",
    "location": "Depok", "chronology": "Koin tidak masuk",
}  # fmt: skip
#: A step from a state that it does not start from; one that the declaration had once.
STRANGE, FORGOTTEN = ("start_verification", "closing", "verification"), ("forgotten", "received", "closing")


@pytest.fixture
def inside(any_app: Flask) -> Iterator[Flask]:
    with any_app.test_request_context():
        yield any_app


def report(app: Flask, at: datetime, **answers: Any) -> int:
    with clock.at(at):
        return int(transitions.create(Cast(app).actor("admin_layanan"), SOP.key, COMPLAINT | answers).id)


def walk(app: Flask, pk: int, at: datetime, chance: random.Random, people: list[Actor]) -> None:
    """Any moves whatsoever, declared or not, with uploads in between, written by the service that writes history."""
    moves = [move for move in declared(SOP) if move[1]]
    moves += [STRANGE, FORGOTTEN] * 3
    with write_transaction() as session:
        case = session.get(Case, pk)
        for _step in range(chance.randrange(1, 9)):
            action, source, target = chance.choice(moves)
            began, at = at, at + timedelta(seconds=chance.randrange(1, 900_000), milliseconds=chance.randrange(1000))
            case.state, since = target, None if source == target else began
            history.append(session, case, chance.choice(people), action, at, from_state=source, since=since)
            if chance.random() < 0.3:
                history.append(session, case, people[0], "upload", at, from_state=target)
        case.closed_at = at if SOP.state_by_key[case.state].is_final else None


def history_of(app: Flask, cases: int = 25) -> None:
    chance = random.Random(7)
    people = [Cast(app).actor(name) for name in ("pic", "admin_layanan", "supervisor")]
    for nth in range(cases):
        at = BEGIN + timedelta(hours=31 * nth)
        walk(app, report(app, at, client_name=f"Warga {nth}"), at, chance, people)


def figures(actor: Actor, first: date = FIRST, last: date = LAST) -> Conformance:
    return Conformance(board.scope_of(actor, SOP.key, first, last))


def local(at: datetime) -> date:
    return at.astimezone(clock.zone()).date()


def plainly(first: date = FIRST, last: date = LAST) -> list[Event]:
    db.session.expire_all()
    every = db.session.scalars(select(Event).order_by(Event.case_id, Event.seq)).all()
    return [event for event in every if first <= local(event.at) <= last]


def seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 1)


def test_steps_are_those_of_a_plain_recount(inside: Flask) -> None:
    history_of(inside)
    found = figures(Cast(inside).actor("supervisor"))
    by_move: dict[Any, list[Event]] = defaultdict(list)
    for event in plainly():
        by_move[event.action, event.from_state, event.to_state].append(event)
    assert [(s.transition.key, s.source, s.target) for s in found.steps] == declared(SOP)
    used = 0
    for step in found.steps:
        events = by_move[step.transition.key, step.source, step.target]
        used += bool(events)
        assert step.counted.times == len(events)
        assert step.counted.cases == len({event.case_id for event in events})
        assert step.counted.people == len({event.actor_id for event in events})
        spans = sorted((event.at - event.since).total_seconds() for event in events if event.since)
        if not spans:
            assert step.spent is None
            continue
        assert step.spent is not None
        assert seconds(step.spent.median) == pytest.approx(median(spans), abs=0.06)
        assert seconds(step.spent.p90) == pytest.approx(spans[math.ceil(len(spans) * 0.9) - 1], abs=0.06)
    assert used > len(found.steps) / 2


def test_arrows_count_each_case_once(inside: Flask) -> None:
    history_of(inside)
    found = figures(Cast(inside).actor("supervisor")).edges
    known = set(declared(SOP))
    cases: dict[Any, set[int]] = defaultdict(set)
    spans: dict[Any, list[float]] = defaultdict(list)
    for event in plainly():
        edge = (event.from_state, event.to_state)
        if (event.action, *edge) in known and edge[0] != edge[1]:
            cases[edge].add(event.case_id)
            spans[edge] += [(event.at - event.since).total_seconds()] if event.since else []
    assert {edge: one.cases for edge, one in found.items()} == {edge: len(ids) for edge, ids in cases.items()}
    for edge, one in found.items():
        if one.spent:
            assert seconds(one.spent.median) == pytest.approx(median(spans[edge]), abs=0.06)
        else:
            assert edge[0] is None


def test_what_the_declaration_does_not_know(inside: Flask) -> None:
    history_of(inside)
    found = {(s.action, s.source, s.target): s for s in figures(Cast(inside).actor("supervisor")).deviations}
    done = [(event.action, event.from_state, event.to_state) for event in plainly()]
    plain = Counter(move for move in done if move in (STRANGE, FORGOTTEN))
    assert plain, "the walks went astray"
    assert {move: one.counted.times for move, one in found.items()} == plain


def test_ways_of_closed_cases_and_rework(inside: Flask) -> None:
    history_of(inside)
    found = figures(Cast(inside).actor("supervisor"), date(2026, 8, 1), date(2027, 6, 30))
    steps: dict[int, list[str]] = defaultdict(list)
    for event in plainly(date(2026, 8, 1), date(2027, 6, 30)):
        if event.action in SOP.transition_by_key:
            steps[event.case_id].append(event.action)
    closed = set(db.session.scalars(select(Case.id).where(Case.closed_at.is_not(None))))
    ways = Counter(tuple(path) for pk, path in steps.items() if pk in closed)
    assert (found.variants.read, found.variants.closed, found.variants.different) == (len(closed),) * 2 + (len(ways),)
    assert [way.cases for way in found.variants.found] == sorted(ways.values(), reverse=True)[:10]
    for way in found.variants.found:
        path = tuple(key for key, times in way.path for _again in range(times))
        assert ways[path] == way.cases
        assert tuple(steps[way.example]) == path
        assert way.share == pytest.approx(way.cases / len(closed))
    assert {one.transition.key for one in found.rework} == SOP.sent_back_by
    for one in found.rework:
        done = [e for e in plainly(date(2026, 8, 1), date(2027, 6, 30)) if e.action == one.transition.key]
        assert (one.times, one.cases) == (len(done), len({e.case_id for e in done}))
        assert one.decisions >= one.times
    assert any(one.times for one in found.rework)


def test_nothing_happened_is_no_error(inside: Flask) -> None:
    found = figures(Cast(inside).actor("supervisor"))
    assert not any(step.counted.times for step in found.steps)
    assert (found.edges, found.deviations, found.variants.found) == ({}, [], [])


def test_an_import_is_no_stranger(inside: Flask) -> None:
    pk = report(inside, BEGIN + timedelta(days=10))
    actor = Cast(inside).actor("pic")
    with write_transaction() as session:
        case = session.get(Case, pk)
        case.state = "closed"
        history.append(session, case, actor, "import", BEGIN + timedelta(days=11), from_state=None)
    assert figures(Cast(inside).actor("supervisor")).deviations == []


def test_only_overseers_see_it_and_only_their_procedures(inside: Flask) -> None:
    report(inside, BEGIN + timedelta(days=10))
    for name in ("pic", "admin_layanan", "legal_manager"):
        with pytest.raises(NotVisible):
            figures(Cast(inside).actor(name))
    for name in ("coo", "supervisor"):
        counted = {s.transition.key: s.counted.times for s in figures(Cast(inside).actor(name)).steps}
        assert counted["register"] == 1
    with pytest.raises(NotVisible):
        board.scope_of(Cast(inside).actor("coo"), "somasi", FIRST, LAST)


def test_others_cases_of_a_unit_are_not_counted(inside: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever oversees a procedure but sees one unit's cases alone gets figures of these alone."""
    posko(inside)
    sop = SOPS["keluhan"]
    monkeypatch.setattr(board, "overseen", lambda actor: [sop])
    with clock.at(BEGIN + timedelta(days=10)):
        transitions.create(Cast(inside).actor("cso"), sop.key, REPORT)
    for unit, times in (("ulp_menteng", 1), ("elsewhere", 0)):
        actor = Cast(inside).actor(f"unit_{unit}", "unit", unit=unit)
        found = Conformance(board.scope_of(actor, sop.key, FIRST, LAST))
        assert {s.transition.key: s.counted.times for s in found.steps}["report"] == times


def test_the_csv_has_a_row_per_declared_step(inside: Flask) -> None:
    history_of(inside, 5)
    actor = Cast(inside).actor("supervisor")
    query = reports.ReportParams(since=FIRST, until=LAST, sop=SOP.key, lang="en")
    rows = list(reports.report_of(actor, "conformance").rows(actor, query))
    assert len(rows) == len(declared(SOP))
    assert sum(int(row[5]) for row in rows) == sum(s.counted.times for s in figures(actor).steps)
    with pytest.raises(NotVisible):
        reports.report_of(Cast(inside).actor("pic"), "conformance")
