"""The supervisors' dashboards: figures as charts, tables and CSV, with a link from each number to its list."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.panel.dashboards.indicators import percent, span
from app.panel.paging import page_number
from app.services.cases.event_filters import PERIOD
from app.services.core.errors import Malformed
from app.services.core.formatting import NOTHING
from app.services.dashboards import board as dashboard
from app.services.dashboards import drilldown
from app.services.dashboards.board import ALL, Dashboard
from app.services.dashboards.figures import LONGEST_FIRST, Cell, Chart, Part, Scope
from app.services.deadlines.due_reports import Period, due_reports_of
from app.services.reports import jobs
from app.web.actor import current_actor
from app.web.files import dialect, export_response
from app.web.pages import Page, admins
from app.web.replica import from_replica
from app.web.roles import view_name

TEMPLATE = "panel/dashboards/board.html"
#: Rows of a table that are shown at once; the others are folded.
MOST_ROWS = 12
#: Shades of a number among its table's.
HEATS = 4


class DashboardView(BaseView):
    route_base = "/dashboard"
    default_view = "overview"

    @expose("/")
    @has_access
    @from_replica
    def overview(self) -> tuple[str, int]:
        return self._page(ALL)

    @expose("/<sop_key>")
    @has_access
    @from_replica
    def one(self, sop_key: str) -> tuple[str, int]:
        return self._page(sop_key)

    @expose("/<sop_key>/<figure>.<any(csv,xlsx):form>")
    @has_access
    @from_replica
    def export(self, sop_key: str, figure: str, form: str) -> Response:
        first, last = dashboard.period(request.args.get("from"), request.args.get("to"))
        found = Dashboard(dashboard.scope_of(current_actor(), sop_key, first, last)).figure(figure)
        query = {"from": first.isoformat(), "to": last.isoformat(), "sop": sop_key}
        rows = list(dashboard.rows(found))
        what, name = f"dashboard-{figure}", str(found.heading)
        return export_response(jobs.stream_rows(current_actor(), what, name, query, rows, form, dialect().key))

    @expose("/<sop_key>/rows")
    @has_access
    @from_replica
    def rows(self, sop_key: str) -> str:
        """The steps or records behind a number. The period is part of the number's address."""
        scope = dashboard.scope_of(current_actor(), sop_key, *dashboard.period(None, None))
        found = drilldown.rows(scope, request.args, page_number(), request.args.get("order", ""))
        query = {key: value for key in (*drilldown.KEYS, "order") if (value := request.args.get(key))}
        return str(
            self.render_template(
                "panel/dashboards/rows.html",
                title=_("Behind the number"), found=found, scope=scope, query=query, span=span,
                days={key: query[key] for key in PERIOD if key in query},
                decimal=format_decimal, longest=LONGEST_FIRST,
            )
        )  # fmt: skip

    def _page(self, key: str) -> tuple[str, int]:
        return page_of(self, key)


@from_replica
def oversight(view: BaseView) -> tuple[str, int]:
    """The dashboard over all that the user oversees, as the first page."""
    return page_of(view, ALL)


def page_of(view: BaseView, key: str) -> tuple[str, int]:
    found = content(key)
    return view.render_template(TEMPLATE, **found), 400 if found["problem"] else 200


def content(key: str) -> dict[str, Any]:
    """What ``TEMPLATE`` shows of an SOP, or of all (``ALL``). A period that can't be read is reported (``problem``),
    and the usual one shown."""
    actor, problem = current_actor(), ""
    try:
        first, last = dashboard.period(request.args.get("from"), request.args.get("to"))
    except Malformed as refusal:
        problem = refusal.message
        first, last = dashboard.period(None, None)
    board = Dashboard(dashboard.scope_of(actor, key, first, last))
    return {
        "title": _("Dashboard"), "key": key, "board": board, "scope": board.scope, "problem": problem,
        "overseen": dashboard.overseen(actor), "tiles": _tiles(board), "flow": _flow(board), "due": _due(board.scope),
        "sets_deadlines": admins(actor), "link": link, "shown": shown, "heat": heat, "list_of": list_of,
        "drawing": drawing, "percent": percent, "span": span, "decimal": format_decimal, "most": MOST_ROWS,
    }  # fmt: skip


@dataclass(frozen=True)
class Tile:
    """A number with its words, where it leads, a remark, and a level of alarm."""

    label: str
    number: int
    link: str
    level: str = ""
    remark: str = ""


def _tiles(board: Dashboard) -> list[Tile]:
    """What is about now. Over several SOPs a number leads to its table on the page."""
    tiles = board.tiles
    before = str(_("%(count)s a week ago", count=format_decimal(tiles.late_before)))
    return [
        _tile(board, _("Late"), tiles.late, "late", {"open": "1", "due": "late"}, "late", before),
        _tile(board, _("Due soon"), tiles.near, "open", {"open": "1", "due": "near"}, "near"),
        _tile(board, _("Taken by nobody"), tiles.unheld, "unheld"),
        _tile(board, _("Open"), tiles.open, "open", {"open": "1"}),
    ]


def _flow(board: Dashboard) -> list[Tile]:
    """What is about the period."""
    tiles, (first, last) = board.tiles, board.scope.period.values()
    figure = "flow" if board.scope.single else "volume"
    return [
        _tile(board, _("Came in"), tiles.came, figure, {"created_from": first, "created_to": last}),
        _tile(board, _("Closed"), tiles.closed, figure, {"closed_from": first, "closed_to": last}),
    ]


def _tile(
    board: Dashboard, label: str, number: int, figure: str, query: dict[str, str] | None = None, level: str = "",
    remark: str = "",
) -> Tile:  # fmt: skip
    """``query``: with which the list of the only SOP shows these cases; without any they are in ``figure``."""
    sop = board.scope.single
    there = list_of(sop.key, query) if sop and query else f"#{figure}"
    return Tile(str(label), number, there, level if number else "", remark)


def _due(scope: Scope) -> list[Period]:
    """What is to be reported next, for who may have it and is looking at those cases."""
    return [report.next_due() for report in due_reports_of(scope.actor) if report.sop in scope.sops]


def list_of(sop: str, query: Any) -> str:
    return url_for(f"{view_name(sop)}.list", **query)


def rows_of(sop: str, query: Any) -> str:
    return url_for("DashboardView.rows", sop_key=sop, **query)


def link(cell: Cell, scope: Scope) -> str:
    """Where a cell leads: a number to its cases, steps or records, an SOP to its own dashboard; empty for what leads
    nowhere."""
    if cell.kind == "sop":
        return url_for("DashboardView.one", sop_key=cell.sop, **scope.period)
    if not (cell.asked and cell.value):
        return ""
    return rows_of(cell.sop, cell.asked) if cell.rows else list_of(cell.sop, cell.asked)


def shown(cell: Cell) -> str:
    """What a cell says, in the user's language."""
    if cell.kind == "count":
        return str(format_decimal(cell.value))
    if cell.kind == "change":
        return f"+{format_decimal(cell.value)}"
    if cell.kind == "share":
        return percent(cell.value)  # type: ignore[arg-type]
    if cell.kind == "span":
        return span(cell.value if isinstance(cell.value, timedelta) else None)
    return NOTHING if cell.value in (None, "") else str(cell.value)


def heat(cell: Cell, part: Part) -> int:
    """How much of the largest number of its table a number is: from 1 to ``HEATS``; 0 for nothing."""
    if cell.kind != "count" or not isinstance(cell.value, int) or not cell.value:
        return 0
    most = max(one.value for row in part.rows for one in row if one.kind == "count" and isinstance(one.value, int))
    return math.ceil(cell.value * HEATS / most)


def drawing(chart: Chart) -> dict[str, Any]:
    """What ``static/js/dashboard.js`` draws."""
    return {
        "labels": list(chart.labels), "stacked": chart.stacked, "across": chart.across, "unit": str(chart.unit),
        "series": [{"label": one.label, "values": list(one.values), "colour": one.colour} for one in chart.series],
    }  # fmt: skip


PAGE = Page(
    DashboardView,
    lambda actor: bool(dashboard.overseen(actor)),
    key="dashboard",
    label=_l("Dashboard"),
    href="DashboardView.overview",
)
