"""Visibility of cases and documents, decided here for pages, API, files and exports alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from flask_appbuilder.security.sqla.models import Group, Role
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from app.extensions import db
from app.models import Case, Document, User
from app.models.derive import case_model
from app.services.core.errors import NotVisible
from app.services.core.revisions import under
from app.sop import SOPS
from app.sop.common import SUPERVISOR
from app.workflow.declaration import DocumentType, Sop

ADMIN = "Admin"
#: These read every case of every SOP without a step of their own; what they may do, the SOPs say.
READ_ALL = frozenset({ADMIN, SUPERVISOR})
#: SQLite and PostgreSQL both refuse larger keys; a longer number in a URL is simply not there.
LARGEST_KEY = 2**31 - 1


@dataclass(frozen=True)
class Actor:
    """The user on whose behalf something is done, as far as services need to know them."""

    id: int | None
    name: str
    roles: frozenset[str]
    unit_id: int | None = None

    @classmethod
    def of(cls, user: Any) -> Actor:
        """The actor behind a FAB user; an anonymous one has no roles."""
        if user is None or not getattr(user, "is_authenticated", False):
            return cls(None, "", frozenset())
        roles = {role.name for role in user.roles} | {r.name for g in user.groups for r in g.roles}
        return cls(user.id, user.get_full_name(), frozenset(roles), user.unit_id)


#: The system itself, for imports and jobs: it sees everything, and its steps are recorded under its own name.
SYSTEM = Actor(None, "Tuntas", frozenset({SUPERVISOR}))


def sops_of(actor: Actor) -> list[Sop]:
    """The SOPs of which ``actor`` may see any case, in the order of the menu."""
    return [sop for sop in SOPS.values() if reads(actor, sop)]


def reads(actor: Actor, sop: Sop) -> bool:
    """Whether one of the actor's roles takes part in ``sop``, by any of its revisions."""
    return any(_takes_part(actor, one) for one in sop.revisions)


def visible_rows(actor: Actor, sop: Sop) -> ColumnElement[bool]:
    """The condition on ``cases`` that holds for the rows of ``sop`` that ``actor`` may see, each by its revision."""
    reaches = {one.revision: _reach(actor, one) for one in sop.revisions}
    if len(set(reaches.values())) == 1:
        return _within(actor, reaches[sop.revision])
    return or_(*(and_(under(one), _within(actor, reaches[one.revision])) for one in sop.revisions))


def sees(actor: Actor, sop: Sop, unit_id: int | None) -> bool:
    """The same for one loaded row of this unit under the revision ``sop``: for checking many users without a query
    each."""
    reach = _reach(actor, sop)
    return reach == "all" or (reach == "unit" and unit_id is not None and actor.unit_id == unit_id)


def _takes_part(actor: Actor, sop: Sop) -> bool:
    return bool(actor.roles & (READ_ALL | set(sop.roles)))


def _reach(actor: Actor, sop: Sop) -> Literal["all", "unit", "none"]:
    """Whose cases the actor's roles see: those of all units, of their own, or none."""
    if actor.roles & _unlimited(sop):
        return "all"
    return "unit" if _takes_part(actor, sop) else "none"


def _within(actor: Actor, reach: Literal["all", "unit", "none"]) -> ColumnElement[bool]:
    if reach == "all":
        return true()
    # A role limited to its unit sees nothing when the user has no unit.
    return Case.unit_id == actor.unit_id if reach == "unit" and actor.unit_id is not None else false()


def _unlimited(sop: Sop) -> frozenset[str]:
    return (READ_ALL | set(sop.roles)) - set(sop.unit_roles)


def viewers(sop: Sop, case: Case) -> ColumnElement[bool]:
    """``visible_rows`` from the other side: the condition on users that holds for those who may see ``case``."""
    if case.unit_id is None:
        return users_with(_unlimited(sop))
    return or_(users_with(_unlimited(sop)), and_(User.unit_id == case.unit_id, users_with(sop.unit_roles)))


def users_with(roles: Iterable[str]) -> ColumnElement[bool]:
    """The condition on users that holds for those who have one of ``roles``, themselves or by a group."""
    # Lists of ids rather than EXISTS per user: read once, whatever the number of users.
    named = Role.name.in_(list(roles))
    alone = select(User.id).join(User.roles).where(named)
    grouped = select(User.id).join(User.groups).join(Group.roles).where(named)
    return or_(User.id.in_(alone), User.id.in_(grouped))


def visible_cases(actor: Actor, sops: Iterable[Sop] | None = None) -> ColumnElement[bool]:
    """The same over several SOPs (all of them when none is named)."""
    wanted = SOPS.values() if sops is None else sops
    return or_(false(), *(and_(Case.sop == sop.key, visible_rows(actor, sop)) for sop in wanted if reads(actor, sop)))


def visible_or_404(actor: Actor, sop: str, pk: int) -> Any:
    """The case, or ``NotVisible``: what may not be seen answers like what is not there."""
    declared = SOPS.get(sop)
    if declared is not None and 0 < pk <= LARGEST_KEY:
        statement: Select[Any] = select(case_model(sop)).where(Case.id == pk, visible_rows(actor, declared))
        case = db.session.scalars(statement).unique().one_or_none()
        if case is not None:
            return case
    raise NotVisible(_("There is no such case, or you may not see it."))


def may_open(actor: Actor, sop: Sop, document: Document) -> bool:
    """Whether somebody who sees the case may open this version of a document; nobody can open a purged one."""
    if document.purged_at is not None:
        return False
    declared = sop.document_by_key.get(document.type)
    if declared is None:  # of a revision that is no longer loaded: nobody knows for whom it was
        return document.released or SUPERVISOR in actor.roles
    return not declared.confidential_to or document.released or bool(actor.roles & set(openers(declared)))


def openers(declared: DocumentType) -> tuple[str, ...]:
    """The roles that may open a confidential document before it is released; none where it is no secret."""
    return (*declared.confidential_to, SUPERVISOR) if declared.confidential_to else ()


def user_named(username: str) -> Any:
    return db.session.scalars(select(User).where(User.username == username)).unique().one_or_none()
