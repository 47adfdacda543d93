"""Which cases were late on a day that is over, as their clocks still tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select

from app.models import Case, Clock
from app.services.core import clock
from app.workflow.declaration import Sop

#: How the clock of a case ended that had nothing to keep any more (``services/deadlines/clocks.py``).
VOID = "void"


def was_late(day: date, sops: Iterable[Sop]) -> ColumnElement[bool]:
    """Cases of ``sops`` that were late on ``day``, at the time of day that it is now: a clock ran then whose time was
    over. Today these are the cases that are late. A clock keeps its last day only: what was put off since then counts
    as if it had been put off before."""
    moment = datetime.combine(day, clock.now().timetz())
    ran = select(Clock.case_id).where(
        Clock.sop.in_([sop.key for sop in sops]),
        Clock.started_at <= moment,
        Clock.due_at < moment,
        Clock.outcome != VOID,
        or_(Clock.ended_at.is_(None), Clock.ended_at > moment),
    )
    return Case.id.in_(ran)
