"""The search over all cases, for programs."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.api.base import Resource, answer
from app.api.cases import shape
from app.api.spec import documented, json_of, query
from app.models import Case
from app.services.cases.transitions import declared
from app.services.core.access import Actor
from app.services.search.search import search
from app.web.actor import current_actor


class SearchApi(Resource):
    resource_name = "search"
    narrows = True

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Found", many=True), 404, parameters=(query("q"), query("sop")))
    def get(self) -> Response:
        """The cases that the user may see and that ``q`` can mean, best first, a mutated pair as one."""
        sop = request.args.get("sop")
        if sop:
            declared(sop)
        actor = current_actor()
        hits = search(actor, request.args.get("q", ""), sop or None, discreet=True)
        return answer([_found(actor, hit.case, hit.related) for hit in hits])


def _found(actor: Actor, case: Case, related: list[Any]) -> dict[str, Any]:
    label = shape.label(actor, case)
    return shape.reference(case) | {
        "label": label,
        "void": case.voided_at is not None,
        "related": [shape.reference(one) for one in related],
    }
