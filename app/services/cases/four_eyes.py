"""Whom four eyes keep from a case's next step, and who can do it instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from app.extensions import db
from app.models import Case, User
from app.services.core.access import users_with, viewers
from app.services.core.formatting import who
from app.services.core.wording import describe_violation
from app.workflow.declaration import Facts, Sop, Transition
from app.workflow.engine import AvailableAction

#: As many names as help to find somebody.
MOST = 5


@dataclass(frozen=True)
class Bar:
    """Why the user can't go on with the case, and the people who can."""

    reasons: tuple[str, ...]
    others: tuple[str, ...]
    roles: tuple[str, ...]


def bar(sop: Sop, case: Case, known: Facts, actions: Sequence[AvailableAction]) -> Bar | None:
    """None as long as one of the steps that the state waits for is not barred to the user."""
    steps = [action for action in actions if not action.transition.optional]
    found = [[lack for lack in action.missing if lack.kind == "four_eyes"] for action in steps]
    if not steps or not all(found):
        return None
    said = (
        describe_violation(sop, action.transition, lack).message
        for action, lacks in zip(steps, found, strict=True)
        for lack in lacks
    )
    transitions = [action.transition for action in steps]
    roles = dict.fromkeys(role for step in transitions for role in step.by)
    return Bar(tuple(dict.fromkeys(said)), _others(sop, case, known, transitions), tuple(roles))


def _others(sop: Sop, case: Case, known: Facts, steps: Sequence[Transition]) -> tuple[str, ...]:
    able = or_(*(users_with(step.by) & User.id.not_in(_barred(step, known)) for step in steps))
    found = db.session.scalars(
        select(User).where(User.active, viewers(sop, case), able).order_by(User.first_name, User.id).limit(MOST)
    )
    return tuple(who(user.get_full_name(), user.username) for user in found.unique())


def _barred(step: Transition, known: Facts) -> set[int]:
    """As ``workflow.engine`` judges the user, for everybody."""
    did = {pk for key, pk in known.done if key in step.four_eyes}
    makers = ((known.brought if key in step.accepts else known.made).get(key, frozenset()) for key in step.decides_on)
    made = frozenset[int | None]().union(*makers)
    return {pk for pk in did | made if pk is not None}
