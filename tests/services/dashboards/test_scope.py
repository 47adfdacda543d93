"""Dashboards: who may see which SOPs over which days, figures as CSV, and nothing to count."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale

from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.errors import Malformed, NotVisible
from app.services.dashboards import board as dashboard
from app.services.dashboards.board import ALL, Dashboard
from app.services.dashboards.figures import Figure
from app.services.tables import csv_writing
from app.sop import SOPS
from tests.cast import Cast
from tests.services.running import Months


def written(figure: Figure) -> str:
    return b"".join(csv_writing.csv_of(dashboard.rows(figure))).decode()


def lines(months: Months, key: str, figure: str) -> str:
    scope = dashboard.scope_of(months.people["supervisor"], key, *dashboard.period(None, None))
    return written(Dashboard(scope).figure(figure))


def test_nothing_at_all_is_no_figure(any_app: Flask) -> None:
    with any_app.app_context(), force_locale("en"):
        actor = Cast(any_app).actor("supervisor")
        for key in (ALL, *SOPS):
            board = Dashboard(dashboard.scope_of(actor, key, *dashboard.period(None, None)))
            assert (board.tiles.open, board.tiles.came) == (0, 0)
            assert {figure.key for figure in board.figures()} <= {"open", "age", "flow", "volume"}
            assert all(written(board.figure(figure)) for figure in dashboard.known())


def test_a_figure_as_csv(app: Flask) -> None:
    with app.app_context(), force_locale("en"):
        months = Months(app)
        months.calls()
        text = lines(months, "pengaduan", "attempts")
        assert text.startswith("\ufeff")
        read = list(csv.reader(io.StringIO(text[1:])))
        assert read[0][:5] == ["Procedure", "Week from", "Attempts", "Reached", "Not reached"]
        assert len(read) == 1 + dashboard.WEEKS + 1 + 1 + 2, "weeks, an empty line, headings, two reasons"
        assert sum(int(line[2]) for line in read[1 : 1 + dashboard.WEEKS]) == 5
        times = list(csv.reader(io.StringIO(lines(months, "pengaduan", "times"))))
        assert times[1][:4] == ["User complaints", "Recorded", "5", "5"]
        assert float(times[1][4]) == 24.0


@pytest.mark.parametrize(
    ("role", "keys"),
    [
        ("Supervisor", list(SOPS)),
        ("Admin", list(SOPS)),
        ("Legal Manager", ["somasi"]),
        ("COO", ["intera"]),
        ("QC", ["hard_complaint"]),
        ("CS", []),
        ("CSO", []),
        ("Unit", []),
    ],
)
def test_who_oversees_what(app: Flask, role: str, keys: list[str]) -> None:
    actor = Actor(1, "x", frozenset({role}))
    with app.app_context():
        assert [sop.key for sop in dashboard.overseen(actor)] == keys
        for key in (ALL, *SOPS):
            if key in keys or (key == ALL and keys):
                assert dashboard.scope_of(actor, key, *dashboard.period(None, None)).sops
            else:
                with pytest.raises(NotVisible):
                    dashboard.scope_of(actor, key, *dashboard.period(None, None))


@pytest.mark.parametrize(
    "written", [("x", None), (None, "2026-13-01"), ("2026-05-01", "2026-04-01"), ("0001-01-01", None),
              ("1999-01-01", "2026-01-01"), (None, "9999-12-31")],
)  # fmt: skip
def test_periods_that_make_no_sense(app: Flask, written: tuple[str | None, str | None]) -> None:
    with app.app_context(), pytest.raises(Malformed):
        dashboard.period(*written)


def test_the_usual_period_is_twelve_whole_weeks_up_to_today(app: Flask) -> None:
    with app.app_context():
        first, last = dashboard.period(None, None)
        assert last == clock.today()
        assert first.weekday() == 0
        assert timedelta(weeks=11) <= last - first < timedelta(weeks=12)
        assert dashboard.period(None, "2026-03-04")[0] == date(2025, 12, 15)
