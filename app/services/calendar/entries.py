"""The entries of a calendar: past and coming appointments, deadlines. ``services/calendar/agenda.py`` lists what comes
next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import Case
from app.models.derive import record_model
from app.services.calendar.dates import Dated, awaited, dated_rows, day_of, local
from app.services.core import clock, conditions, masking
from app.services.core.access import Actor, reads, visible_cases
from app.workflow.declaration import Records, Sop

#: SOP, kind of record, id of the record.
Key = tuple[str, str, int]


@dataclass(frozen=True)
class Entry(Dated):
    """An appointment. ``when``: a day, or a moment in the deployment's zone; ``row``: id of the record that fixed it.
    ``stands``: it is the case's next one; otherwise it is over, or cancelled because the case is closed.
    ``changed_at``: when it last changed."""

    when: date | datetime
    sop: Sop
    records: Records
    row: int
    case_id: int
    number: str
    title: str
    state: str
    closed: bool
    stands: bool
    changed_at: datetime

    @property
    def key(self) -> Key:
        return self.sop.key, self.records.key, self.row


@dataclass(frozen=True)
class Due:
    """The deadline of an open case; ``due_at`` in the deployment's zone."""

    due_at: datetime
    sop: Sop
    case_id: int
    number: str
    title: str
    state: str

    @property
    def day(self) -> date:
        return self.due_at.date()


def planned(actor: Actor, sops: Iterable[Sop], first: date, last: date | None) -> list[Entry]:
    """The appointments of the cases of ``sops`` that ``actor`` sees, from ``first`` to ``last`` (None: no end), in
    their order. Appointments that were postponed before their day or have become void are not among them."""
    found = [
        entry
        for sop in sops
        if reads(actor, sop)
        for records in sop.appointments
        for entry in _of(actor, sop, records, first, last)
    ]
    return sorted(found, key=lambda e: (e.day, e.at_a_time, str(e.when), e.number))


def due(actor: Actor, sops: Sequence[Sop], first: date, last: date) -> list[Due]:
    """The deadlines of those days, of the open cases that ``actor`` sees, soonest first."""
    known, zone = {sop.key: sop for sop in sops}, clock.zone()
    found = db.session.execute(
        select(Case.due_at, Case.sop, Case.id, Case.number, Case.title, Case.state)
        .where(visible_cases(actor, sops), Case.closed_at.is_(None), conditions.within(Case.due_at, first, last))
        .order_by(Case.due_at, Case.id)
    )
    return [
        Due(at.astimezone(zone), known[sop], pk, number, title_for(actor, known[sop], title), state)
        for at, sop, pk, number, title, state in found
        if at is not None
    ]


def title_for(actor: Actor, sop: Sop, title: str) -> str:
    """What a case is about, for who sees it among others."""
    return masking.mask(title, masking.field_of(sop, "title")) if masking.masked(actor, sop) else title


def rows_of(entries: Iterable[Entry]) -> Mapping[Key, Any]:
    """The records behind some appointments."""
    wanted: dict[tuple[str, str], set[int]] = defaultdict(set)
    for entry in entries:
        wanted[entry.sop.key, entry.records.key].add(entry.row)
    rows = {}
    for (sop, records), ids in wanted.items():
        model: Any = record_model(sop, records)
        for row in db.session.scalars(select(model).where(model.id.in_(ids))).unique():
            rows[sop, records, row.id] = row
    return rows


def _of(actor: Actor, sop: Sop, records: Records, first: date, last: date | None) -> Iterator[Entry]:
    row: Any = record_model(sop.key, records.key)
    later = aliased(row)
    replaced = (
        select(func.min(later.recorded_at)).where(later.case_id == row.case_id, later.id > row.id).scalar_subquery()
    )
    open_for_it = and_(*awaited(records))
    case = (Case.id, Case.number, Case.title, Case.state, Case.closed_at, Case.changed_at)
    _row, column, query = dated_rows(actor, sop, records, *case, replaced, open_for_it)
    of_days = next(one for one in records.columns if one.key == records.calendar).type == "date"
    today = clock.today()
    found = db.session.execute(query.where(conditions.within(column, first, last, of_days)))
    for when, row_id, case_id, number, written, state, closed_at, changed_at, replaced_at, is_awaited in found:
        title = title_for(actor, sop, written)
        moment = local(when)
        stands = replaced_at is None and bool(is_awaited)
        if _holds(day_of(moment), replaced_at, today, stands or closed_at is not None):
            yield Entry(
                moment, sop, records, row_id, case_id, number, title, state, closed_at is not None, stands, changed_at
            )


def _holds(day: date, replaced_at: datetime | None, today: date, shown_ahead: bool) -> bool:
    """Whether it took place on its day, according to the records, or its outcome is not recorded yet."""
    if replaced_at is not None:
        return day <= day_of(local(replaced_at))
    return day < today or shown_ahead
