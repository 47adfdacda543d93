"""The quarterly complaint report to OJK as a page, with its due date and its CSV."""

from __future__ import annotations

from flask import Response, request
from flask_appbuilder import AppBuilder, BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.files import report_response
from app.security import current_actor
from app.services import ojk

SHOWN_QUARTERS = 6


class OjkView(BaseView):  # type: ignore[misc]
    route_base = "/ojk"
    default_view = "report"

    @expose("/")
    @has_access
    def report(self) -> str:
        quarter = _quarter()
        lines = ojk.lines(quarter)
        return str(
            self.render_template(
                "panel/ojk.html", title=_("Complaint report to OJK"), quarter=quarter, quarters=_recent(),
                headings=ojk.HEADINGS, lines=lines, total=ojk.total(lines), due=ojk.next_due(),
            )
        )  # fmt: skip

    @expose("/csv")
    @has_access
    def csv(self) -> Response:
        quarter = _quarter()
        return report_response(current_actor(), "ojk", since=quarter.first)


def _quarter() -> ojk.Quarter:
    """The quarter that was asked for, by default the one whose report is due next."""
    asked = request.args.get("quarter")
    return ojk.next_due() if asked is None else ojk.Quarter.named(asked)


def _recent() -> list[ojk.Quarter]:
    quarters = [ojk.next_due().next]
    while len(quarters) < SHOWN_QUARTERS:
        quarters.append(quarters[-1].previous)
    return quarters


def register(appbuilder: AppBuilder) -> None:
    appbuilder.add_view(
        OjkView, "ojk", href="OjkView.report", label=_l("Complaint report to OJK"), category="reports",
        category_label=_l("Reports"),
    )  # fmt: skip
