"""Indicators: the figures by which procedures are judged, over a period, on a page and to download."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, request
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import format_decimal, format_percent, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.panel.paging import page_number
from app.services.core.access import Actor
from app.services.core.errors import Malformed, NotVisible
from app.services.core.formatting import NOTHING, yes_or_no
from app.services.core.paging import page_of
from app.services.dashboards import indicators
from app.web.actor import current_actor
from app.web.files import report_response
from app.web.pages import FIGURES, REPORTS, Page
from app.web.replica import from_replica
from app.workflow.declaration import Sop

ONLY = {"yes": True, "no": False}
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


class IndicatorsView(BaseView):
    route_base = "/indicators"
    default_view = "page"

    @expose("/")
    @has_access
    @from_replica
    def page(self) -> tuple[str, int]:
        """Figures of every SOP that has some; a period that can't be read is reported, and the usual one shown."""
        actor, problem = current_actor(), ""
        try:
            since, until = indicators.period(request.args.get("from"), request.args.get("to"))
        except Malformed as refusal:
            problem = refusal.message
            since, until = indicators.period(None, None)
        found = [(sop, indicators.figures(actor, sop, since, until)) for sop in indicators.judged(actor)]
        page = self.render_template(
            "panel/dashboards/indicators.html",
            title=_("Indicators"), found=found, since=since, until=until, problem=problem,
            percent=percent, span=span,
        )  # fmt: skip
        return page, 400 if problem else 200

    @expose("/<sop_key>.<any(csv,xlsx):form>")
    @has_access
    @from_replica
    def export(self, sop_key: str, form: str) -> Response:
        actor = current_actor()
        since, until = indicators.period(request.args.get("from"), request.args.get("to"))
        return report_response(actor, "indicators", form, since=since, until=until, sop=_judged(actor, sop_key).key)

    @expose("/<sop_key>/<key>")
    @has_access
    @from_replica
    def cases(self, sop_key: str, key: str) -> str:
        """The cases behind an indicator; ``only`` (yes, no): of a share, those that count so."""
        actor = current_actor()
        since, until = indicators.period(request.args.get("from"), request.args.get("to"))
        sop, only = _judged(actor, sop_key), request.args.get("only", "")
        found = page_of(indicators.behind(actor, sop, key, since, until, ONLY.get(only)), page_number())
        query = {"from": since.isoformat(), "to": until.isoformat()} | ({"only": only} if only in ONLY else {})
        return str(
            self.render_template(
                "panel/dashboards/indicator_cases.html",
                title=_("Indicators"), sop=sop, found=found, since=since, until=until,
                indicator=next(one for one in sop.indicators if one.key == key), query=query, shown=_shown,
                decimal=format_decimal,
            )
        )  # fmt: skip


def _judged(actor: Actor, sop_key: str) -> Sop:
    for sop in indicators.judged(actor):
        if sop.key == sop_key:
            return sop
    raise NotVisible(_("There is no such SOP."))


def _shown(value: bool | timedelta) -> str:
    return span(value) if isinstance(value, timedelta) else yes_or_no(value)


def percent(share: float | None) -> str:
    return NOTHING if share is None else str(format_percent(share, "#,##0.0%"))


def span(length: timedelta | None) -> str:
    """A duration in the two units that matter: days and hours, or hours and minutes."""
    if length is None:
        return NOTHING
    days, rest = divmod(length, DAY)
    hours, minutes = rest // HOUR, rest % HOUR // MINUTE
    if days:
        return f"{_days(days)} {_hours(hours)}"
    return f"{_hours(hours)} {_minutes(minutes)}" if hours else _minutes(minutes)


def _days(count: int) -> str:
    return str(ngettext("%(num)s day", "%(num)s days", count))


def _hours(count: int) -> str:
    return str(ngettext("%(num)s hour", "%(num)s hours", count))


def _minutes(count: int) -> str:
    return str(ngettext("%(num)s minute", "%(num)s minutes", count))


PAGE = Page(
    IndicatorsView,
    lambda actor: bool(indicators.judged(actor)),
    key="indicators",
    label=_l("Indicators"),
    href="IndicatorsView.page",
    category=REPORTS,
    group=FIGURES,
)
