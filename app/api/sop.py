"""The declarations of the SOPs, for programs: what is needed to fill in and walk any of them."""

from __future__ import annotations

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.api.base import Resource, answer
from app.api.cases.declarations import declaration
from app.api.spec import documented, json_of, path
from app.services.cases.transitions import declared
from app.sop import SOPS
from app.web.actor import current_actor


class SopApi(Resource):
    """Procedures are no secret: everyone who is signed in may read them all."""

    resource_name = "sop"

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Declaration", many=True))
    def get_list(self) -> Response:
        """The declarations of all SOPs, of each the revision that takes new cases today."""
        actor = current_actor()
        return answer([declaration(actor, declared(key)) for key in SOPS])

    @expose("/<key>", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Declaration"), 404, parameters=(path("key"),))
    def get(self, key: str) -> Response:
        """The declaration of one SOP."""
        return answer(declaration(current_actor(), declared(key)))
