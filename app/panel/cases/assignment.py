"""Taking a case, putting it back, handing it over; who may, ``services/cases/assignment.py`` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app.models import Case
from app.panel.cases.worklist import returning
from app.services.cases import assignment
from app.services.core.access import Actor, note_readers, visible_or_404
from app.services.core.errors import Malformed
from app.services.core.veiled import case_for
from app.services.core.wording import HANDED_OVER
from app.sop import sop_of
from app.web.actor import current_actor
from app.workflow.declaration import Sop

#: The page that a button leads back to, when it is not the case's.
BACK = {"worklist": "WorklistView.tasks"}


@dataclass(frozen=True)
class Claim:
    """Who has claimed a case, by name (empty: nobody), and what the reader may do about it."""

    claimed_by: str
    take: bool
    put_back: bool
    hand_over: bool

    def __bool__(self) -> bool:
        return bool(self.claimed_by) or self.take or self.put_back or self.hand_over


def claim_of(actor: Actor, sop: Sop, case: Case) -> Claim:
    return Claim(
        case.claimed_by.get_full_name() if case.claimed_by else "",
        assignment.may_take(actor, sop, case),
        assignment.may_put_back(actor, sop, case),
        assignment.may_hand_over(actor, sop, case),
    )


class AssignmentView(BaseView):
    """Buttons of the case page and of the worklist; the form of handing over works without JavaScript."""

    sop: Sop

    @expose("/<int:pk>/take", methods=["POST"])
    @has_access
    def take(self, pk: int) -> Any:
        case = assignment.take(current_actor(), self.sop.key, pk)
        flash(_("You have claimed %(number)s.", number=case.number), "success")
        return self._back(pk)

    @expose("/<int:pk>/put-back", methods=["POST"])
    @has_access
    def put_back(self, pk: int) -> Any:
        case = assignment.put_back(current_actor(), self.sop.key, pk)
        flash(_("%(number)s is free again.", number=case.number), "success")
        return self._back(pk)

    @expose("/<int:pk>/hand-over")
    @has_access
    def hand_over(self, pk: int) -> Any:
        return self._hand_over_page(pk)

    @expose("/<int:pk>/hand-over", methods=["POST"])
    @has_access
    def give(self, pk: int) -> Any:
        typed = request.form
        try:
            case = assignment.hand_over(
                current_actor(), self.sop.key, pk, typed.get("username", ""), typed.get("note", "")
            )
        except Malformed as refusal:
            return self._hand_over_page(pk, refusal), refusal.status
        name = case.claimed_by.get_full_name()
        flash(_("%(number)s is handed over to %(name)s.", number=case.number, name=name), "success")
        return self._back(pk)

    def _hand_over_page(self, pk: int, refusal: Malformed | None = None) -> Any:
        actor = current_actor()
        case = visible_or_404(actor, self.sop.key, pk)
        sop = sop_of(case)
        return self.render_template(
            "panel/cases/hand_over.html",
            title=_("Hand over") + f" · {case.number}",
            sop=sop,
            case=case_for(actor, case),
            state=sop.state(case.state),
            people=assignment.successors(actor, sop, case),
            note_readers=sorted(note_readers(sop, HANDED_OVER, case.state)),
            refusal=refusal,
            cancel=url_for(f"{self.endpoint}.case", pk=pk),
        )

    def _back(self, pk: int) -> Any:
        page = BACK.get(request.form.get("back", ""))
        if page:
            return redirect(url_for(page, **returning(request.form)))
        return redirect(url_for(f"{self.endpoint}.case", pk=pk))
