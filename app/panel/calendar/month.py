"""The agenda as a month and as a day."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import request
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from app.services.calendar import agenda
from app.services.calendar.day_marks import Mark, marks
from app.services.calendar.entries import Due, Entry, Key, due, planned, rows_of
from app.services.core import clock
from app.services.core.access import Actor, sops_of
from app.services.core.errors import Malformed
from app.services.core.formatting import time_of_day
from app.services.core.wording import REASONS
from app.services.deadlines.due_reports import Period, due_between
from app.web.actor import current_actor
from app.workflow.days import read_day
from app.workflow.declaration import Sop

#: Appointments and deadlines that a day of the month shows; the others are on the day's own page, up to a limit.
SHOWN, SHOWN_DUE, MOST = 4, 3, 500
FIRST_YEAR, LAST_YEAR = 1990, 2199
MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass
class Day:
    """``mine``: it belongs to the month that is shown."""

    day: date
    mine: bool
    mark: Mark | None = None
    entries: list[Entry] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)
    reports: list[Period] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.mark or self.entries or self.due or self.reports)


class MonthView(BaseView):
    """``sop`` narrows both pages to one procedure."""

    @expose("/month")
    @has_access
    def month(self) -> tuple[str, int]:
        """``month``: such as 2026-11; one that can't be read is reported, and the present one shown."""
        actor, today, problem = current_actor(), clock.today(), ""
        try:
            first = month_of(request.args.get("month"), today)
        except Malformed as refusal:
            problem, first = refusal.message, today.replace(day=1)
        sops = with_days(actor)
        wanted = _wanted(sops)
        weeks = filled(actor, [wanted] if wanted else sops, first)
        shown = [entry for week in weeks for day in week for entry in day.entries[:SHOWN]]
        page = self.render_template(
            "panel/calendar/month.html", title=_("Agenda"), weeks=weeks, first=first, today=today, sops=sops,
            wanted=wanted, names=day_names(), name=format_date(first, "MMMM y"), before=_month(first, -1),
            after=_month(first, +1), shown=SHOWN, shown_due=SHOWN_DUE, problem=problem, stage=_stages(shown),
            time=time_of_day, full=lambda day: format_date(day, "full"),
        )  # fmt: skip
        return page, 400 if problem else 200

    @expose("/day")
    @has_access
    def day(self) -> str:
        """Everything of one ``day``, such as 2026-11-23."""
        actor, on = current_actor(), _day(request.args.get("day"))
        sops = with_days(actor)
        wanted = _wanted(sops)
        chosen = [wanted] if wanted else sops
        entries = planned(actor, chosen, on, on)
        deadlines = _without(due(actor, chosen, on, on), entries)
        return str(
            self.render_template(
                "panel/calendar/day.html", title=format_date(on, "full"), day=on, wanted=wanted,
                entries=entries[:MOST], count=len(entries), due=deadlines[:MOST], due_count=len(deadlines),
                mark=marks(actor, on, on).get(on), stage=_stages(entries[:MOST]), time=time_of_day,
                reports=_reports(actor, chosen, on, on),
                before=on - timedelta(days=1), after=on + timedelta(days=1),
            )
        )  # fmt: skip


def with_days(actor: Actor) -> list[Sop]:
    """The SOPs that have anything on a fixed day, of those that the user sees."""
    return [sop for sop in sops_of(actor) if sop.deadlines or sop.appointments]


def filled(actor: Actor, sops: list[Sop], first: date) -> list[list[Day]]:
    """The weeks of the month that begins with ``first``, from Monday to Sunday; days of the months beside it stay
    empty."""
    weeks = [
        [Day(day, day.month == first.month) for day in week]
        for week in calendar.Calendar(calendar.MONDAY).monthdatescalendar(first.year, first.month)
    ]
    days = {day.day: day for week in weeks for day in week if day.mine}
    last = max(days)
    for on, mark in marks(actor, first, last).items():
        days[on].mark = mark
    for period in _reports(actor, sops, first, last):
        days[period.due].reports.append(period)
    for on, entries in groupby(planned(actor, sops, first, last), key=lambda entry: entry.day):
        days[on].entries = list(entries)
    for on, deadlines in groupby(due(actor, sops, first, last), key=lambda one: one.day):
        days[on].due = _without(list(deadlines), days[on].entries)
    return weeks


def month_of(written: str | None, today: date) -> date:
    """The first day of the month written, by default of this one. Raises ``Malformed``."""
    if not written:
        return today.replace(day=1)
    read = MONTH.fullmatch(written)
    if read is None or not FIRST_YEAR <= int(read[1]) <= LAST_YEAR or not 1 <= int(read[2]) <= 12:
        raise Malformed(_("Please write a month such as 2026-11."))
    return date(int(read[1]), int(read[2]), 1)


def day_names() -> list[tuple[str, str]]:
    """Short and full names of the days of the week, Monday first."""
    names: Mapping[str, Any] = get_locale().days["format"]
    return [(names["abbreviated"][at], names["wide"][at]) for at in range(7)]


def _reports(actor: Actor, sops: list[Sop], first: date, last: date) -> list[Period]:
    """The reports due that come from one of ``sops``."""
    return [period for period in due_between(actor, first, last) if period.report.sop in sops]


def _without(deadlines: list[Due], entries: list[Entry]) -> list[Due]:
    """A case whose deadline is its appointment of that day is listed once."""
    appointed = {entry.case_id for entry in entries if entry.stands}
    return [one for one in deadlines if one.case_id not in appointed]


def _stages(entries: list[Entry]) -> Mapping[Key, str]:
    """Each record in a word."""
    rows = rows_of(entries)
    return {entry.key: ", ".join(agenda.stage(entry.sop, entry.records, rows[entry.key])) for entry in entries}


def _month(first: date, step: int) -> str | None:
    """The month before or after, as an address has it; None where the calendar ends."""
    at = first.year * 12 + first.month - 1 + step
    return f"{at // 12}-{at % 12 + 1:02d}" if FIRST_YEAR <= at // 12 <= LAST_YEAR else None


def _day(written: str | None) -> date:
    on = read_day(written or "")
    if on is None or not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise Malformed(str(REASONS["date"]))
    return on


def _wanted(sops: list[Sop]) -> Sop | None:
    return next((sop for sop in sops if sop.key == request.args.get("sop")), None)
