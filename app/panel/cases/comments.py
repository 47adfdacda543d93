"""The box for comments on the page of a case; who reads them, ``services/cases/comments.py`` says."""

from __future__ import annotations

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app.panel.cases.comment_form import FILES, CommentForm
from app.panel.cases.page import Answer, CaseView
from app.panel.steps import forms
from app.services.cases import comments
from app.services.core.access import visible_or_404
from app.services.core.errors import Forbidden, NotVisible, Refused, ValidationFailed
from app.web.actor import current_actor


class CommentView(CaseView):
    """A refusal shows the page of the case again, with everything that was typed."""

    @expose("/<int:pk>/comments", methods=["POST"])
    @has_access
    def comment(self, pk: int) -> Answer:
        actor, form = current_actor(), CommentForm.of(request.form)
        visible_or_404(actor, self.sop.key, pk)
        files = forms.uploads(request.files).get(FILES, [])
        try:
            if error := form.contradiction():
                raise ValidationFailed(error.message, [error])
            seq = comments.write(actor, self.sop.key, pk, form.text, form.readers, files)
        except (Forbidden, NotVisible):
            raise
        except Refused as refusal:
            form.show(refusal, bool(files))
            return self.case_page(pk, comment=form), refusal.status
        flash(_("Your comment is saved."), "success")
        return redirect(self.url(pk, f"comment-{seq}"))

    @expose("/<int:pk>/comments/<int:seq>/withdraw", methods=["POST"])
    @has_access
    def withdraw_comment(self, pk: int, seq: int) -> Answer:
        comments.withdraw(current_actor(), self.sop.key, pk, seq)
        flash(_("Your comment is withdrawn."), "success")
        return redirect(self.url(pk, f"comment-{seq}"))
