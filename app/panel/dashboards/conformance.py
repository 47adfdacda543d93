"""Procedure and practice: how cases really went through the steps of an SOP."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.panel.dashboards.board import list_of, rows_of
from app.panel.dashboards.indicators import percent, span
from app.services.core.errors import Malformed, NotVisible
from app.services.dashboards import board
from app.services.dashboards.conformance import Conformance
from app.services.dashboards.figures import LONGEST_FIRST
from app.web.actor import current_actor
from app.web.files import report_response
from app.web.pages import FIGURES, REPORTS, Page
from app.web.replica import from_replica
from app.workflow import diagram
from app.workflow.traffic import Traffic


class ConformanceView(BaseView):
    route_base = "/conformance"
    default_view = "first"

    @expose("/")
    @has_access
    @from_replica
    def first(self) -> tuple[str, int]:
        """The first of the procedures that the user oversees."""
        seen = board.overseen(current_actor())
        if not seen:
            raise NotVisible(_("There is no such SOP."))
        return self._page(seen[0].key)

    @expose("/<key>")
    @has_access
    @from_replica
    def page(self, key: str) -> tuple[str, int]:
        return self._page(key)

    @expose("/<key>.<any(csv,xlsx):form>")
    @has_access
    @from_replica
    def export(self, key: str, form: str) -> Response:
        first, last = board.period(request.args.get("from"), request.args.get("to"))
        board.scope_of(current_actor(), key, first, last)
        return report_response(current_actor(), "conformance", form, since=first, until=last, sop=key)

    def _page(self, key: str) -> tuple[str, int]:
        """A period that can't be read is reported, and the usual one shown."""
        actor, problem = current_actor(), ""
        try:
            period = board.period(request.args.get("from"), request.args.get("to"))
        except Malformed as refusal:
            problem, period = refusal.message, board.period(None, None)
        scope = board.scope_of(actor, key, *period)
        if scope.single is None or scope.single.key != key:
            raise NotVisible(_("There is no such SOP."))
        figures = Conformance(scope)
        page = self.render_template(
            "panel/dashboards/conformance.html", title=_("Procedure and practice"), sop=scope.single, figures=figures,
            scope=scope, overseen=board.overseen(actor), problem=problem, picture=picture(figures),
            percent=percent, span=span, number=format_decimal, list_of=list_of, rows_of=rows_of, longest=LONGEST_FIRST,
            hidden=sum(not step.counted.times for step in figures.steps),
        )  # fmt: skip
        return page, 400 if problem else 200


def picture(figures: Conformance) -> str:
    """The SOP's diagram; every arrow with its cases and, where it is known, the median time before them."""
    sop = figures.sop
    traffic = {edge: Traffic(_label(edge[0], one), one.cases) for edge, one in figures.edges.items()}
    description = _("The procedure with the number of cases on every arrow. The tables below tell the same.")
    return diagram.svg(sop, None, str(sop.label), description, "", traffic)


def _label(source: str | None, passage: Any) -> str:
    if source is None:
        return str(ngettext("%(num)s case", "%(num)s cases", passage.cases))
    cases = format_decimal(passage.cases)
    return f"{cases} · {span(passage.spent.median)}" if passage.spent else str(cases)


PAGE = Page(
    ConformanceView,
    lambda actor: bool(board.overseen(actor)),
    key="conformance",
    label=_l("Procedure and practice"),
    href="ConformanceView.first",
    category=REPORTS,
    group=FIGURES,
)
