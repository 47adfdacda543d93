"""What is late, with whom, and since last week: as a recount over the cases, clocks and moments themselves says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select

from app.extensions import db
from app.models import Case, DeadlinePolicy
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.core.holders import holder
from app.services.core.lateness import was_late
from app.services.core.turns import waits_for
from app.services.dashboards import board, late
from app.services.dashboards.board import ALL, Dashboard
from app.sop import SOPS, sop_of
from tests.cast import Cast
from tests.panel.helpers import somasi
from tests.services.behind import Behind


@pytest.fixture
def weeks(any_app: Flask) -> Iterator[Behind]:
    with any_app.app_context(), force_locale("en"):
        yield Behind(any_app)


def overview(stage: Behind, key: str = ALL, name: str = "supervisor") -> Dashboard:
    return Dashboard(board.scope_of(stage.people[name], key, *board.period(None, None)))


def rows(dashboard: Dashboard, figure: str) -> list[tuple[Any, ...]]:
    return [tuple(cell.value for cell in row) for part in dashboard.figure(figure).parts for row in part.rows]


def late_by_hand() -> Counter[tuple[str, int | None]]:
    """By SOP and unit, of the cases as they are at the moment."""
    cases = db.session.scalars(select(Case)).unique()
    return Counter((c.sop, c.unit_id) for c in cases if c.due_at and c.due_at < clock.now() and not c.closed_at)


def test_who_is_late_where_and_who_was_a_week_ago(weeks: Behind) -> None:
    weeks.until_a_week_ago()
    with clock.at(weeks.now - late.BEFORE):
        then = late_by_hand()
    assert then.total() == 5
    weeks.since_then()
    db.session.expire_all()
    now, shown = late_by_hand(), overview(weeks)

    assert late.before(shown.scope) == then
    today = select(Case.sop, Case.unit_id, func.count()).where(was_late(clock.today(), SOPS.values()))
    assert {(s, u): n for s, u, n in db.session.execute(today.group_by(Case.sop, Case.unit_id))} == now
    assert (shown.tiles.late, shown.tiles.late_before) == (now.total(), then.total())

    groups: Counter[Any] = Counter()
    for case in db.session.scalars(select(Case).where(Case.due_at < clock.now())).unique():
        groups[case.sop, case.unit_id, case.state, case.claimed_by_id] += 1
    assert {(one.sop.key, one.unit_id, one.state, one.holder_id): one.cases for one in shown.late} == groups
    assert {one.name for one in shown.late} == {"", "Unit_Menteng Uji", "Unit_Depok Uji"}

    assert rows(shown, "late") == [("ULP_MENTENG", 4, 1, 0), ("ULP_DEPOK", 1, 0, 0), ("Without a unit", 0, 0, 1)]
    keluhan, gangguan = (str(SOPS[key].label_plural) for key in ("keluhan", "gangguan"))
    assert rows(shown, "worse") == [("ULP_MENTENG", keluhan, 1, 4, 3), ("ULP_MENTENG", gangguan, 0, 1, 1)]
    held = [row[:5] for row in rows(shown, "held")]
    assert held[:2] == [("ULP_MENTENG", keluhan, "Reported", "Nobody yet", 3),
                        ("ULP_MENTENG", keluhan, "In progress", "Unit_Menteng Uji", 1)]  # fmt: skip
    assert ("ULP_DEPOK", keluhan, "Reported", "Unit_Depok Uji", 1) in held
    waiting = {row[:3]: row[3:5] for row in rows(shown, "unheld")}
    assert waiting[keluhan, "Reported", "Unit"] == (4, 3)
    assert shown.tiles.unheld == sum(cases for cases, _late in waiting.values())
    assert rows(overview(weeks, "keluhan"), "late") == [("ULP_MENTENG", 3, 1), ("ULP_DEPOK", 1, 0)]


def test_where_nothing_can_be_late(weeks: Behind) -> None:
    weeks.until_a_week_ago()
    assert {sop.key: opened for sop, opened in overview(weeks).without_deadline} == {"hard_complaint": 1, "intera": 0}
    for sop in ("hard_complaint", "intera"):
        db.session.add(DeadlinePolicy(sop=sop, state=next(iter(SOPS[sop].open_states)), amount=1,
                                      measure="working_days", active=sop == "intera"))  # fmt: skip
    db.session.commit()
    assert [sop.key for sop, _open in overview(weeks).without_deadline] == ["hard_complaint"]


def test_an_assignee_has_a_case_while_its_step_is_theirs_alone(cast: Cast, pdf: bytes) -> None:
    somasi(cast.login("legal"), pdf)
    cs, legal = (cast.actor(name).id for name in ("cs", "legal"))
    with cast.app.app_context(), write_transaction():
        case = db.session.scalars(select(Case)).one()
        case.assignee_id = cs
        for state in SOPS["somasi"].open_states:
            case.state = state
            db.session.flush()
            alone = set(waits_for(sop_of(case), case)) == {"CS"}
            assert db.session.scalar(select(holder([SOPS["somasi"]]))) == (case.assignee_id if alone else None), state
        case.claimed_by_id = legal
        db.session.flush()
        assert db.session.scalar(select(holder([SOPS["somasi"]]))) == case.claimed_by_id
        db.session.rollback()
