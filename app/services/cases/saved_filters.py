"""Filters of a list that somebody keeps under a name. Change here who may share them with whom and how many there are.

What a query may hold, the list itself says (``panel/cases/listing.py``); here it is a text that was checked.
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from app.extensions import db
from app.models import SavedFilter
from app.services.core.access import ADMIN, LARGEST_KEY, READ_ALL, Actor, reads
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, FieldError, Forbidden, Malformed, NotVisible, ValidationFailed
from app.sop import SOPS
from app.workflow.declaration import Sop

LONGEST_NAME, LONGEST_QUERY = 80, 2_000
#: Of one person on one list.
MOST = 30


def of(actor: Actor, sop: Sop) -> list[SavedFilter]:
    """His own by name, then what others share with one of his roles; an admin sees whatever is shared. With their
    owners, in one query."""
    shared = SavedFilter.role != "" if ADMIN in actor.roles else SavedFilter.role.in_(actor.roles - {""})
    found = db.session.scalars(
        select(SavedFilter)
        .where(SavedFilter.sop == sop.key, or_(SavedFilter.owner_id == actor.id, shared))
        .options(joinedload(SavedFilter.owner))
        .order_by(SavedFilter.owner_id != actor.id, SavedFilter.name, SavedFilter.id)
    )
    return list(found.unique())


def may_remove(actor: Actor, kept: SavedFilter) -> bool:
    return kept.owner_id == actor.id or ADMIN in actor.roles


def roles_for(actor: Actor, sop: Sop) -> list[str]:
    """With whom he may share: his own roles that read the list; who reads everything may share with all of them."""
    if actor.roles & READ_ALL:
        return [*sop.roles, *sorted(READ_ALL - set(sop.roles))]
    return [role for role in sop.roles if role in actor.roles]


def save(actor: Actor, sop_key: str, name: str, query: str, role: str = "") -> SavedFilter:
    """Keeps ``query`` under ``name``; what had that name before is replaced.

    ``role``: with whom it is shared, empty for nobody. Raises ``ValidationFailed``, ``Malformed`` or ``Forbidden``.
    """
    sop = SOPS.get(sop_key)
    if sop is None or actor.id is None or not reads(actor, sop):
        raise NotVisible(_("There is no such SOP."))
    name = " ".join(name.replace("\x00", "").split())
    _checked(actor, sop, name, query, role)
    try:
        with write_transaction() as session:
            return _keep(session, actor, sop, name, query, role)
    except IntegrityError as error:
        raise Conflict(_("Somebody else has just done this.")) from error


def remove(actor: Actor, sop_key: str, pk: int) -> None:
    """Done by its owner or an admin; to others a filter that they don't see is not there."""
    with write_transaction() as session:
        kept = session.get(SavedFilter, pk) if 0 < pk <= LARGEST_KEY else None
        shared = kept is not None and (kept.role in actor.roles or (kept.role != "" and ADMIN in actor.roles))
        if kept is None or kept.sop != sop_key or not (kept.owner_id == actor.id or shared):
            raise NotVisible(_("There is no such filter."))
        if not may_remove(actor, kept):
            raise Forbidden(_("Only its owner may remove this filter."))
        session.delete(kept)


def _keep(session: Session, actor: Actor, sop: Sop, name: str, query: str, role: str) -> SavedFilter:
    mine = (SavedFilter.owner_id == actor.id, SavedFilter.sop == sop.key)
    kept = session.scalars(select(SavedFilter).where(*mine, SavedFilter.name == name)).one_or_none()
    if kept is None:
        if (session.scalar(select(func.count()).where(*mine)) or 0) >= MOST:
            raise Malformed(_("You keep %(most)s filters of this list already. Please remove one first.", most=MOST))
        kept = SavedFilter(owner_id=actor.id, sop=sop.key, name=name)
        session.add(kept)
    kept.query, kept.role = query, role
    session.flush()
    return kept


def _checked(actor: Actor, sop: Sop, name: str, query: str, role: str) -> None:
    if not name:
        sentence = _("Please write a name for the filter.")
        raise ValidationFailed(sentence, [FieldError("field", "name", sentence)])
    if len(name) > LONGEST_NAME:
        raise Malformed(_("The name may have %(most)s letters at most.", most=LONGEST_NAME))
    if not query:
        raise Malformed(_("There is nothing to keep: please filter the list first."))
    if len(query) > LONGEST_QUERY:
        raise Malformed(_("This filter is too long to be kept."))
    if role and role not in roles_for(actor, sop):
        raise Forbidden(_("You may not share a filter with this role."))
