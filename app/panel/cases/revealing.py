"""The buttons by which masked data of a case are shown, and masked again."""

from __future__ import annotations

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app.panel.cases.page import Answer, CaseView
from app.services.cases import revealing
from app.services.core.errors import TooMany, ValidationFailed
from app.services.core.formatting import time_of_day
from app.web.actor import current_actor


class RevealView(CaseView):
    """A refusal shows the page of the case again, with the reason that was typed."""

    @expose("/<int:pk>/reveal", methods=["POST"])
    @has_access
    def reveal(self, pk: int) -> Answer:
        try:
            shown = revealing.reveal(current_actor(), self.sop.key, pk, request.form.get("reason", ""))
        except (TooMany, ValidationFailed) as refusal:
            return self.case_page(pk, reveal=refusal), refusal.status
        flash(_("Shown until %(at)s; it is written down.", at=time_of_day(shown.until)), "success")
        return redirect(self.url(pk))

    @expose("/<int:pk>/conceal", methods=["POST"])
    @has_access
    def conceal(self, pk: int) -> Answer:
        revealing.conceal(current_actor(), self.sop.key, pk)
        return redirect(self.url(pk))
