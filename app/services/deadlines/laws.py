"""By which law the deadline of a case runs, and why: in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Clock, DeadlinePolicy
from app.services.core.clock import now, zone
from app.services.core.formatting import day
from app.services.deadlines.clocks import fitting
from app.workflow.declaration import Deadline, Limit, Sop


def limit_law(deadline: Deadline, limit: Limit) -> str:
    """The law of a limit and the cases to which it applies; empty where one law holds for all cases."""
    until = deadline.opened_until(limit)
    return law_in_words(str(limit.citation or deadline.citation), limit.opened_from, until)


def law_in_words(law: str, since: date | None, until: date | None = None) -> str:
    if not law or not (since or until):
        return ""
    if since and until:
        return str(_("%(law)s applies to cases received from %(since)s to %(until)s", law=law, since=day(since),
                     until=day(until)))  # fmt: skip
    if since:
        return str(_("%(law)s applies to cases received from %(day)s", law=law, day=day(since)))
    return str(_("%(law)s applies to cases received until %(day)s", law=law, day=day(until)))


def laws_of(sop: Sop, case: Any, clocks: Sequence[Clock]) -> dict[str, str]:
    """Per key of the clocks of a case the law by which it runs; none where all cases have the same. One query, where a
    clock counts at all: one until a given day runs by no law."""
    clocks = [clock for clock in clocks if clock.amount]
    if not clocks:
        return {}
    asked = select(DeadlinePolicy).where(DeadlinePolicy.sop == sop.key, DeadlinePolicy.active)
    policies = db.session.scalars(asked).all()
    found = {clock.key: _law_of(sop, case, clock, policies) for clock in clocks}
    received = day(_received(case))
    return {
        key: str(_("received on %(day)s; %(law)s", day=received, law=law)) for key, law in found.items() if law
    }  # fmt: skip


def _received(case: Case) -> date:
    return case.created_at.astimezone(zone()).date()


def _law_of(sop: Sop, case: Any, clock: Clock, policies: Sequence[DeadlinePolicy]) -> str:
    """A clock keeps the length with which it began, so only what has this length can be its law."""
    deadline = next((one for one in sop.deadlines if one.key == clock.key), None)
    policy = fitting([one for one in policies if one.deadline == clock.key], case)
    length = (clock.amount, clock.measure)
    if policy is not None and (policy.amount, policy.measure) == length:
        return law_in_words(policy.citation, policy.effective)
    limit = deadline.limit_of(case, now().astimezone(zone())) if deadline is not None else None
    if deadline is None or limit is None or (limit.amount, limit.measure) != length:
        return ""
    return limit_law(deadline, limit)
