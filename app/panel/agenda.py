"""Agenda: every day that is fixed for a case of mine: hearings, call-backs. Change here how it is cut up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from flask import request
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import format_date
from flask_babel import gettext as _

from app.security import current_actor
from app.services.access import Actor, sops_of
from app.services.agenda import Appointment, upcoming
from app.services.clock import today
from app.services.shown import answer
from app.workflow.declaration import Field, Sop

TODAY = "today"


class AgendaView(BaseView):  # type: ignore[misc]
    route_base = "/agenda"
    default_view = "agenda"

    @expose("/")
    @has_access
    def agenda(self) -> str:
        """``sop``: only of this SOP; ``day=today``: what is to be done today, with what is past and not recorded."""
        actor, on = current_actor(), today()
        sops = with_calendar(actor)
        wanted = next((sop for sop in sops if sop.key == request.args.get("sop")), None)
        only_today = request.args.get("day") == TODAY
        found = [a for a in upcoming(actor, 0 if only_today else None) if wanted in (None, a.sop)]
        return str(
            self.render_template(
                "panel/agenda.html", title=_("Agenda"), groups=by_month(found, on), stage=stage, place=place,
                sops=sops, wanted=wanted, only_today=only_today, today=TODAY,
            )
        )  # fmt: skip


def with_calendar(actor: Actor) -> list[Sop]:
    """The SOPs whose days the user sees."""
    return [sop for sop in sops_of(actor) if any(records.calendar for records in sop.records)]


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
    """What the newest record says in a word: the answers that were chosen, such as the hearing's stage."""
    chosen = [column for column in appointment.records.columns if column.type in ("reference", "choice")]
    return _answers(chosen, appointment.row)


def place(appointment: Appointment) -> list[str]:
    """Where it goes on: what was written down when the case entered its state, such as the court."""
    case = appointment.case
    asked = (
        field
        for transition in appointment.sop.transitions
        if case.state in transition.targets and case.state not in transition.source
        for field in transition.fields
        if field.type == "text" and field.key in appointment.sop.fields
    )
    return _answers(list({field.key: field for field in asked}.values()), case)


def _answers(fields: list[Field], kept: Any) -> list[str]:
    return [answer(field, value) for field in fields if (value := getattr(kept, field.key, None))]
