"""The quarterly complaint report to OJK as a page, with its due date and its exports."""

from __future__ import annotations

from flask import Response, request
from flask_appbuilder import BaseView, expose, has_access

from app.sop.pengaduan import ojk
from app.sop.pengaduan.due_report import DUE, Quarter, next_due
from app.web.actor import current_actor
from app.web.files import report_response
from app.web.pages import OBLIGATIONS, REPORTS, Page

SHOWN_QUARTERS = 6


class OjkView(BaseView):
    route_base = "/ojk"
    default_view = "report"

    @expose("/")
    @has_access
    def report(self) -> str:
        quarter = _quarter()
        lines = ojk.lines(quarter)
        return str(
            self.render_template(
                "panel/ojk.html", title=str(DUE.label), quarter=quarter, quarters=_recent(),
                headings=ojk.HEADINGS, lines=lines, total=ojk.total(lines), due=next_due(),
            )
        )  # fmt: skip

    @expose("/<any(csv,xlsx):form>")
    @has_access
    def export(self, form: str) -> Response:
        quarter = _quarter()
        return report_response(current_actor(), DUE.key, form, since=quarter.first)


def _quarter() -> Quarter:
    """The requested quarter, by default the one whose report is due next."""
    written = request.args.get("quarter")
    return next_due() if written is None else Quarter.named(written)


def _recent() -> list[Quarter]:
    quarters = [next_due().next]
    while len(quarters) < SHOWN_QUARTERS:
        quarters.append(quarters[-1].previous)
    return quarters


PAGE = Page(OjkView, DUE.may, key=DUE.key, label=DUE.label, href=DUE.page, category=REPORTS, group=OBLIGATIONS)
