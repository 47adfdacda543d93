"""The quarterly complaint report to OJK as a page, with its due date and its CSV."""

from __future__ import annotations

from flask import Response, request
from flask_appbuilder import AppBuilder, BaseView, expose, has_access
from flask_babel import lazy_gettext as _l

from app.services.core.access import Actor
from app.sop.pengaduan import ojk
from app.sop.pengaduan.due_report import DUE, Quarter, next_due
from app.web.actor import current_actor
from app.web.files import report_response

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
                "panel/ojk.html", title=str(DUE.label), quarter=quarter, quarters=_recent(),
                headings=ojk.HEADINGS, lines=lines, total=ojk.total(lines), due=next_due(),
            )
        )  # fmt: skip

    @expose("/csv")
    @has_access
    def csv(self) -> Response:
        quarter = _quarter()
        return report_response(current_actor(), DUE.key, since=quarter.first)


def _quarter() -> Quarter:
    """The quarter that was asked for, by default the one whose report is due next."""
    asked = request.args.get("quarter")
    return next_due() if asked is None else Quarter.named(asked)


def _recent() -> list[Quarter]:
    quarters = [next_due().next]
    while len(quarters) < SHOWN_QUARTERS:
        quarters.append(quarters[-1].previous)
    return quarters


def register(appbuilder: AppBuilder) -> None:
    appbuilder.add_view(
        OjkView, DUE.key, href=DUE.page, label=DUE.label, category="reports", category_label=_l("Reports")
    )


def grants(actor: Actor) -> list[tuple[str, str]]:
    """What of the page whoever has these roles reaches."""
    return [("OjkView", "can_.*"), (DUE.key, "menu_access"), ("reports", "menu_access")] if DUE.may(actor) else []
