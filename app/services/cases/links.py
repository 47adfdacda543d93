"""The cases that a case is linked to, in either direction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, or_, select

from app.extensions import db
from app.models import Case, Link
from app.services.core.access import Actor, visible_cases
from app.workflow.declaration import CONTINUED_AS


@dataclass(frozen=True)
class Linked:
    """The other end of a link. ``outgoing``: the link leads from the given case to this one. A case that the actor may
    not see has neither ``id`` nor ``state``."""

    kind: str
    outgoing: bool
    sop: str
    id: int | None
    number: str
    state: str | None


def linked(actor: Actor, of: Any) -> list[Linked]:
    """The links of the case ``of``, oldest first."""
    seen = case((visible_cases(actor), 1), else_=0)
    other = or_(
        and_(Link.source_id == of.id, Case.id == Link.target_id),
        and_(Link.target_id == of.id, Case.id == Link.source_id),
    )
    found = db.session.execute(
        select(Link.kind, Link.source_id, Case.sop, Case.id, Case.number, Case.state, seen)
        .join(Case, other)
        .order_by(Link.id)
    )
    return [
        Linked(kind, source == of.id, sop, pk if visible else None, number, state if visible else None)
        for kind, source, sop, pk, number, state, visible in found
    ]


def continued_with(actor: Actor, of: Any) -> Any:
    """The case as which the case ``of`` continues since what was done on it last; None where it does not, or where
    ``actor`` may not see it."""
    made = and_(Link.target_id == Case.id, Link.source_id == of.id, Link.kind == CONTINUED_AS)
    statement = select(Case).join(Link, made).where(Link.created_at >= of.changed_at, visible_cases(actor))
    return db.session.scalars(statement).unique().one_or_none()
