"""Reports and their parameters: period, filters, format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select

from app.extensions import db
from app.models import Unit
from app.services.core import clock, conditions
from app.services.core.access import Actor, sees
from app.services.core.errors import Malformed
from app.services.core.wording import REASONS
from app.services.tables.csv_writing import Row
from app.services.tables.dialects import DIALECTS
from app.workflow import values
from app.workflow.declaration import Choice, Field, Sop, Text

TABLES = ("csv", "xlsx")
TICKS = {"1": True, "0": False, "": False}


@dataclass(frozen=True)
class ReportParams:
    """The parameters of a report. ``since`` and ``until`` are both included; empty ones filter nothing. ``unit``: a
    unit's code; ``background``: make it in the background, whatever its size; ``dialect``: of the CSV, empty for the
    API's own."""

    form: str = "csv"
    since: date | None = None
    until: date | None = None
    lang: str = "id"
    state: str = ""
    unit: str = ""
    sop: str = ""
    background: bool = False
    dialect: str = ""

    def as_args(self) -> dict[str, str]:
        """For the log, by the names of the query parameters."""
        args = {
            "from": self.since.isoformat() if self.since else "", "to": self.until.isoformat() if self.until else "",
            "lang": self.lang, "state": self.state, "unit": self.unit, "sop": self.sop,
        }  # fmt: skip
        return {name: value for name, value in args.items() if value}

    def within(self, column: Any, of_days: bool = False) -> ColumnElement[bool]:
        """The condition that ``column`` (a moment, or a day) is in the period."""
        return conditions.within(column, self.since, self.until, of_days)


@dataclass(frozen=True)
class Step:
    """A step of a case, for a log of events: ``case`` is the case's number, ``state`` its present one."""

    case: str
    state: str
    action: str
    label: str
    at: datetime
    actor: str
    role: str
    from_state: str
    to_state: str
    round: int
    account: str = ""


@dataclass(frozen=True)
class Kind:
    """What reports are listed under."""

    key: str
    label: Text


#: In the order of the page.
CASES, HISTORIES = Kind("cases", _l("Cases")), Kind("histories", _l("Histories"))
APPOINTMENTS, FIGURES = Kind("appointments", _l("Appointments")), Kind("figures", _l("Deadlines and figures"))
RETENTION, AUTHORITIES = Kind("retention", _l("Retention")), Kind("authorities", _l("For authorities"))
KINDS = (CASES, HISTORIES, APPOINTMENTS, FIGURES, AUTHORITIES, RETENTION)


@dataclass(frozen=True)
class Report:
    """``kind``: what it is listed under; ``of``: the SOP, where it is of one only. ``period``: what has to be in the
    period, in the form's words. ``estimate``: how many rows there will be (None: few). ``states``: the values of
    ``state=``; ``sops``: of ``sop=``, for an actor; ``units``: the SOP by whose units it can be filtered. ``steps``:
    the source of XES. ``masks``: whether an actor gets personal data masked. ``until``: whether it has an end of the
    period. ``check`` raises ``Malformed`` for parameters that it can't serve. ``before``: of an SOP's own report, the
    key of the report before which it is listed (none: last)."""

    key: str
    label: Text
    period: Text
    columns: Sequence[Text]
    rows: Callable[[Actor, ReportParams], Iterator[Row]]
    may: Callable[[Actor], bool]
    kind: Kind = FIGURES
    of: Sop | None = None
    estimate: Callable[[Actor, ReportParams], int] | None = None
    states: tuple[Choice, ...] = ()
    sops: Callable[[Actor], list[Sop]] | None = None
    units: Sop | None = None
    steps: Callable[[Actor, ReportParams], Iterator[Step]] | None = None
    masks: Callable[[Actor], bool] = lambda actor: False
    until: bool = True
    check: Callable[[ReportParams], object] = lambda params: None
    before: str = ""

    @property
    def formats(self) -> tuple[str, ...]:
        return (*TABLES, "xes") if self.steps else TABLES

    def choices(self, actor: Actor) -> dict[str, list[Choice]]:
        """The filters besides the period, each with its values."""
        found = {
            "state": list(self.states),
            "unit": _units(actor, self.units) if self.units else [],
            "sop": [Choice(sop.key, sop.label_plural) for sop in self.sops(actor)] if self.sops else [],
        }
        return {name: answers for name, answers in found.items() if answers}


def read(report: Report, actor: Actor, args: Mapping[str, str]) -> ReportParams:
    """The parameters from the query string or form ``args``. Raises ``Malformed`` for what the report does not know."""
    choices = report.choices(actor)
    period = ("from", "to") if report.until else ("from",)
    known = ("format", *period, "lang", "background", "dialect", *choices)
    for name in args:
        if name not in known:
            raise Malformed(_("“%(name)s” can't be asked here, only: %(known)s.", name=name, known=", ".join(known)))
    params = {name: args.get(name, "").strip() for name in known}
    since, until = _day("from", params["from"]), _day("to", params.get("to", ""))
    if since and until and until < since:
        raise Malformed(_("The period ends before it begins."))
    form = _one_of("format", params["format"] or report.formats[0], report.formats)
    lang = _one_of("lang", params["lang"] or str(get_locale()), tuple(current_app.config["LANGUAGES"]))
    narrowed = {
        name: _one_of(name, params[name], tuple(choice.key for choice in answers))
        for name, answers in choices.items()
        if params[name]
    }
    background = TICKS[_one_of("background", params["background"], tuple(TICKS))]
    dialect = _one_of("dialect", params["dialect"], ("", *DIALECTS))
    found = ReportParams(form, since, until, lang, background=background, dialect=dialect, **narrowed)
    report.check(found)
    return found


def again(form: str, stored: Mapping[str, Any]) -> ReportParams:
    """The parameters, from what is stored of them."""
    since, until = (date.fromisoformat(stored[name]) if name in stored else None for name in ("from", "to"))
    kept = ("lang", "state", "unit", "sop", "dialect")
    return ReportParams(form, since, until, **{name: stored[name] for name in kept if name in stored})


def narrowed_sops(report_sops: list[Sop], params: ReportParams) -> list[Sop]:
    return [sop for sop in report_sops if params.sop in ("", sop.key)]


def _day(name: str, written: str) -> date | None:
    try:
        day: date | None = values.parse(Field(name, name, "date"), written, clock.zone())
    except values.InvalidValue as error:
        raise Malformed(f"{name}: {REASONS[error.reason]}") from error
    return day


def _one_of(name: str, written: str, known: tuple[str, ...]) -> str:
    if written not in known:
        raise Malformed(
            _("%(name)s: “%(written)s” is not one of %(known)s.", name=name, written=written[:80],
              known=", ".join(filter(None, known)))
        )  # fmt: skip
    return written


def _units(actor: Actor, sop: Sop) -> list[Choice]:
    """The units whose cases ``actor`` may see."""
    query = select(Unit.code, Unit.name).order_by(Unit.name)
    if not sees(actor, sop, None):
        query = query.where(Unit.id == actor.unit_id)
    return [Choice(code, name) for code, name in db.session.execute(query)]
