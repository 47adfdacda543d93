"""The worklist (Tugas saya): what waits for the user, most urgent first, and what waits for others. It is the first
page of all but those who oversee a procedure: theirs is the dashboard."""

from __future__ import annotations

from datetime import datetime

from flask import redirect
from flask_appbuilder import IndexView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.panel.calendar.agenda import place, stage
from app.panel.dashboards.board import oversight
from app.services.calendar import agenda
from app.services.cases.worklist import Task, worklist
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.errors import FieldError
from app.services.core.wording import describe_violation
from app.services.dashboards.board import overseen
from app.sop import SOPS, in_effect
from app.web.actor import current_actor
from app.web.pages import Page, everyone
from app.workflow.declaration import Sop
from app.workflow.engine import AvailableAction


class WorklistView(IndexView):
    @expose("/")
    def index(self) -> str | Response | tuple[str, int]:
        """The first page: of who oversees a procedure how it runs, of everybody else what waits for them."""
        actor = current_actor()
        if actor.id is not None and overseen(actor):
            self.update_redirect()
            return oversight(self)
        return self._tasks()

    @expose("/tasks/")
    def tasks(self) -> str | Response:
        return self._tasks()

    def _tasks(self) -> str | Response:
        actor = current_actor()
        if actor.id is None:
            return redirect(self.appbuilder.get_url_for_login)
        self.update_redirect()
        appointments, coming = agenda.soonest(actor, agenda.REMIND_DAYS, agenda.REMINDERS)
        return str(
            self.render_template(
                "panel/cases/worklist.html",
                title=_("My tasks"),
                tasks=worklist(actor),
                appointments=appointments,
                coming=coming,
                creatable=creatable(actor),
                field_errors=field_errors,
                age=age,
                stage=stage,
                place=place,
            )
        )


def creatable(actor: Actor) -> list[Sop]:
    """The SOPs of which this user may open a case today."""
    today = clock.today()
    return [sop for key in SOPS if actor.roles & set((sop := in_effect(key, today)).create.by)]


def field_errors(task: Task, action: AvailableAction) -> list[FieldError]:
    """What a step waits for, in words."""
    return [describe_violation(task.sop, action.transition, lack) for lack in action.missing]


def age(since: datetime) -> str:
    """How long a case has been in its state."""
    days = (clock.today() - since.astimezone(clock.zone()).date()).days
    if days < 1:
        return str(_("since today"))
    return str(ngettext("for %(num)s day", "for %(num)s days", days))


PAGE = Page(WorklistView, everyone, built_in=True, key="worklist", label=_l("My tasks"), href="WorklistView.tasks")
