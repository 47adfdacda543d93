"""A step on many cases at once, for programs."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response, request
from flask_appbuilder.api import BaseApi, expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_appbuilder.utils.limit import Limit

from app.api import schema
from app.api.base import answer
from app.api.cases import body
from app.api.spec import documented, json_of
from app.services.cases import bulk
from app.web.actor import current_actor
from app.web.often import BULK_LIMIT, sender
from app.web.problems import as_json
from app.workflow.declaration import Sop


def _is_another_route() -> bool:
    """Flask-AppBuilder limits a resource as a whole."""
    return not (request.endpoint or "").endswith(".bulk")


class BulkRoutes(BaseApi):
    """Answers 200 as soon as the request itself is in order; what became of each case is in the answer."""

    sop: ClassVar[Sop]
    limits = [Limit(BULK_LIMIT, sender, methods=("POST",), exempt_when=_is_another_route)]

    @expose("/bulk/<step>", methods=["POST"])
    @protect()
    @permission_name("post")
    @documented("post", json_of("Bulk"), 400, 404, 415, 429, parameters=(schema.BULK_STEP,))
    def bulk(self, step: str) -> Response:
        """Do a step on many cases, each for itself; answers which are done and why the others are not."""
        ids, answers = body.many(bulk.step_of(self.sop.key, step))
        result = bulk.perform(current_actor(), self.sop.key, step, ids, answers)
        return answer({
            "done": [{"id": one.id, "number": one.number, "state": one.state, "version": one.version}
                     for one in result.done],
            "refused": [_refused(one) for one in result.refused],
        })  # fmt: skip


def _refused(one: bulk.Refusal) -> dict[str, Any]:
    return {"id": one.id, "status": one.status} | as_json(one.message, one.field_errors)
