"""What became of a step on many cases, kept until its user has read it on the list to which they come back."""

from __future__ import annotations

from sqlalchemy import delete, select

from app.extensions import db
from app.models import BulkResult, Case
from app.services.cases.bulk import Result
from app.services.core import clock
from app.services.core.access import LARGEST_KEY, Actor, visible_rows
from app.services.core.database import write_transaction
from app.sop import SOPS

#: Results of one user that are kept: several tabs, and a way back with the browser's button.
MOST = 20


def keep(actor: Actor, sop_key: str, action: str, result: Result) -> int:
    """Keeps a result; returns its id."""
    numbers = _numbers(actor, sop_key, [one.id for one in result.refused])
    refused = [{"id": one.id, "number": numbers.get(one.id, ""), "message": one.message} for one in result.refused]
    with write_transaction() as session:
        kept = BulkResult(
            user_id=actor.id, sop=sop_key, action=action, at=clock.now(), done=len(result.done), refused=refused
        )
        session.add(kept)
        session.flush()
        mine = select(BulkResult.id).where(BulkResult.user_id == actor.id).order_by(BulkResult.id.desc())
        session.execute(
            delete(BulkResult).where(BulkResult.user_id == actor.id, BulkResult.id.not_in(mine.limit(MOST)))
        )
        return int(kept.id)


def of(actor: Actor, sop_key: str, pk: int) -> BulkResult | None:
    """A result of ``actor``'s own on this SOP; None where there is none, or no longer."""
    if not 0 < pk <= LARGEST_KEY:
        return None
    own = (BulkResult.id == pk, BulkResult.user_id == actor.id, BulkResult.sop == sop_key)
    kept: BulkResult | None = db.session.scalars(select(BulkResult).where(*own)).one_or_none()
    return kept


def _numbers(actor: Actor, sop_key: str, ids: list[int]) -> dict[int, str]:
    """The numbers of those that the actor sees."""
    known = [pk for pk in ids if 0 < pk <= LARGEST_KEY]
    query = select(Case.id, Case.number).where(
        Case.sop == sop_key, Case.id.in_(known), visible_rows(actor, SOPS[sop_key])
    )
    return dict(db.session.execute(query).tuples().all())
