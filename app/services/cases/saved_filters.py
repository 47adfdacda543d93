"""Named filters of a list, and with whom their owners may share them.

What a query may contain is decided by the list itself (``panel/cases/listing.py``); here it is a validated text.
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
#: Filters of one user on one list.
MOST = 30


def of(actor: Actor, sop: Sop) -> list[SavedFilter]:
    """The actor's own by name, then what others share with one of the actor's roles; an admin sees all shared ones.
    With their owners, in one query."""
    shared = SavedFilter.role != "" if ADMIN in actor.roles else SavedFilter.role.in_(actor.roles - {""})
    found = db.session.scalars(
        select(SavedFilter)
        .where(SavedFilter.sop == sop.key, or_(SavedFilter.owner_id == actor.id, shared))
        .options(joinedload(SavedFilter.owner))
        .order_by(SavedFilter.owner_id != actor.id, SavedFilter.name, SavedFilter.id)
    )
    return list(found.unique())


def may_remove(actor: Actor, saved: SavedFilter) -> bool:
    return saved.owner_id == actor.id or ADMIN in actor.roles


def roles_for(actor: Actor, sop: Sop) -> list[str]:
    """The roles with which ``actor`` may share: their own that read the list; users who read everything may share with
    all."""
    if actor.roles & READ_ALL:
        return [*sop.roles, *sorted(READ_ALL - set(sop.roles))]
    return [role for role in sop.roles if role in actor.roles]


def save(actor: Actor, sop_key: str, name: str, query: str, role: str = "") -> SavedFilter:
    """Saves ``query`` under ``name``, replacing an earlier one of that name.

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
    """For its owner or an admin; for others a filter that they don't see does not exist."""
    with write_transaction() as session:
        saved = session.get(SavedFilter, pk) if 0 < pk <= LARGEST_KEY else None
        shared = saved is not None and (saved.role in actor.roles or (saved.role != "" and ADMIN in actor.roles))
        if saved is None or saved.sop != sop_key or not (saved.owner_id == actor.id or shared):
            raise NotVisible(_("There is no such filter."))
        if not may_remove(actor, saved):
            raise Forbidden(_("Only its owner may remove this filter."))
        session.delete(saved)


def _keep(session: Session, actor: Actor, sop: Sop, name: str, query: str, role: str) -> SavedFilter:
    mine = (SavedFilter.owner_id == actor.id, SavedFilter.sop == sop.key)
    saved = session.scalars(select(SavedFilter).where(*mine, SavedFilter.name == name)).one_or_none()
    if saved is None:
        if (session.scalar(select(func.count()).where(*mine)) or 0) >= MOST:
            raise Malformed(_("You keep %(most)s filters of this list already. Please remove one first.", most=MOST))
        saved = SavedFilter(owner_id=actor.id, sop=sop.key, name=name)
        session.add(saved)
    saved.query, saved.role = query, role
    session.flush()
    return saved


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
