"""Pages of reports: ordering one, the user's own downloads, and the log of exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any, cast

from flask import Response, flash, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.panel.paging import page_number
from app.services import reports
from app.services.accounts import csv_dialect
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.errors import Malformed
from app.services.reports import Report, jobs, log
from app.sop import SOPS
from app.web.actor import current_actor
from app.web.files import dialect, export_response
from app.web.pages import FILES, REPORTS, Page, readers, readers_of_all
from app.workflow.declaration import Choice

#: What is asked once for all reports of the page.
SHARED = ("from", "to", "sop", "lang", "dialect", "background")


class ReportsView(BaseView):
    route_base = "/reports"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        return self._page(sent=request.args)

    @expose("/", methods=["POST"])
    @has_access
    def narrow(self) -> Response:
        """The page of the reports that tell of an SOP, with the period that was typed."""
        kept: dict[str, Any] = {name: value for name in SHARED if (value := request.form.get(name))}
        return cast(Response, redirect(url_for(".page", **kept), 303))

    @expose("/<key>", methods=["POST"])
    @has_access
    def ask(self, key: str) -> Any:
        """A short report comes at once; a long one, or one ordered so, is made in the background."""
        actor = current_actor()
        report = reports.report_of(actor, key)
        sent = asked(actor, report, request.form)
        try:
            query = reports.read(report, actor, sent)
            if query.dialect:
                csv_dialect.choose(actor, query.dialect)
            if not (query.background or jobs.is_long(actor, report, query)):
                return redirect(url_for(".file", key=key, **sent), 303)
            jobs.order(actor, report, replace(query, dialect=query.dialect or dialect().key))
        except Malformed as refusal:
            return self._page(f"{report.label}: {refusal.message}", request.form), refusal.status
        flash(_("The report is being made. It will be here as soon as it is ready."), "success")
        return redirect(url_for("DownloadsView.page"), 303)

    @expose("/<key>/file")
    @has_access
    def file(self, key: str) -> Response:
        actor = current_actor()
        report = reports.report_of(actor, key)
        params = reports.read(report, actor, request.args)
        return export_response(jobs.stream(actor, report, replace(params, dialect=dialect().key)))

    def _page(self, problem: str = "", sent: Mapping[str, str] = MappingProxyType({})) -> str:
        actor = current_actor()
        kinds = reports.by_kind(actor, sent.get("sop", ""))
        masked = {report.key for _kind, found in kinds for report in found if report.masks(actor)}
        told_of = {key for report in reports.reports_of(actor) for key in reports.sops_told_of(actor, report)}
        offered = {report.key: _choices(actor, report) for _kind, found in kinds for report in found}
        return str(
            self.render_template(
                "panel/reports/reports.html",
                title=_("Reports"), kinds=kinds, problem=problem, sent=sent, masked=masked, offered=offered,
                periods=_periods(), procedures=[sop for sop in SOPS.values() if sop.key in told_of],
                may_see_log=log.may_see(actor), lang=str(get_locale()),
            )
        )  # fmt: skip


def asked(actor: Actor, report: Report, form: Mapping[str, str]) -> dict[str, Any]:
    """What the page's one form says to a report: what all are asked, as far as it knows that, and its own
    (``state:<key>``)."""
    own, known = f":{report.key}", report.choices(actor)
    sent: dict[str, Any] = {}
    for name, value in form.items():
        if name == "csrf_token" or not value or (":" in name and not name.endswith(own)):
            continue
        if (name == "to" and not report.until) or (name == "sop" and "sop" not in known):
            continue
        sent[name.removesuffix(own)] = value
    return sent


def _periods() -> list[tuple[str, dict[str, str]]]:
    """What people mostly ask for, by name."""
    today = clock.today()
    month = today.replace(day=1)
    before = month - timedelta(days=1)
    days = (
        (_("This month"), month, today),
        (_("Last month"), before.replace(day=1), before),
        (_("This year"), today.replace(month=1, day=1), today),
    )
    return [(str(label), {"from": first.isoformat(), "to": last.isoformat()}) for label, first, last in days]


def _choices(actor: Actor, report: Report) -> dict[str, list[Choice]]:
    """What can be asked of it besides what is asked of all."""
    return {name: answers for name, answers in report.choices(actor).items() if name not in SHARED}


class DownloadsView(BaseView):
    """Every user sees their own downloads only."""

    route_base = "/reports/downloads"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        found = log.downloads(current_actor(), page_number())
        waiting = any(log.is_waiting(row) for row in found.lines)
        return str(
            self.render_template(
                "panel/reports/downloads.html", title=_("My downloads"), found=found, log=log, waiting=waiting
            )
        )

    @expose("/<int:pk>.json")
    @has_access
    def state(self, pk: int) -> Response:
        response = jsonify(log.told_of(jobs.own(current_actor(), pk)))
        response.cache_control.no_store = True
        return response

    @expose("/<int:pk>")
    @has_access
    def file(self, pk: int) -> Response:
        return export_response(jobs.file_of(current_actor(), pk))


class ExportLogView(BaseView):
    route_base = "/exports"
    default_view = "page"

    @expose("/log")
    @has_access
    def page(self) -> str:
        person, what = (request.args.get(name, "").strip()[:130] for name in ("person", "report"))
        found = log.log(current_actor(), person, what, page_number())
        return str(
            self.render_template(
                "panel/reports/export_log.html", title=_("Log of exports"), found=found, log=log, person=person,
                what=what,
            )
        )  # fmt: skip


PAGES = tuple(
    Page(view, open_to, key=key, label=label, href=f"{view.__name__}.page", category=REPORTS, group=FILES)
    for view, open_to, key, label in (
        (ReportsView, readers, "report_list", _l("Reports")),
        (DownloadsView, readers, "downloads", _l("My downloads")),
        (ExportLogView, readers_of_all, "export_log", _l("Log of exports")),
    )
)
