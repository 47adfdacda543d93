"""Retention: what is due to be removed, what is on hold, what was removed, and for how long things are kept."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.extensions import db
from app.models import LegalHold
from app.services.core import masking
from app.services.core.access import ADMIN, Actor
from app.services.core.errors import Forbidden, NotVisible, Refused
from app.services.core.veiled import Veiled
from app.services.retention import retention
from app.services.retention.purge import purge
from app.sop import SOPS
from app.web.actor import current_actor
from app.web.files import report_response
from app.web.pages import OBLIGATIONS, REPORTS, Page
from app.workflow.declaration import Sop

#: Rows of a table on the page; the CSV has them all.
SHOWN = 200


class RetentionView(BaseView):
    """Retention officers act, other roles that ``retention_sops`` knows read; the services decide."""

    route_base = "/retention"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        return self._page()

    @expose("/due.<any(csv,xlsx):form>")
    @has_access
    def due_table(self, form: str) -> Response:
        return report_response(current_actor(), "retention", form)

    @expose("/purged.<any(csv,xlsx):form>")
    @has_access
    def purged_table(self, form: str) -> Response:
        return report_response(current_actor(), "retention-removed", form)

    @expose("/purge", methods=["POST"])
    @has_access
    def purge(self) -> Any:
        return self._do(self._purge)

    @expose("/hold", methods=["POST"])
    @has_access
    def hold(self) -> Any:
        return self._do(self._hold)

    @expose("/release", methods=["POST"])
    @has_access
    def release(self) -> Any:
        return self._do(self._release)

    @expose("/period", methods=["POST"])
    @has_access
    def period(self) -> Any:
        return self._do(self._period)

    def _purge(self) -> str:
        files = purge(current_actor(), request.form.get("sop", ""), request.form.get("case", 0, type=int))
        return str(ngettext("%(num)s file removed.", "%(num)s files removed.", files))

    def _hold(self) -> str:
        retention.hold(current_actor(), request.form.get("number", ""), request.form.get("reason", ""))
        return str(_("The hold is set."))

    def _release(self) -> str:
        retention.release(current_actor(), request.form.get("hold", 0, type=int), request.form.get("reason", ""))
        return str(_("The hold is released."))

    def _period(self) -> str:
        form = request.form
        retention.set_period(current_actor(), form.get("sop", ""), form.get("document_type", ""), form.get("years", ""))
        return str(_("The period is saved."))

    def _do(self, verb: Any) -> Any:
        """Does it and returns to the page; a refusal is shown there, with what was typed kept."""
        try:
            said = verb()
        except (Forbidden, NotVisible):
            raise
        except Refused as refusal:
            return self._page(refusal.message), refusal.status
        flash(said, "success")
        return redirect(url_for("RetentionView.page"))

    def _page(self, problem: str = "") -> str:
        actor, sops = current_actor(), self._sops()
        due = retention.due(sops)
        return str(
            self.render_template(
                "panel/admin/retention.html",
                title=_("Retention"), problem=problem, due=due[:SHOWN], due_count=len(due),
                holds=[_held_for(actor, one) for one in retention.holds(sops)],
                purges=db.session.scalars(retention.purges(sops).limit(SHOWN)).all(),
                types=retention.types, document_names=retention.document_names,
                keeps={sop.key for sop in sops if retention.is_retention_officer(actor, sop)},
                retention_officers=retention.retention_officers, kept=[(sop, retention.periods(sop)) for sop in sops],
                is_admin=ADMIN in actor.roles, most_years=retention.MOST_YEARS,
            )
        )  # fmt: skip

    @staticmethod
    def _sops() -> list[Sop]:
        return retention.retention_sops(current_actor())


def _held_for(actor: Actor, hold: LegalHold) -> Any:
    """Why something is on hold may tell of people, as a note does."""
    masked = masking.masked(actor, SOPS[hold.case.sop])
    return Veiled(hold, reason=masking.blank(hold.reason)) if masked else hold


PAGE = Page(
    RetentionView,
    lambda actor: bool(retention.retention_sops(actor)),
    key="retention",
    label=_l("Retention"),
    href="RetentionView.page",
    category=REPORTS,
    group=OBLIGATIONS,
)
