"""The documents of a case: added to the checklist, opened, read as text."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app.models import Document
from app.panel.cases.page import Answer, CaseView
from app.panel.steps import forms
from app.services.core.access import visible_or_404
from app.services.core.errors import Malformed, Refused
from app.services.documents import documents, openings, reading
from app.services.documents.sniff import INLINE
from app.web.actor import current_actor
from app.web.files import document_response
from app.web.problems import as_json


class DocumentView(CaseView):
    """Each answers a page's script in JSON, and a form without one by a page."""

    @expose("/<int:pk>/documents", methods=["POST"])
    @has_access
    def upload(self, pk: int) -> Answer:
        """Adds files to the checklist, each as a version of its kind or as a file of its own."""
        kind = request.form.get("type", "")
        try:
            added = self._added(pk, kind)
        except Refused as refusal:
            visible_or_404(current_actor(), self.sop.key, pk)
            if for_script():
                return jsonify(as_json(refusal.message)), refusal.status
            return self.case_page(pk, {kind: refusal.message}), refusal.status
        if for_script():
            return jsonify(documents=[{"id": one.id, "version": one.version} for one in added]), 201
        flash(_("Saved: %(document)s.", document=self.sop.document_by_key[kind].label), "success")
        return redirect(self.url(pk, "documents"))

    def _added(self, pk: int, kind: str) -> list[Document]:
        files = forms.uploads(request.files).get("file", [])
        if not files:
            raise Malformed(_("Please choose a file first."))
        replaces = request.form.get("replaces", type=int)
        if replaces is not None and len(files) > 1:
            raise Malformed(_("One file replaces one: please choose a single file."))
        return [documents.upload(current_actor(), self.sop.key, pk, kind, file, replaces) for file in files]

    @expose("/<int:pk>/documents/<int:document>")
    @has_access
    def content(self, pk: int, document: int) -> Response:
        return document_response(documents.openable_or_refused(current_actor(), self.sop.key, pk, document))

    @expose("/<int:pk>/documents/<int:document>/text")
    @has_access
    def text(self, pk: int, document: int) -> Answer:
        """What is written in a document, for the preview: no markup, nothing that runs."""
        found = documents.openable_or_refused(current_actor(), self.sop.key, pk, document)
        openings.opened(current_actor(), found, in_part=False)
        try:
            written: Any = {"text": reading.text_of(found)}
        except Refused as refusal:
            return jsonify(as_json(refusal.message)), refusal.status
        answer = jsonify(written)
        answer.cache_control.no_store = True
        return answer


def preview_of(document: Document) -> str:
    """How static/js/preview.js shows it in place: ``pdf``, ``image``, ``audio``, ``text``; empty for a download."""
    if document.content_type in reading.READABLE:
        return "text"
    if document.content_type not in INLINE:
        return ""
    return "pdf" if document.content_type == "application/pdf" else document.content_type.partition("/")[0]


def for_script() -> bool:
    """Whether a script of ours asks, which reads JSON."""
    return request.accept_mimetypes.best == "application/json"
