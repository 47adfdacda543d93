"""What waits for somebody of ours whom nobody has yet, and the SOPs in which nothing can be late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import case as sql_case
from sqlalchemy import func, select

from app.extensions import db
from app.models import Case, DeadlinePolicy
from app.services.cases.list_filters import NONE
from app.services.core import clock, conditions
from app.services.core.holders import waits_unheld
from app.services.core.wording import state_label
from app.services.dashboards.figures import Part, Scope, count, sop_cell, span, text
from app.sop import SOPS
from app.workflow.declaration import Sop


@dataclass(frozen=True)
class Unheld:
    """``late`` of the ``cases`` are late; ``since``: when the first of them came into the state."""

    sop: Sop
    state: str
    cases: int
    late: int
    since: datetime


def unheld(scope: Scope) -> list[Unheld]:
    """By state, those with most that is late first."""
    late = func.count(sql_case((conditions.due("late"), 1)))
    found = db.session.execute(
        select(Case.sop, Case.state, func.count(), late, func.min(Case.state_since))
        .where(scope.seen, waits_unheld(scope.sops))
        .group_by(Case.sop, Case.state)
    )
    rows = [Unheld(SOPS[sop], state, cases, overdue, since) for sop, state, cases, overdue, since in found]
    return sorted(rows, key=lambda one: (-one.late, -one.cases, one.sop.key, one.state))


def by_state(scope: Scope, found: Sequence[Unheld]) -> list[Part]:
    """With the roles that each state waits for."""
    if not found:
        return []
    several, now = not scope.single, clock.now()
    rows = []
    for one in found:
        asked = {"open": "1", "state": one.state, "with": NONE}
        rows.append((
            *([sop_cell(one.sop)] if several else []), text(state_label(one.sop, one.state)),
            text(", ".join(one.sop.responsible_roles(one.state))), count(one.cases, one.sop, **asked),
            count(one.late, one.sop, **asked, due="late"), span((now - one.since).total_seconds()),
        ))  # fmt: skip
    columns = (*([_("Procedure")] if several else []), _("Status"), _("Waits for"), _("Cases"), _("Late"),
               _("Longest"))  # fmt: skip
    return [Part(tuple(map(str, columns)), rows)]


def without_deadline(scope: Scope) -> list[Sop]:
    """The SOPs of the scope in which nothing can be late: they declare no deadline, and no policy sets one."""
    limited = set(db.session.scalars(select(DeadlinePolicy.sop).where(DeadlinePolicy.active).distinct()))
    return [sop for sop in scope.sops if sop.key not in limited and not any(one.deadlines for one in sop.revisions)]
