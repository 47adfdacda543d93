"""Who has a case: whoever has claimed it, else its assignee while its step is the assignee's alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, and_, case, false, or_

from app.models import Case
from app.services.core.revisions import under
from app.workflow.declaration import Sop


def holder(sops: Iterable[Sop]) -> ColumnElement[int | None]:
    """The id of the user who has a case of ``sops``; NULL: nobody has it yet."""
    claimed = Case.claimed_by_id.is_not(None)
    return case(
        (claimed, Case.claimed_by_id), (or_(false(), *map(_assigned, _revisions(sops))), Case.assignee_id), else_=None
    )


def waits_unheld(sops: Iterable[Sop]) -> ColumnElement[bool]:
    """Open cases that wait for somebody of ours whom nobody has yet; not those that wait for somebody outside."""
    known = list(sops)
    awaited = (and_(Case.sop == one.key, under(one), Case.state.in_(_awaited(one))) for one in _revisions(known))
    return and_(Case.closed_at.is_(None), or_(false(), *awaited), holder(known).is_(None))


def _assigned(sop: Sop) -> ColumnElement[bool]:
    return and_(Case.sop == sop.key, under(sop), Case.state.in_(_assignees(sop)))


def _assignees(sop: Sop) -> list[str]:
    """The open states that wait for the assignee alone."""
    alone = set(sop.assignee_roles)
    return [state for state in sop.open_states if (roles := set(sop.responsible_roles(state))) and roles <= alone]


def _awaited(sop: Sop) -> list[str]:
    return [s.key for s in sop.states if s.kind == "open" and sop.responsible_roles(s.key)]


def _revisions(sops: Iterable[Sop]) -> Iterator[Sop]:
    return (one for sop in sops for one in sop.revisions)
