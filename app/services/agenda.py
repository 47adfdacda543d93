"""What comes next on a fixed day: hearings, and whatever else an SOP declares with a calendar."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.models import Case
from app.models.derive import case_model, record_model
from app.services import clock
from app.services.access import Actor, sops_of, visible_rows
from app.services.shown import answer
from app.workflow.declaration import Field, Records, Sop

#: Days before a date from which it stands on the worklist as a reminder.
REMIND_DAYS = 7


@dataclass(frozen=True)
class Appointment:
    """``row``: the newest record of the case, whose calendar column is ``when`` (a moment is in the deployment's
    zone)."""

    when: date | datetime
    case: Any
    sop: Sop
    records: Records
    row: Any
    days_left: int

    @property
    def day(self) -> date:
        return _day(self.when)

    @property
    def at_a_time(self) -> bool:
        return isinstance(self.when, datetime)

    @property
    def attempts(self) -> int:
        """Rows of the case that count."""
        return self.records.count(getattr(self.case, self.records.key))


def upcoming(actor: Actor, within_days: int | None = None) -> list[Appointment]:
    """The appointments of the open cases that ``actor`` sees, soonest first; those past come first of all, since
    nobody has recorded yet how they went."""
    until = None if within_days is None else clock.today() + timedelta(days=within_days)
    found = [
        appointment
        for sop in sops_of(actor)
        for records in sop.records
        if records.calendar
        for appointment in _of(actor, sop, records, until)
    ]
    return sorted(found, key=lambda a: (a.day, str(a.when), a.case.id))


def _of(actor: Actor, sop: Sop, records: Records, until: date | None) -> list[Appointment]:
    row: Any = record_model(sop.key, records.key)
    model: Any = case_model(sop.key)
    day = getattr(row, records.calendar or "")
    newest = select(func.max(row.id)).group_by(row.case_id)
    query = (
        select(model, row)
        .join(row, row.case_id == model.id)
        .where(visible_rows(actor, sop), Case.closed_at.is_(None), row.id.in_(newest), day.is_not(None))
    )
    if records.calendar_states:
        query = query.where(Case.state.in_(records.calendar_states))
    today = clock.today()
    found = [
        (_local(getattr(entry, records.calendar or "")), case, entry)
        for case, entry in db.session.execute(query).unique()
    ]
    return [
        Appointment(when, case, sop, records, entry, (_day(when) - today).days)
        for when, case, entry in found
        if until is None or _day(when) <= until
    ]


def _local(when: date | datetime) -> date | datetime:
    return when.astimezone(clock.zone()) if isinstance(when, datetime) else when


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def stage(records: Records, row: Any) -> list[str]:
    """What a record says in a word: the answers that were chosen, such as the hearing's stage."""
    return _answers([column for column in records.columns if column.type in ("reference", "choice")], row)


def place(sop: Sop, case: Any, without: Collection[str] = ()) -> list[str]:
    """Where the case goes on: what was written down when it entered its state, such as the court; nothing of the fields
    named in ``without``."""
    asked = (
        field
        for transition in sop.transitions
        if case.state in transition.targets and case.state not in transition.source
        for field in transition.fields
        if field.type == "text" and field.key in sop.fields and field.key not in without
    )
    return _answers(list({field.key: field for field in asked}.values()), case)


def _answers(fields: list[Field], kept: Any) -> list[str]:
    return [answer(field, value) for field in fields if (value := getattr(kept, field.key, None))]
