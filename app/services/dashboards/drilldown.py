"""The rows behind a number of the dashboards that counts steps or records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, select

from app.extensions import db
from app.models import Case, Event
from app.models.derive import record_model
from app.services.cases.event_filters import PERIOD, Args, EventFilter, check, event_filters, open_choices
from app.services.core import conditions
from app.services.core.errors import NotVisible
from app.services.core.formatting import answer, who
from app.services.core.paging import Paged, page_of_rows
from app.services.core.wording import action_label, state_label
from app.services.dashboards.figures import LONGEST_FIRST, Scope
from app.services.dashboards.flow import seconds_between
from app.workflow.declaration import Records, Sop

#: Lines of a page.
SIZE = 50
KEYS = ("left", "step", "by", "account", "moved", "recorded", "said", *PERIOD)


@dataclass(frozen=True)
class DrilldownRow:
    """``spent``: how long the case had been in the state that the step left, where it left one."""

    case_id: int
    number: str
    at: datetime
    by: str
    said: Sequence[str]
    spent: timedelta | None = None


@dataclass(frozen=True)
class Rows:
    """``steps``: whether these are steps (``said``: which, from, to) or records."""

    words: str
    columns: Sequence[str]
    page: Paged[DrilldownRow]
    steps: bool


def rows(scope: Scope, args: Args, number: int, order: str = "") -> Rows:
    """What ``args`` ask for, of the cases of the scope's one SOP, within the days that they name themselves. ``order``:
    ``LONGEST_FIRST``, else the newest are first. Raises ``NotVisible`` for parameters that the dashboards do not
    produce."""
    sop = scope.single
    found = _event_filter(sop, args) if sop else None
    if sop is None or found is None:
        raise NotVisible(_("There is no such figure."))
    condition = and_(found.condition, scope.seen)
    if found.records is None:
        return _steps(sop, found, condition, number, order)
    return _records(sop, found.records, found.words, condition, number)


def _event_filter(sop: Sop, args: Args) -> EventFilter | None:
    try:
        check(args, KEYS)
        return next(event_filters(sop, {key: value for key, value in args.items() if key in KEYS}), None)
    except (KeyError, ValueError):
        return None


def _steps(sop: Sop, found: EventFilter, condition: ColumnElement[bool], number: int, order: str) -> Rows:
    spent = seconds_between(Event.since, Event.at)
    query = (
        select(Case.id, Case.number, Event.at, Event.actor_name, Event.action, Event.from_state, Event.to_state, spent,
               Event.known_account)
        .join(Case, Case.id == Event.case_id)
        .where(condition)
        .order_by(*([spent.desc()] if order == LONGEST_FIRST else []), Event.at.desc(), Event.id.desc())
    )  # fmt: skip

    def line(row: Any) -> DrilldownRow:
        pk, name, at, by, action, source, target, seconds, account = row
        said = action_label(sop, action), state_label(sop, source), state_label(sop, target)
        took = None if seconds is None else timedelta(seconds=round(seconds))
        return DrilldownRow(pk, name, at, who(by, account), said, took)

    page = page_of_rows(query, number, SIZE, _total(Event, condition)).map(line)
    return Rows(found.words, (_("Step"), _("From"), _("To")), page, steps=True)


def _records(sop: Sop, records: Records, words: str, condition: ColumnElement[bool], number: int) -> Rows:
    """With the columns of fixed choices only, and nothing confidential; a case's page shows the rest."""
    model: Any = record_model(sop.key, records.key)
    columns = open_choices(sop, records)
    query = (
        select(Case.id, Case.number, model.recorded_at, model.recorded_by,
               *(conditions.carried(model, column.key).label(f"said_{column.key}") for column in columns))
        .join(Case, Case.id == model.case_id)
        .where(condition)
        .order_by(model.recorded_at.desc(), model.id.desc())
    )  # fmt: skip

    def line(row: Any) -> DrilldownRow:
        pk, name, at, by, *said = row
        return DrilldownRow(pk, name, at, by, [answer(column, one) for column, one in zip(columns, said, strict=True)])

    page = page_of_rows(query, number, SIZE, _total(model, condition)).map(line)
    return Rows(words, [str(column.label) for column in columns], page, steps=False)


def _total(model: Any, condition: ColumnElement[bool]) -> int:
    found = select(func.count(model.id)).join(Case, Case.id == model.case_id).where(condition)
    return db.session.scalar(found) or 0
