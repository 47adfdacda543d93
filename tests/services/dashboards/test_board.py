"""Dashboards: every figure agrees with a plain recount over the cases themselves."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Clock, Event, Link
from app.models.derive import record_model
from app.services.core import clock
from app.services.core.conditions import NEAR
from app.services.dashboards import board
from app.services.dashboards.board import ALL, Dashboard
from app.services.dashboards.figures import Figure
from app.sop import SOPS
from tests.services.running import Months

BOUNDS = {"0-1": (0, 1), "2-7": (2, 7), "8-30": (8, 30), "31-90": (31, 90), "91-": (91, 10**6)}


class Recount:
    """Every case, event and row, counted one by one."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last, self.now = first, last, clock.now()
        self.cases: dict[int, Any] = {
            case.id: case for case in db.session.scalars(select(Case).order_by(Case.id)).unique()
        }
        self.events = list(db.session.scalars(select(Event).order_by(Event.id)))
        self.clocks = list(db.session.scalars(select(Clock).order_by(Clock.id)))
        self.links = list(db.session.scalars(select(Link).order_by(Link.id)))

    def within(self, moment: datetime | None) -> bool:
        return moment is not None and self.first <= local(moment) <= self.last

    def open(self, sop: str) -> list[Any]:
        return [case for case in self.cases.values() if case.sop == sop and case.closed_at is None]

    def level(self, case: Any) -> str:
        if case.due_at is None:
            return "none"
        return "late" if case.due_at < self.now else "near" if case.due_at <= self.now + NEAR else "ok"

    def age(self, case: Any) -> str:
        days = (self.now.date() - local(case.created_at)).days
        return next(age for age, (low, high) in BOUNDS.items() if low <= days <= high)

    def steps(self, sop: str) -> list[Event]:
        """Events that left a state by a step of the SOP."""
        return [
            event for event in self.events
            if self.cases[event.case_id].sop == sop and event.action in SOPS[sop].transition_by_key
            and event.from_state and event.from_state != event.to_state and self.within(event.at)
        ]  # fmt: skip


def local(moment: datetime) -> date:
    return moment.astimezone(clock.zone()).date()


@pytest.fixture
def months(any_app: Flask) -> Iterator[Months]:
    with any_app.app_context(), force_locale("en"):
        stage = Months(any_app)
        stage.pass_by()
        db.session.expire_all()
        yield stage


def counted(months: Months, key: str, figure: str, name: str = "supervisor") -> Figure:
    first, last = board.period(None, None)
    return Dashboard(board.scope_of(months.people[name], key, first, last)).figure(figure)


def rows(figure: Figure, part: int = 0) -> dict[Any, list[Any]]:
    """A table by its first column."""
    return {row[0].value: [cell.value for cell in row[1:]] for row in figure.parts[part].rows}


def label(sop: str, state: str) -> str:
    return str(SOPS[sop].state_by_key[state].label)


def test_the_figures_agree_with_a_recount(months: Months) -> None:
    """In one test: the months take a second to pass, and each database passes them once."""
    recount = Recount(*board.period(None, None))
    for check in CHECKS:
        check(months, recount)


def check_open(months: Months, recount: Recount) -> None:
    for sop in ("keluhan", "gangguan", "pengaduan", "hard_complaint"):
        expected = defaultdict(Counter)
        for case in recount.open(sop):
            expected[label(sop, case.state)][recount.level(case)] += 1
        levels = ("late", "near", "ok", "none")
        assert rows(counted(months, sop, "open")) == {
            state: [sum(c.values()), *(c[level] for level in levels)] for state, c in expected.items()
        }
        total = rows(counted(months, ALL, "open"))[str(SOPS[sop].label_plural)]
        assert total == [len(recount.open(sop)), *(sum(c[level] for c in expected.values()) for level in levels)]


def check_age(months: Months, recount: Recount) -> None:
    for sop in ("keluhan", "pengaduan"):
        ages = Counter(recount.age(case) for case in recount.open(sop))
        assert all(ages.values())
        assert rows(counted(months, ALL, "age"))[str(SOPS[sop].label_plural)] == [ages[age] for age in BOUNDS]
        by_state = rows(counted(months, sop, "age")).values()
        assert [sum(column) for column in zip(*by_state, strict=True)] == [ages[age] for age in BOUNDS]


def check_flow(months: Months, recount: Recount) -> None:
    parts = {part.sop.key: part for part in counted(months, ALL, "flow").parts}
    for sop, part in parts.items():
        cases = [case for case in recount.cases.values() if case.sop == sop]
        came = Counter(local(c.created_at).isocalendar()[:2] for c in cases if recount.within(c.created_at))
        closed = Counter(local(c.closed_at).isocalendar()[:2] for c in cases if recount.within(c.closed_at))
        weeks = [recount.first + timedelta(weeks=n) for n in range(board.WEEKS)]
        assert [tuple(cell.value for cell in row[1:]) for row in part.rows] == [
            (came[week.isocalendar()[:2]], closed[week.isocalendar()[:2]]) for week in weeks
        ]
        tiles = Dashboard(board.scope_of(months.people["admin"], sop, recount.first, recount.last)).tiles
        assert (tiles.came, tiles.closed, tiles.open) == (
            came.total(), closed.total(), len(recount.open(sop)))  # fmt: skip


def check_times(months: Months, recount: Recount) -> None:
    for sop in ("keluhan", "gangguan", "pengaduan", "hard_complaint"):
        stays = defaultdict(list)
        entered: dict[int, datetime] = {}
        for event in recount.events:
            before = entered.get(event.case_id)
            if event.from_state != event.to_state:
                entered[event.case_id] = event.at
            if event in recount.steps(sop):
                stays[event.from_state].append((event.case_id, (event.at - before).total_seconds()))
        found = rows(counted(months, sop, "times"))
        assert set(found) == {label(sop, state) for state in stays}
        for state, several in stays.items():
            cases, times, middle, most = found[label(sop, state)]
            seconds = sorted(s for _case, s in several)
            assert (cases, times) == (len({case for case, _s in several}), len(several))
            assert abs(middle.total_seconds() - median(seconds)) <= 1
            assert abs(most.total_seconds() - seconds[math.ceil(len(seconds) * 0.9) - 1]) <= 1
    assert any(row[0] < row[1] for row in rows(counted(months, "gangguan", "times")).values()), "somebody came back"


def check_sent_back(months: Months, recount: Recount) -> None:
    sop = SOPS["hard_complaint"]
    expected = set()
    steps = recount.steps(sop.key)
    for key in sop.sent_back_by:
        for state in sop.transition_by_key[key].source:
            for name in {event.actor_name for event in steps if event.from_state == state}:
                decided = [e for e in steps if e.from_state == state and e.actor_name == name]
                back = [e for e in decided if e.action == key]
                expected.add((
                    label(sop.key, state), str(sop.transition_by_key[key].label), name, len(back), len(decided),
                    len(back) / len(decided), len({e.case_id for e in back}), len({e.case_id for e in decided}),
                ))  # fmt: skip
    found = counted(months, sop.key, "back").parts[0]
    assert {tuple(cell.value for cell in row) for row in found.rows} == expected
    assert {row[3:] for row in expected} == {(2, 5, 0.4, 1, 2), (1, 2, 0.5, 1, 1)}


def check_attempts(months: Months, recount: Recount) -> None:
    model = record_model("pengaduan", "callbacks")
    weeks: dict[Any, list[Any]] = defaultdict(list)
    reasons: dict[Any, list[Any]] = defaultdict(list)
    reason_of: dict[int, str] = {}
    for row in db.session.scalars(select(model).order_by(model.id)):
        reason_of[row.case_id] = row.callback_reason or reason_of.get(row.case_id, "")
        if row.callback_result and recount.within(row.recorded_at):
            weeks[local(row.recorded_at).isocalendar()[:2]].append(row)
            reasons[reason_of[row.case_id]].append(row)

    def figures_of(several: list[Any]) -> tuple[Any, ...]:
        reached = sum(row.callback_result == "reached" for row in several)
        share = reached / len(several) if several else None
        return (len(several), reached, len(several) - reached, share, len({row.case_id for row in several}))

    by_week, by_reason = counted(months, "pengaduan", "attempts").parts
    assert [tuple(c.value for c in row[1:]) for row in by_week.rows] == [
        figures_of(weeks[(recount.first + timedelta(weeks=n)).isocalendar()[:2]]) for n in range(board.WEEKS)
    ]
    choices = {str(c.label): c.key for c in SOPS["pengaduan"].records_by_key["callbacks"].columns[0].choices}
    assert {choices[row[0].value]: tuple(c.value for c in row[1:]) for row in by_reason.rows} == {
        reason: figures_of(several) for reason, several in reasons.items()
    }
    assert set(reasons) == {"no_reply", "cut_off"}


def check_mutations(months: Months, recount: Recount) -> None:
    complaints = [case for case in recount.cases.values() if case.sop == "keluhan"]
    units = Counter(c.unit.name if c.unit else "Without a unit" for c in complaints if recount.within(c.created_at))
    mutated = Counter(
        recount.cases[link.source_id].unit.name
        for link in recount.links
        if link.kind == "mutation" and recount.within(link.created_at)
    )
    assert mutated == {"ULP_MENTENG": 1, "ULP_DEPOK": 1}
    assert rows(counted(months, "keluhan", "mutations")) == {unit: [n, mutated[unit]] for unit, n in units.items()}


def check_clocks(months: Months, recount: Recount) -> None:
    ended: dict[str, dict[str, set[int]]] = defaultdict(lambda: {"kept": set(), "missed": set()})
    for one in recount.clocks:
        if one.sop == "pengaduan" and one.outcome in ("kept", "missed") and recount.within(one.ended_at):
            ended[one.key][one.outcome].add(one.case_id)
    assert {"pojk", "state:open"} <= set(ended)
    labels = {"pojk": "Deadline (POJK)", "state:open": label("pengaduan", "open")}
    found = rows(counted(months, "pengaduan", "clocks"))
    for key, name in labels.items():
        kept, missed = len(ended[key]["kept"]), len(ended[key]["missed"])
        assert found[name] == [kept, missed, kept / (kept + missed)]


CHECKS: tuple[Callable[[Months, Recount], None], ...] = (
    check_open, check_age, check_flow, check_times, check_sent_back, check_attempts, check_mutations, check_clocks,
)  # fmt: skip
