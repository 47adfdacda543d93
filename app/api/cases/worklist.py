"""The worklist (Tugas saya), for programs."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.api.base import Resource, answer
from app.api.cases import shape
from app.api.spec import documented, json_of
from app.services.cases.worklist import Task, worklist
from app.services.core.wording import describe_violation
from app.web.actor import current_actor
from app.web.events import moment


class WorklistApi(Resource):
    resource_name = "worklist"
    narrows = True

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Worklist"))
    def get(self) -> Response:
        """The cases whose next step is the user's, those that wait for others, those they follow."""
        lists = worklist(current_actor())
        named = {"mine": lists.mine, "waiting": lists.waiting, "followed": lists.followed}
        return answer({name: [_task(task) for task in tasks] for name, tasks in named.items()})


def _task(task: Task) -> dict[str, Any]:
    """``missing``: what is lacking, with the step that lacks it."""
    missing = [
        {"action": action.transition.key, "kind": error.kind, "key": error.key, "message": error.message}
        for action in task.next
        for error in (describe_violation(task.sop, action.transition, lack) for lack in action.missing)
    ]
    steps = [action.transition.key for action in task.next]
    return shape.reference(task.case) | {"next": steps, "due": moment(task.case.due_at), "missing": missing}
