"""The declarations of the SOPs, for programs: what is needed to fill in and walk any of them."""

from __future__ import annotations

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _

from app.api.base import Resource, answer
from app.api.cases.declarations import declaration
from app.api.spec import documented, json_of, path
from app.services.cases.transitions import declared
from app.services.core.errors import Forbidden
from app.sop import SOPS
from app.web.actor import current_actor


class SopApi(Resource):
    """Procedures are no secret: everyone who is signed in may read them all; a key for certain SOPs reads those."""

    resource_name = "sop"
    narrows = True

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Declaration", many=True))
    def get_list(self) -> Response:
        """The declarations of all SOPs, of each the revision that takes new cases today."""
        actor = current_actor()
        return answer([declaration(actor, declared(key)) for key in SOPS if actor.reaches(key)])

    @expose("/<key>", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Declaration"), 404, parameters=(path("key"),))
    def get(self, key: str) -> Response:
        """The declaration of one SOP."""
        actor = current_actor()
        sop = declared(key)
        if not actor.reaches(key):
            raise Forbidden(_("This API key is not for this; it is for certain SOPs."))
        return answer(declaration(actor, sop))
