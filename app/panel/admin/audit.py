"""The audit log: what was done beside the steps of cases, for admins and auditors. Nothing here changes anything."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.services.audit import reading
from app.services.audit.actions import ACTIONS, KINDS
from app.services.audit.reading import Wanted
from app.services.core.errors import Malformed
from app.services.deadlines.year_calendar import FIRST_YEAR, LAST_YEAR
from app.services.reports import jobs
from app.services.reports.log import AUDIT
from app.web.actor import current_actor
from app.web.files import dialect, export_response
from app.web.pages import OPERATION, SYSTEM, Page
from app.workflow import values
from app.workflow.declaration import Field

#: The longest words that are looked for.
LONGEST = 130
DAY = Field("day", "", "date")


class AuditView(BaseView):
    route_base = "/audit"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        wanted, problem = asked()
        found = reading.entries(current_actor(), wanted, request.args.get("after", ""), request.args.get("before", ""))
        return str(
            self.render_template(
                "panel/admin/audit.html",
                title=_("Audit log"), found=found, wanted=wanted, problem=problem, reading=reading,
                actions=_sorted(ACTIONS), kinds=_sorted(KINDS), chain=reading.chain_state(), here=_here(wanted),
                filters=wanted.told(),
            )
        )  # fmt: skip

    @expose("/log.<any(csv,xlsx):form>")
    @has_access
    def export(self, form: str) -> Response:
        actor, (wanted, problem) = current_actor(), asked()
        if problem:
            raise Malformed(problem)
        reading.reader_or_refused(actor)
        rows = reading.every(actor, wanted)
        name = str(_("Audit log"))
        return export_response(jobs.stream_rows(actor, AUDIT, name, wanted.told(), rows, form, dialect().key))


def asked() -> tuple[Wanted, str]:
    """What the address asks for, and what of it can't be read."""
    words = {
        name: request.args.get(name, "").strip().replace("\0", "")[:LONGEST] for name in ("who", "subject", "address")
    }
    action, kind = request.args.get("action", ""), request.args.get("kind", "")
    days, problem = {}, ""
    for name, key in (("from", "first"), ("to", "last")):
        written = request.args.get(name, "").strip()
        days[key] = _day(written)
        if written and days[key] is None:
            problem = _("“%(written)s” is no day.", written=written[:40])
    return Wanted(
        **words, action=action if action in ACTIONS else "", kind=kind if kind in KINDS else "",
        first=days["first"], last=days["last"],
    ), problem  # fmt: skip


def _day(written: str) -> date | None:
    try:
        day: date | None = values.parse(DAY, written)
    except values.InvalidValue:
        return None
    return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else None


def _here(wanted: Wanted) -> Any:
    """Makes the address of a page of the list that is shown."""

    def here(**place: str) -> str:
        query: dict[str, Any] = wanted.told() | place
        return url_for("AuditView.page", **query)

    return here


def _sorted(labels: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted(((key, str(label)) for key, label in labels.items()), key=lambda one: one[1].lower())


PAGE = Page(
    AuditView, reading.may_read, key="audit", label=_l("Audit log"), href="AuditView.page", category=SYSTEM,
    group=OPERATION,
)  # fmt: skip
