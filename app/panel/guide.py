"""What the reader's roles do, procedure by procedure, and the tour of the first visit."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _

from app.panel.cases.worklist import creatable
from app.services.core.access import Actor
from app.services.dashboards.board import overseen
from app.services.procedures.guide import guide
from app.web.actor import current_actor
from app.web.pages import Access, everyone


@dataclass(frozen=True)
class Stop:
    """A stop of the tour: ``at`` selects what it is about on the first page."""

    at: str
    title: str
    text: str


class GuideView(BaseView):
    route_base = "/guide"
    default_view = "page"

    @expose("/")
    @has_access
    def page(self) -> str:
        actor = current_actor()
        return str(
            self.render_template(
                "panel/guide/page.html", title=_("My guide"), parts=guide(actor), roles=sorted(actor.roles),
                tasks=url_for("WorklistView.tasks"),
            )
        )  # fmt: skip

    @expose("/tour")
    @has_access
    def tour(self) -> str:
        """A piece of a page: the stops, for ``static/js/tour.js``."""
        return str(self.render_template("panel/guide/tour.html", stops=stops(current_actor())))


def stops(actor: Actor) -> list[Stop]:
    """What somebody new with these roles has to know, in the order in which they come to need it."""
    turns = [one for one in guide(actor) if one.moments]
    tasks, found = ".menu a[href='/tasks/']", []
    if oversees := bool(overseen(actor)):
        found.append(
            Stop(
                ".menu a[href='/dashboard/']", _("How it runs"),
                _("Your first page: who is late in which unit, with whom, what turned worse, and what nobody has."
                  " Each number opens the list of just these cases."),
            )
        )  # fmt: skip
    found.append(Stop(tasks, _("Your tasks"), _tasks([one.label for one in turns])))
    if opened := [str(sop.create.label) for sop in creatable(actor)]:
        found.append(
            Stop(
                tasks if oversees else "main .page-head .buttons", _("A new case begins here"),
                _("You may: %(steps)s. The form says what it needs; nothing that you typed gets lost.",
                  steps=", ".join(f"“{label}”" for label in opened)),
            )
        )  # fmt: skip
    found += [
        Stop(
            ".topbar-search", _("Find a case"),
            _("By number, name or phone, also misspelt. The key / brings you here from any page."),
        ),
        Stop(".bell", _("News"), _("Here you see what changed in your cases, and what is due soon.")),
        Stop(
            ".account", _("Everything of yours"),
            _("Your guide, the keys that make you quicker, light or dark, your password, and this tour again."),
        ),
    ]  # fmt: skip
    return found


def _tasks(procedures: list[str]) -> str:
    text: str = _("Cases that you follow or that concern you stand here. No step of a procedure waits for your role.")
    if procedures:
        text = _(
            "Cases that wait for you stand here, the most urgent first: %(procedures)s. Each row has a button with"
            " what is to be done next.", procedures=", ".join(procedures),
        )  # fmt: skip
    return text


ACCESS = Access(GuideView, everyone)
