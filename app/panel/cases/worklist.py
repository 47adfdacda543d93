"""The worklist (Tugas saya), the first page: what waits for the user, most urgent first, and what waits for others."""

from __future__ import annotations

from datetime import datetime

from flask import redirect
from flask_appbuilder import IndexView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.panel.calendar.agenda import place, stage
from app.services.calendar import agenda
from app.services.cases.worklist import Task, worklist
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.errors import FieldError
from app.services.core.wording import describe_violation
from app.sop import SOPS, in_effect
from app.web.actor import current_actor
from app.web.pages import Page, everyone
from app.workflow.declaration import Sop
from app.workflow.engine import AvailableAction


class WorklistView(IndexView):
    @expose("/")
    def index(self) -> str | Response:
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


PAGE = Page(WorklistView, everyone, built_in=True, key="worklist", label=_l("My tasks"), href="WorklistView.index")
