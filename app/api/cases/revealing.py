"""Masked data of one case, for who may have them shown."""

from __future__ import annotations

from typing import ClassVar

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.api.base import Resource, answer
from app.api.cases import body
from app.api.spec import PK, documented, json_of
from app.services.cases import revealing
from app.web.actor import current_actor
from app.web.events import moment
from app.workflow.declaration import Sop


class RevealRoutes(Resource):
    """The only route that tells what is masked everywhere else."""

    sop: ClassVar[Sop]

    @expose("/<int:pk>/reveal", methods=["POST"])
    @protect()
    @permission_name("post")
    @documented("post", json_of("Revealed"), 400, 404, 415, 422, 429, 503, parameters=(PK,))
    def reveal(self, pk: int) -> Response:
        """The personal data of a case in plain words, with the reason; its files are open until “until”."""
        actor, key = current_actor(), self.sop.key
        reason, fields = body.reveal()
        if fields is None:
            shown = revealing.reveal(actor, key, pk, reason)
        else:
            shown = revealing.tell(actor, key, pk, reason, fields)
        told = answer({"until": moment(shown.until), "values": shown.values, "records": shown.records})
        told.cache_control.no_store = True
        return told
