"""Records that fix a day: what agenda and calendar entries have in common."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, select

from app.models import Case
from app.models.derive import record_model
from app.services.core import clock, conditions
from app.services.core.access import Actor, visible_rows
from app.workflow.declaration import Records, Sop


class HasWhen(Protocol):
    @property
    def when(self) -> date | datetime: ...


class Dated:
    """Something with ``when``: a day, or a moment in the deployment's zone."""

    @property
    def day(self: HasWhen) -> date:
        return day_of(self.when)

    @property
    def at_a_time(self: HasWhen) -> bool:
        return isinstance(self.when, datetime)


def local(when: date | datetime) -> date | datetime:
    return when.astimezone(clock.zone()) if isinstance(when, datetime) else when


def day_of(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def dated_rows(actor: Actor, sop: Sop, records: Records, *columns: Any) -> tuple[Any, Any, Select[Any]]:
    """The model of ``records``, its calendar column, and the query for that column, the row's id and ``columns``, over
    the cases that ``actor`` sees."""
    model: Any = record_model(sop.key, records.key)
    when = getattr(model, records.calendar or "")
    query = select(when, model.id, *columns).join(Case, model.case_id == Case.id)
    return (
        model,
        when,
        query.where(Case.sop == sop.key, visible_rows(actor, sop), conditions.counts(), when.is_not(None)),
    )


def awaited(records: Records) -> list[ColumnElement[bool]]:
    """The conditions under which a case still waits for the day of its newest record."""
    in_state = [Case.state.in_(records.calendar_states)] if records.calendar_states else []
    return [Case.closed_at.is_(None), *in_state]
