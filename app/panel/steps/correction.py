"""The page on which the data of a case, or of a row of it, are corrected: the form of a step, with what is there."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.panel.cases.page import Answer
from app.panel.steps import forms
from app.panel.steps.sending import PREFILL
from app.panel.steps.view import StepView
from app.services.cases import correctable, corrections, facts
from app.services.core.access import visible_or_404
from app.services.core.errors import Conflict, Forbidden, NotVisible, Refused
from app.sop import sop_of
from app.web.actor import current_actor


class CorrectionView(StepView):
    """As the form of a step: a refusal shows it again with everything that was typed."""

    @expose("/<int:pk>/correct")
    @has_access
    def correct(self, pk: int) -> Answer:
        return self._correction_page(pk)

    @expose("/<int:pk>/correct", methods=["POST"])
    @has_access
    def corrected(self, pk: int) -> Answer:
        return self._correct(pk)

    @expose("/<int:pk>/correct/<records>/<int:row>")
    @has_access
    def correct_row(self, pk: int, records: str, row: int) -> Answer:
        return self._correction_page(pk, records, row)

    @expose("/<int:pk>/correct/<records>/<int:row>", methods=["POST"])
    @has_access
    def row_corrected(self, pk: int, records: str, row: int) -> Answer:
        return self._correct(pk, records, row)

    def _correct(self, pk: int, records: str | None = None, row: int | None = None) -> Answer:
        typed = request.form
        if PREFILL in typed:
            return self._correction_page(pk, records, row, typed)
        wanted = self._target(pk, records, row)
        raw: dict[str, Any] = forms.answers(wanted.step, typed)
        if records is not None:
            raw = {records: [raw | {corrections.ID: row}]}
        try:
            corrections.correct(
                current_actor(), self.sop.key, pk, raw, typed.get("note", ""), typed.get("version", type=int)
            )
        except Conflict as refusal:
            again = self._address(pk, records, row)
            return self._conflict_page(pk, wanted.step, typed, refusal, again, wanted.present), refusal.status
        except (Forbidden, NotVisible):
            raise
        except Refused as refusal:
            return self._correction_page(pk, records, row, typed, refusal), refusal.status
        return self._go_on(pk, _("The data are corrected; the history keeps what was there before."))

    def _target(self, pk: int, records: str | None, row: int | None) -> correctable.Target:
        actor = current_actor()
        case = visible_or_404(actor, self.sop.key, pk)
        return correctable.target(actor, case, facts.events_of([pk])[pk], records, row)

    def _address(self, pk: int, records: str | None, row: int | None) -> str:
        if records is None:
            return url_for(f"{self.endpoint}.corrected", pk=pk)
        return url_for(f"{self.endpoint}.row_corrected", pk=pk, records=records, row=row)

    def _correction_page(
        self, pk: int, records: str | None = None, row: int | None = None,
        typed: MultiDict[str, str] | None = None, refusal: Refused | None = None,
    ) -> Answer:  # fmt: skip
        actor = current_actor()
        case = visible_or_404(actor, self.sop.key, pk)
        sop, wanted = sop_of(case), self._target(pk, records, row)
        known = facts.load_facts(actor, case)
        form = forms.StepForm(sop, wanted.step, actor, case, known, typed, wanted.present)
        return self._form_page(case, form, refusal, self._address(pk, records, row), barred=[])
