"""The comments on a case: read, written, withdrawn."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.api import schema
from app.api.base import Resource, answer
from app.api.cases import body, shape
from app.api.spec import PK, WRITING, documented, json_of
from app.services.cases import comments
from app.services.core.access import visible_or_404
from app.sop import sop_of
from app.web.actor import current_actor
from app.workflow.declaration import Sop


class CommentRoutes(Resource):
    """Comments on the cases of one SOP."""

    sop: ClassVar[Sop]

    @expose("/<int:pk>/comments", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Comment", many=True), 404, parameters=(PK,))
    def comments(self, pk: int) -> Response:
        """The comments that the user may read, the newest last."""
        actor, key = current_actor(), self.sop.key
        sop = sop_of(visible_or_404(actor, key, pk))
        return answer([shape.comment(actor, sop, said) for said in comments.listed(actor, key, pk)])

    @expose("/<int:pk>/comments", methods=["POST"])
    @protect()
    @permission_name("post")
    @documented("post", json_of("Comment"), 404, *WRITING, status=201, parameters=(PK,))
    def comment(self, pk: int) -> Response:
        """Comment on a case, for everybody who sees it or for the roles in “to” alone."""
        actor, key = current_actor(), self.sop.key
        visible_or_404(actor, key, pk)
        sent = body.commented()
        seq = comments.write(actor, key, pk, sent.text, sent.to, sent.files)
        return answer(self._comment(actor, pk, seq), 201)

    @expose("/<int:pk>/comments/<int:seq>/withdraw", methods=["POST"])
    @protect()
    @permission_name("post")
    @documented("post", json_of("Comment"), 404, 409, 503, parameters=(PK, schema.SEQ))
    def withdraw_comment(self, pk: int, seq: int) -> Response:
        """Withdraw a comment of one's own; the entry stays, without its text and files."""
        actor = current_actor()
        comments.withdraw(actor, self.sop.key, pk, seq)
        return answer(self._comment(actor, pk, seq))

    def _comment(self, actor: Any, pk: int, seq: int) -> dict[str, Any]:
        sop = sop_of(visible_or_404(actor, self.sop.key, pk))
        return shape.comment(actor, sop, comments.one(actor, self.sop.key, pk, seq))
