"""Warns of deadlines that are near or have run out, and starts the clocks that a new policy requires. Runs in the
background every minute; running twice at once is harmless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Case, Clock, DeadlinePolicy
from app.models.derive import case_model
from app.services.core import clock, conditions, history
from app.services.core.access import SYSTEM
from app.services.core.database import write_transaction
from app.services.core.locking import locked
from app.services.core.revisions import under
from app.services.deadlines.clocks import declared_limits, keep
from app.services.deadlines.counting import LEVELS, level_at, plan
from app.services.deadlines.working_calendar import calendar_of
from app.services.notices import notify
from app.sop import SOPS, sop_of
from app.workflow.declaration import OF_STATE, TARGET

#: Cases that are looked at in one go.
BATCH = 500
#: What the history calls it.
WARNING = "deadline_warning"


def watch() -> int:
    """Warns for every clock that has reached a level since the last run; returns how many."""
    now = clock.now()
    due = db.session.execute(
        select(Clock.id, Clock.case_id, Clock.sop)
        .where(Clock.next_at <= now, Clock.sop.in_(SOPS))
        .order_by(Clock.next_at)
        .limit(BATCH)
    ).all()
    warned = 0
    for pk, case_id, sop in due:
        with write_transaction() as session:
            warned += _tell(session, pk, case_id, sop, now)
    return warned


def _tell(session: Session, pk: int, case_id: int, sop_key: str, now: datetime) -> int:
    """One warning for the highest level reached, in the history and to the people concerned."""
    case = locked(session, SYSTEM, sop_key, case_id)
    sop = sop_of(case)
    found = session.get(Clock, pk, populate_existing=True)
    if found is None or found.next_at is None or found.next_at > now or found.outcome:
        return 0  # another worker was first, or the case has gone on
    calendar = calendar_of(case.unit_id)
    before, level = found.level, level_at(calendar, found, now)
    found.level = level
    plan(calendar, found, now)
    if level <= before:
        return 0  # the calendar has changed since, and leaves it more time
    changes: dict[str, list[Any]] = {"clock": [None, found.key], "used": [None, level]}
    if level == LEVELS[-1]:
        changes["escalated_to"] = [None, found.escalate_to]
    history.append(session, case, SYSTEM, WARNING, now, from_state=case.state, changes=changes)
    notify.deadline_near(session, sop, case, found.key, level)
    if level == LEVELS[-1]:
        notify.escalated(session, sop, case, found.key, found.escalate_to)
    return 1


def recount() -> int:
    """Recounts every running clock: the calendar may have changed since, and policies may have been withdrawn. Returns
    how many cases. Those of an SOP that does not run here rest."""
    running = exists().where(Clock.case_id == Case.id, Clock.outcome == "")
    cases = db.session.execute(
        select(Case.id, Case.sop).where(Case.closed_at.is_(None), Case.sop.in_(SOPS), running).order_by(Case.id)
    ).all()
    _keep(cases)
    return len(cases)


def _keep(cases: Iterable[Any]) -> None:
    for pk, sop in cases:
        with write_transaction() as session:
            case = locked(session, SYSTEM, sop, pk)
            keep(session, sop_of(case), case, clock.now())


def begin_missing() -> int:
    """Starts the missing clocks of open cases that are older than the policy. Returns how many."""
    conditions = [*_of_policies(), *_declared()]
    if not conditions:
        return 0
    found = db.session.execute(
        select(Case.id, Case.sop).where(Case.closed_at.is_(None), or_(*conditions)).order_by(Case.id).limit(BATCH)
    ).all()
    _keep(found)
    return len(found)


def _of_policies() -> Iterator[ColumnElement[bool]]:
    """Of the policies with clocks of their own: on a state, and internal targets."""
    its_own = or_(DeadlinePolicy.deadline == "", DeadlinePolicy.deadline.startswith(TARGET))
    for policy in db.session.scalars(select(DeadlinePolicy).where(DeadlinePolicy.active, its_own)):
        if policy.sop in SOPS and (not policy.channel or "channel" in SOPS[policy.sop].fields):
            model: Any = case_model(policy.sop)
            here = [Case.sop == policy.sop, *_lacks(policy)]
            if policy.channel:
                here.append(Case.id.in_(select(model.id).where(model.channel == policy.channel)))
            if policy.effective:
                here.append(conditions.within(Case.created_at, policy.effective, None))
            yield and_(*here)


def _lacks(policy: DeadlinePolicy) -> tuple[ColumnElement[bool], ...]:
    if policy.deadline:
        return _runs(policy.deadline.removeprefix(TARGET)), ~_runs(policy.deadline)
    return Case.state == policy.state, ~_runs(OF_STATE + policy.state)


def _declared() -> Iterator[ColumnElement[bool]]:
    for sop, deadline in declared_limits():
        if deadline.since is None and any(not limit.channels for limit in deadline.limits):
            states = deadline.states or sop.open_states
            yield and_(Case.sop == sop.key, under(sop), Case.state.in_(states), ~_runs(deadline.key))


def _runs(key: str) -> ColumnElement[bool]:
    return exists().where(Clock.case_id == Case.id, Clock.key == key, Clock.outcome == "")
