"""The next appointments of open cases: hearings, and other records that an SOP declares with a calendar."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import Case
from app.models.derive import case_model, record_model
from app.services.calendar.dates import Dated, awaited, dated_rows, day_of, local
from app.services.core import clock
from app.services.core.access import NOBODY, Actor, closed_columns, closed_fields, sops_of
from app.services.core.formatting import answer
from app.services.core.veiled import listed_for
from app.workflow.declaration import Field, Records, Sop

#: Days before a date from which the worklist shows it as a reminder.
REMIND_DAYS = 7
#: Number of reminders on the worklist; the agenda has them all.
REMINDERS = 20


@dataclass(frozen=True)
class Appointment(Dated):
    """``row``: the newest record of the case, whose calendar column is ``when`` (a moment is in the deployment's
    zone)."""

    when: date | datetime
    case: Case
    sop: Sop
    records: Records
    row: Any
    days_left: int

    @property
    def attempts(self) -> int:
        """Rows of the case that count."""
        return self.records.count(getattr(self.case, self.records.key))


def upcoming(actor: Actor, within_days: int | None = None) -> list[Appointment]:
    """The appointments of the open cases that ``actor`` sees, soonest first; those past come first of all, since
    nobody has recorded yet how they went."""
    return soonest(actor, within_days)[0]


def soonest(actor: Actor, within_days: int | None = None, limit: int | None = None) -> tuple[list[Appointment], int]:
    """The first ``limit`` of them, and how many there are in all."""
    until = None if within_days is None else clock.today() + timedelta(days=within_days)
    found = [
        fixed
        for sop in sops_of(actor)
        for records in sop.appointments
        for fixed in _fixed(actor, sop, records)
        if until is None or day_of(fixed.when) <= until
    ]
    found.sort(key=lambda fixed: (day_of(fixed.when), str(fixed.when), fixed.case_id))
    return _appointments(actor, found[:limit]), len(found)


@dataclass(frozen=True)
class _Fixed:
    """An appointment whose case and row are not loaded yet."""

    when: date | datetime
    sop: Sop
    records: Records
    case_id: int
    row_id: int


def _fixed(actor: Actor, sop: Sop, records: Records) -> list[_Fixed]:
    row, _when, query = dated_rows(actor, sop, records, Case.id)
    other: Any = aliased(row)
    # A subquery per open case, so that the newest rows of the closed ones are never looked up.
    newest = select(func.max(other.id)).where(other.case_id == Case.id).correlate(Case).scalar_subquery()
    found = db.session.execute(query.where(row.id == newest, *awaited(records)))
    return [_Fixed(local(when), sop, records, case_id, row_id) for when, row_id, case_id in found]


def _appointments(actor: Actor, found: Sequence[_Fixed]) -> list[Appointment]:
    """With their cases and rows: two queries for each kind of record."""
    today = clock.today()
    loaded: dict[tuple[Any, int], Any] = {}
    for sop, records in {(one.sop.key, one.records.key) for one in found}:
        mine = [one for one in found if (one.sop.key, one.records.key) == (sop, records)]
        for model, ids in (
            (case_model(sop), [one.case_id for one in mine]),
            (record_model(sop, records), [one.row_id for one in mine]),
        ):
            some: Any = model
            rows = db.session.scalars(select(some).where(some.id.in_(ids))).unique()
            loaded |= {(model, row.id): row for row in rows}
    return [
        Appointment(
            one.when, listed_for(actor, loaded[case_model(one.sop.key), one.case_id]), one.sop, one.records,
            loaded[record_model(one.sop.key, one.records.key), one.row_id], (day_of(one.when) - today).days,
        )
        for one in found
    ]  # fmt: skip


def stage(sop: Sop, records: Records, row: Any) -> list[str]:
    """The chosen values of a record, such as the hearing's stage; nothing confidential."""
    closed = closed_columns(NOBODY, sop, records.key)
    chosen = (column for column in records.columns if column.type in ("reference", "choice"))
    return _answers([column for column in chosen if column.key not in closed], row)


def place(sop: Sop, case: Case, without: Collection[str] = ()) -> list[str]:
    """Where the case continues: the texts entered with the step into its state, such as the court, without the fields
    in ``without`` and what is confidential."""
    without = {*without, *closed_fields(NOBODY, sop)}
    fields = (
        field
        for transition in sop.transitions
        if case.state in transition.targets and case.state not in transition.source
        for field in transition.fields
        if field.type == "text" and field.key in sop.fields and field.key not in without
    )
    return _answers(list({field.key: field for field in fields}.values()), case)


def _answers(fields: list[Field], row: Any) -> list[str]:
    return [answer(field, value) for field in fields if (value := getattr(row, field.key, None))]
