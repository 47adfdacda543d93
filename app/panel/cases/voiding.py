"""The page on which a case is declared void, asked to be, or a request decided on; who may,
``services/cases/voiding.py`` says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import Case
from app.panel.cases import timeline
from app.services.cases import facts, voiding
from app.services.core.access import Actor, visible_or_404
from app.services.core.errors import Forbidden, Refused, ValidationFailed, refuse_void
from app.services.core.veiled import case_for
from app.services.core.wording import VOID_ASKED, VOIDED
from app.services.documents import documents
from app.sop import sop_of
from app.web.actor import current_actor
from app.workflow.declaration import Sop, Text

#: By what somebody can do about it: how the page is called, and the link to it.
TITLES: dict[str, Text] = {
    "void": _l("Declare void"),
    "ask": _l("Ask to declare void"),
    "decide": _l("Decide on the request to declare void"),
    "withdraw": _l("Withdraw the request to declare void"),
}
DECLINE = "_decline"


@dataclass(frozen=True)
class Void:
    """What the page of a case tells of it: the event by which it was declared void, or asked to be, and what the reader
    can do (empty: nothing)."""

    told: timeline.TimelineEntry | None
    title: Text


def void_of(actor: Actor, sop: Sop, case: Case, lines: Sequence[timeline.TimelineEntry]) -> Void:
    """``lines``: the history as ``actor`` reads it, newest first."""
    wanted = VOIDED if case.voided_at is not None else VOID_ASKED if case.void_request is not None else None
    found = voiding.way(actor, sop, case)
    return Void(next((line for line in lines if line.key == wanted), None), TITLES[found] if found else "")


class VoidingView(BaseView):
    sop: Sop

    @expose("/<int:pk>/void")
    @has_access
    def void(self, pk: int) -> Any:
        return self._void_page(pk)

    @expose("/<int:pk>/void", methods=["POST"])
    @has_access
    def voided(self, pk: int) -> Any:
        typed, actor = request.form, current_actor()
        do = voiding.decline if DECLINE in typed else voiding.declare
        try:
            case = do(actor, self.sop.key, pk, typed.get("note", ""), typed.get("version", type=int))
        except ValidationFailed as refusal:
            return self._void_page(pk, refusal), refusal.status
        flash(self._said(case, DECLINE in typed), "success")
        return redirect(url_for(f"{self.endpoint}.case", pk=pk))

    @staticmethod
    def _said(case: Case, declined: bool) -> str:
        if case.voided_at is not None:
            return str(_("%(number)s is declared void.", number=case.number))
        if declined:
            return str(_("%(number)s stays as it is.", number=case.number))
        return str(_("Somebody else decides on it now."))

    def _void_page(self, pk: int, refusal: Refused | None = None) -> Any:
        actor = current_actor()
        case = visible_or_404(actor, self.sop.key, pk)
        sop = sop_of(case)
        refuse_void(case)
        found = voiding.way(actor, sop, case)
        if found is None:
            raise Forbidden(_("Your role may not declare this case void."))
        lines = timeline.lines(actor, sop, case, facts.events_of([pk])[pk], documents.versions(case))
        return self.render_template(
            "panel/cases/void.html",
            title=f"{TITLES[found]} · {case.number}",
            sop=sop,
            case=case_for(actor, case),
            state=sop.state(case.state),
            way=found,
            heading=TITLES[found],
            void=void_of(actor, sop, case, lines),
            decline=DECLINE,
            refusal=refusal,
            cancel=url_for(f"{self.endpoint}.case", pk=pk),
        )
