"""The supervisors' dashboards: figures as charts, tables and CSV, with a link from each number to its list."""

from __future__ import annotations

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
from app.services.dashboards.figures import LONGEST_FIRST, Cell, Chart, Scope
from app.services.deadlines.due_reports import Period, due_reports_of
from app.services.reports import jobs
from app.web.actor import current_actor
from app.web.files import dialect, export_response
from app.web.pages import Page
from app.web.replica import from_replica
from app.web.roles import view_name


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
        """A period that can't be read is reported, and the usual one shown."""
        actor, problem = current_actor(), ""
        try:
            first, last = dashboard.period(request.args.get("from"), request.args.get("to"))
        except Malformed as refusal:
            problem = refusal.message
            first, last = dashboard.period(None, None)
        board = Dashboard(dashboard.scope_of(actor, key, first, last))
        page = self.render_template(
            "panel/dashboards/board.html",
            title=_("Dashboard"), key=key, board=board, scope=board.scope, problem=problem,
            overseen=dashboard.overseen(actor), tiles=_tiles(board), due=_due(board.scope), link=link, shown=shown,
            drawing=drawing, percent=percent, span=span, decimal=format_decimal,
        )  # fmt: skip
        return page, 400 if problem else 200


def _tiles(board: Dashboard) -> list[tuple[str, int, str, str]]:
    """Label, number, where it leads, level of alarm. Over several SOPs a number leads to its table on the page."""
    scope, tiles = board.scope, board.tiles
    first, last = scope.period.values()
    entries: list[tuple[str, int, str, str, dict[str, str]]] = [
        (_("Open"), tiles.open, "", "open", {"open": "1"}),
        (_("Late"), tiles.late, "late", "open", {"open": "1", "due": "late"}),
        (_("Due soon"), tiles.near, "near", "open", {"open": "1", "due": "near"}),
        (_("Came in"), tiles.came, "", "flow", {"created_from": first, "created_to": last}),
        (_("Closed"), tiles.closed, "", "flow", {"closed_from": first, "closed_to": last}),
    ]
    return [
        (label, number, list_of(scope.single.key, query) if scope.single else f"#{figure}", level if number else "")
        for label, number, level, figure, query in entries
    ]


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
    if cell.kind == "share":
        return percent(cell.value)  # type: ignore[arg-type]
    if cell.kind == "span":
        return span(cell.value if isinstance(cell.value, timedelta) else None)
    return NOTHING if cell.value in (None, "") else str(cell.value)


def drawing(chart: Chart) -> dict[str, Any]:
    """What ``static/dashboard.js`` draws."""
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
