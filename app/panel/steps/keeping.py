"""A file that is chosen in a form travels at once, ahead of the form (static/js/uploads.js)."""

from __future__ import annotations

from flask import jsonify, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app.panel.cases.page import Answer
from app.panel.steps import forms
from app.panel.steps.view import StepView, step_of
from app.services.core.access import visible_or_404
from app.services.core.errors import Malformed, Refused
from app.services.documents import staging
from app.services.documents.staging import Place
from app.sop import sop_of
from app.web.actor import current_actor
from app.web.problems import as_json


class KeepingView(StepView):
    """``type`` is the kind of document, ``file`` the file; the answer names what is kept, or says why nothing is."""

    @expose("/new/files", methods=["POST"])
    @has_access
    def keep_for_new(self) -> Answer:
        sop = self._in_effect()
        return _keep(Place(current_actor(), sop, sop.create))

    @expose("/<int:pk>/do/<key>/files", methods=["POST"])
    @has_access
    def keep_for_step(self, pk: int, key: str) -> Answer:
        actor = current_actor()
        sop = sop_of(visible_or_404(actor, self.sop.key, pk))
        return _keep(Place(actor, sop, step_of(sop, key), pk))


def _keep(place: Place) -> Answer:
    try:
        files = forms.uploads(request.files).get("file", [])
        if len(files) != 1:
            raise Malformed(_("Please choose a file first."))
        kept = staging.keep(place, request.form.get("type", ""), files[0])
    except Refused as refusal:
        return jsonify(as_json(refusal.message)), refusal.status
    return jsonify(ticket=kept.ticket, filename=kept.filename, size=kept.size), 201
