"""The worklist (Tugas saya): mine, not taken, mine later, what waits for others; a line a case. It is the first page
of all but those who oversee a procedure: theirs is the dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import IndexView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.models import Case
from app.panel.calendar.agenda import place, stage
from app.panel.dashboards.board import oversight
from app.services.audit.reading import may_read
from app.services.calendar import agenda
from app.services.cases import triage
from app.services.cases.triage import FREE, LATER, MINE, TURN, WAITING, Group
from app.services.cases.worklist import Task
from app.services.core import clock, masking
from app.services.core.access import Actor
from app.services.core.formatting import name_of
from app.services.core.wording import describe_violation
from app.services.dashboards.board import overseen
from app.sop import SOPS, in_effect
from app.web.actor import current_actor
from app.web.pages import Page, readers
from app.web.roles import view_name
from app.workflow.declaration import Sop, State, Text

HEADINGS: dict[str, Text] = {
    MINE: _l("Mine"), FREE: _l("Not taken"), LATER: _l("Mine, later"), WAITING: _l("Waiting for others"),
}  # fmt: skip
EMPTY: dict[str, Text] = {
    MINE: _l("You have not taken any case."),
    FREE: _l("Nothing is waiting for you."),
    LATER: _l("Press “Follow” on the page of a case to keep an eye on it from here."),
    WAITING: _l("No open case waits for somebody else."),
}
#: Appointments on the page; the agenda has them all.
REMINDERS = 8
#: What brings somebody back to the same part of the page.
GROUP, AFTER = "group", "after"


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
        """``group``: only that one, whole; ``after``: from this row on."""
        return self._tasks()

    def _tasks(self) -> str | Response:
        actor = current_actor()
        if actor.id is None:
            return redirect(self.appbuilder.get_url_for_login)
        if not readers(actor) and may_read(actor):
            return redirect(url_for("AuditView.page"))  # auditors have no tasks
        self.update_redirect()
        chosen = request.args.get(GROUP, "")
        chosen = chosen if chosen in triage.GROUPS else ""
        after = request.args.get(AFTER, "") if chosen else ""
        groups = triage.page(actor, chosen, after) if chosen else triage.overview(actor)
        appointments, coming = agenda.soonest(actor, agenda.REMIND_DAYS, REMINDERS)
        return str(
            self.render_template(
                "panel/cases/worklist.html",
                title=_("My tasks"),
                groups=[Section(actor, group, whole=bool(chosen) or group.key in TURN) for group in groups],
                chosen=chosen,
                after=after,
                appointments=[(one, *_told(actor, one.case, one.sop)) for one in appointments],
                coming=coming,
                creatable=creatable(actor),
                stage=stage,
                place=place,
            )
        )


class Section:
    """A group as the page shows it. ``whole``: it has a page's rows rather than the first few; ``following``: the
    address of what comes behind them."""

    def __init__(self, actor: Actor, group: Group, whole: bool) -> None:
        self.key, self.count, self.whole = group.key, group.count, whole
        self.label, self.empty = HEADINGS[group.key], EMPTY[group.key]
        self.rows = [Row(actor, task, group.key) for task in group.tasks]
        self.url = url_for("WorklistView.tasks", group=group.key)
        after: dict[str, Any] = {AFTER: group.later} if whole else {}
        self.following = url_for("WorklistView.tasks", group=group.key, **after) if group.later else ""


class Row:
    """A line of the worklist. ``where``: unit or post; ``main``: label and address of what the user would do as a rule;
    ``lacking``: sentences on what that still lacks, or why nothing can be done; ``holder``: whoever has claimed it."""

    def __init__(self, actor: Actor, task: Task, group: str) -> None:
        case, view = task.case, view_name(task.sop.key)
        self.case, self.sop = case, task.sop
        self.state: State = task.sop.state(case.state)
        self.url = url_for(f"{view}.case", pk=case.id)
        self.subject, self.person = _told(actor, case, task.sop)
        self.where = _where(task.sop, case)
        self.paused = task.paused
        self.holder = case.claimed_by.get_full_name() if case.claimed_by else ""
        self.turn = "" if self.state.is_final else ", ".join(task.turn)
        self.take = url_for(f"{view}.take", pk=case.id) if task.takeable else ""
        self.more = url_for("PaletteView.row", sop=case.sop, pk=case.id) if group in TURN else ""
        barred = next((one for one in task.next if not one.allowed), None)
        main = (task.main or barred) if group in TURN else None
        self.main: tuple[str, str] | None = None
        self.lacking: list[str] = []
        if main is not None:
            step = main.transition
            if main.allowed:
                self.main = (str(step.label), url_for(f"{view}.step", pk=case.id, key=step.key))
            self.lacking = [describe_violation(task.sop, step, lack).message for lack in main.missing]


def creatable(actor: Actor) -> list[Sop]:
    """The SOPs of which this user may open a case today; last those whose cases only serve others, templates say."""
    today = clock.today()
    found = [sop for key in SOPS if actor.roles & set((sop := in_effect(key, today)).create.by)]
    return sorted(found, key=lambda sop: bool(sop.offered_with))


def returning(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the worklist to which a button of its rows leads back."""
    return {key: str(sent[key]) for key in (GROUP, AFTER) if sent.get(key)}


def _told(actor: Actor, case: Case, sop: Sop) -> tuple[str, str]:
    """What it is about, and whom; masked as in lists, for whom it is masked there."""
    if not masking.masked(actor, sop):
        return case.title, case.reporter_name
    return masking.mask(case.title, masking.field_of(sop, "title")), masking.mask(case.reporter_name)


def _where(sop: Sop, case: Case) -> str:
    post = getattr(case, sop.unit_field, None) if sop.unit_field else None
    return name_of(post) if post is not None else case.unit.name if case.unit else ""


PAGE = Page(WorklistView, readers, built_in=True, key="worklist", label=_l("My tasks"), href="WorklistView.tasks")
