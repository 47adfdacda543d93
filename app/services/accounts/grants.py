"""What somebody may do: roles given and taken, accounts switched on and off; every admin and whom it concerns learn
of it.

With ``ROLE_GRANTS_FOUR_EYES`` what is given waits until another admin confirms it; what is taken is gone at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import current_app
from flask_appbuilder.security.sqla.models import Role
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.extensions import db
from app.models import RoleProposal, User
from app.models.accounts import CONFIRMED, DECLINED, WAITING, WITHDRAWN
from app.services.audit import log
from app.services.core import clock
from app.services.core.access import ADMIN, LARGEST_KEY, SYSTEM, Actor
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, Forbidden, NotVisible
from app.services.notices import account_notices

#: Decided proposals that are shown.
SHOWN = 20


@dataclass(frozen=True)
class Rights:
    """The names of somebody's roles, and whether they may sign in."""

    roles: frozenset[str]
    active: bool


def waits_for_another() -> bool:
    """Whether what an admin gives waits for another one."""
    return bool(current_app.config["ROLE_GRANTS_FOUR_EYES"])


def other_admins(user_id: int | None) -> bool:
    """Whether there is an active admin besides this one."""
    found = select(User.id).where(User.active, User.roles.any(name=ADMIN), User.id != (user_id or 0))
    return db.session.scalar(found.limit(1)) is not None


def at_once(before: Rights, wanted: Rights) -> Rights:
    """What holds now of what an admin wants for somebody; the rest waits."""
    if not waits_for_another():
        return wanted
    return Rights(wanted.roles & before.roles, wanted.active and before.active)


def changed(session: Session, actor: Actor, user: Any, before: Rights, after: Rights) -> None:
    """Records and tells, in the transaction that is open, what an admin has changed. ``user`` has its id."""
    given, taken = after.roles - before.roles, before.roles - after.roles
    subject = ("user", user.id, user.username)
    told = {"before": sorted(before.roles), "after": sorted(after.roles)}
    if given:
        log.record(actor, "role.granted", subject, **told)
    if taken:
        log.record(actor, "role.removed", subject, **told)
    if given or taken:
        account_notices.tell_of_roles(
            session, actor, "roles", user.id, user.username, lambda: _difference(given, taken)
        )  # fmt: skip
    if before.active != after.active:
        log.record(actor, "user.activated" if after.active else "user.deactivated", subject)
        what = "activated" if after.active else "deactivated"
        account_notices.tell_of_roles(session, actor, what, user.id, user.username)


def propose(session: Session, actor: Actor, user: Any, now: Rights, wanted: Rights) -> bool:
    """Keeps, in the transaction that is open, what waits for another admin, unless it is proposed already; answers
    whether anything waits."""
    missing, activates = wanted.roles - now.roles, wanted.active and not now.active
    if not (missing or activates):
        return False
    open_already = session.scalars(
        select(RoleProposal).where(RoleProposal.user_id == user.id, RoleProposal.state == WAITING)
    ).all()
    roles = sorted(missing.difference(*(one.roles for one in open_already)))
    activates = activates and not any(one.activates for one in open_already)
    if roles or activates:
        wanted_by = {"proposed_by_id": actor.id, "proposed_at": clock.now()}
        session.add(RoleProposal(user_id=user.id, roles=roles, activates=activates, **wanted_by))
        log.record(actor, "role.proposed", ("user", user.id, user.username), roles=roles, activates=activates)
        _tell(session, actor, "proposed", user, roles)
    return True


def waiting() -> list[RoleProposal]:
    """Oldest first."""
    found = _proposals().where(RoleProposal.state == WAITING).order_by(RoleProposal.id)
    return list(db.session.scalars(found).unique())


def decided() -> list[RoleProposal]:
    """The latest, newest first."""
    found = _proposals().where(RoleProposal.state != WAITING).order_by(RoleProposal.id.desc()).limit(SHOWN)
    return _all(found)


def count_waiting(user_id: int | None = None) -> int:
    """For this user; None: for all."""
    found = select(func.count()).select_from(RoleProposal).where(RoleProposal.state == WAITING)
    return int(db.session.scalar(found.where(RoleProposal.user_id == user_id) if user_id else found) or 0)


def confirm(actor: Actor, proposal_id: int) -> RoleProposal:
    """The roles are given. Raises ``Forbidden`` for whoever proposed it themselves, ``Conflict`` where it is decided or
    whoever proposed it is no admin any more."""
    with write_transaction() as session:
        proposal, user = _open(session, actor, proposal_id)
        if proposal.proposed_by_id == actor.id:
            raise Forbidden(_("You proposed this yourself; another admin has to confirm it."))
        proposer = proposal.proposed_by
        if not proposer.active or ADMIN not in {role.name for role in proposer.roles}:
            raise Conflict(_("Whoever proposed this is no admin any more, so it can only be declined."))
        before = rights_of(user)
        missing = set(proposal.roles) - before.roles
        user.roles.extend(session.scalars(select(Role).where(Role.name.in_(missing))))
        user.active = user.active or proposal.activates
        _decide(proposal, actor, CONFIRMED)
        after, subject = rights_of(user), ("user", user.id, user.username)
        log.record(
            actor, "role.confirmed", subject, proposed_by=proposer.username, before=sorted(before.roles),
            after=sorted(after.roles), activates=proposal.activates,
        )  # fmt: skip
        _tell(session, actor, "confirmed", user, proposal.roles)
        return proposal


def decline(actor: Actor, proposal_id: int) -> RoleProposal:
    """Nothing is given; by whoever proposed it: they take it back."""
    with write_transaction() as session:
        proposal, user = _open(session, actor, proposal_id)
        own = proposal.proposed_by_id == actor.id
        _decide(proposal, actor, WITHDRAWN if own else DECLINED)
        log.record(
            actor, "role.withdrawn" if own else "role.declined", ("user", user.id, user.username),
            proposed_by=proposal.proposed_by.username, roles=proposal.roles,
        )  # fmt: skip
        _tell(session, actor, "withdrawn" if own else "declined", user, proposal.roles)
        return proposal


def rights_of(user: Any) -> Rights:
    return Rights(frozenset(role.name for role in user.roles), bool(user.active))


def _open(session: Session, actor: Actor, proposal_id: int) -> tuple[RoleProposal, Any]:
    """The proposal and its user, locked until the transaction ends."""
    if actor is not SYSTEM and ADMIN not in actor.roles:
        raise Forbidden(_("Only %(roles)s may do this.", roles=ADMIN))
    wanted = select(RoleProposal).where(RoleProposal.id == proposal_id).with_for_update()
    proposal = session.scalars(wanted).one_or_none() if 0 < proposal_id <= LARGEST_KEY else None
    if proposal is None:
        raise NotVisible(_("There is nothing here, or you may not see it."))
    if proposal.state != WAITING:
        raise Conflict(_("Somebody else has just done this."))
    of_user = select(User).where(User.id == proposal.user_id).with_for_update(of=User)
    return proposal, session.scalars(of_user).unique().one()


def _decide(proposal: RoleProposal, actor: Actor, state: str) -> None:
    proposal.state, proposal.decided_by_id, proposal.decided_at = state, actor.id, clock.now()


def _all(found: Any) -> list[RoleProposal]:
    rows: list[RoleProposal] = list(db.session.scalars(found).unique())
    return rows


def _proposals() -> Any:
    return select(RoleProposal).options(
        joinedload(RoleProposal.user), joinedload(RoleProposal.proposed_by), joinedload(RoleProposal.decided_by)
    )


def _tell(session: Session, actor: Actor, what: str, user: Any, roles: Collection[str]) -> None:
    account_notices.tell_of_roles(session, actor, what, user.id, user.username, lambda: _difference(roles, ()))


def _difference(given: Collection[str], taken: Collection[str]) -> str:
    lines = []
    if given:
        lines.append(_("Given: %(roles)s", roles=", ".join(sorted(given))))
    if taken:
        lines.append(_("Taken: %(roles)s", roles=", ".join(sorted(taken))))
    return "\n".join(map(str, lines))
