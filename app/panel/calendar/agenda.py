"""The agenda as a list: every day that is fixed for a case the user sees, such as hearings and call-backs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import request
from flask_appbuilder import expose, has_access
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.panel.calendar.month import MonthView
from app.panel.calendar.subscription import SubscriptionView
from app.services.calendar import agenda
from app.services.calendar.agenda import Appointment, upcoming
from app.services.core.access import Actor, sops_of
from app.services.core.clock import today
from app.sop import sop_of
from app.web.actor import current_actor
from app.web.pages import BESIDES, CASES, Page
from app.workflow.declaration import Sop

TODAY = "today"


class AgendaView(SubscriptionView, MonthView):
    """The list; the month, the day and the private address of one's calendar are beside it."""

    route_base = "/agenda"
    default_view = "agenda"

    @expose("/")
    @has_access
    def agenda(self) -> str:
        """``sop``: only of this SOP; ``day=today``: what is to be done today, and what is past without a record."""
        actor, on = current_actor(), today()
        sops = with_calendar(actor)
        wanted = next((sop for sop in sops if sop.key == request.args.get("sop")), None)
        only_today = request.args.get("day") == TODAY
        found = [a for a in upcoming(actor, 0 if only_today else None) if wanted in (None, a.sop)]
        return str(
            self.render_template(
                "panel/calendar/agenda.html", title=_("Agenda"), groups=by_month(found, on), stage=stage, place=place,
                sops=sops, wanted=wanted, only_today=only_today, today=TODAY,
            )
        )  # fmt: skip


def with_calendar(actor: Actor) -> list[Sop]:
    """The SOPs whose days the user sees."""
    return [sop for sop in sops_of(actor) if sop.appointments]


@dataclass(frozen=True)
class Group:
    title: str
    appointments: list[Appointment]
    overdue: bool = False


def by_month(appointments: list[Appointment], on: date) -> list[Group]:
    """What is past and not yet recorded first, then month by month."""
    past = [a for a in appointments if a.day < on]
    ahead = [a for a in appointments if a.day >= on]
    groups = [Group(_("Past, and the outcome is not recorded yet"), past, overdue=True)] if past else []
    months = groupby(ahead, key=lambda a: (a.day.year, a.day.month))
    return groups + [Group(_month(found[0].day), found) for found in (list(rows) for _key, rows in months)]


def _month(day: date) -> str:
    return str(format_date(day, "MMMM y"))


def stage(appointment: Appointment) -> list[str]:
    """The newest record in a word."""
    return agenda.stage(appointment.sop, appointment.records, appointment.row)


def place(appointment: Appointment) -> list[str]:
    """Where the appointment takes place."""
    return agenda.place(sop_of(appointment.case), appointment.case)


PAGE = Page(
    AgendaView,
    lambda actor: bool(with_calendar(actor)),
    key="agenda",
    label=_l("Agenda"),
    href="AgendaView.agenda",
    category=CASES,
    group=BESIDES,
)
