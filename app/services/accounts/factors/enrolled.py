"""Which second factors somebody has; their names; how they go."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import RecoveryCode, SecondFactor, SecondStep, User
from app.models.second_factor import PASSKEY, TOTP
from app.services.accounts import sessions
from app.services.accounts.factors import required, telling
from app.services.audit import log
from app.services.core.access import LARGEST_KEY, Actor
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, FieldError, NotVisible, ValidationFailed
from app.workflow.declaration import Text

RECOVERY = "recovery_code"
#: What each way of a second step is called.
LABELS: dict[str, Text] = {
    TOTP: _l("Authenticator app"),
    PASSKEY: _l("Passkey"),
    RECOVERY: _l("Recovery code"),
}
LONGEST_NAME = 80
#: Factors that one user can have.
MOST = 20


def of(user_id: int) -> Sequence[SecondFactor]:
    """Oldest first."""
    mine = select(SecondFactor).where(SecondFactor.user_id == user_id).order_by(SecondFactor.id)
    found: Sequence[SecondFactor] = db.session.scalars(mine).all()
    return found


def own_id(actor: Actor) -> int:
    """Raises ``NotVisible`` for who is nobody's account."""
    if actor.id is None:
        raise NotVisible(_("There is no such user."))
    return actor.id


def has_any(user_id: int) -> bool:
    return bool(db.session.scalar(select(exists().where(SecondFactor.user_id == user_id))))


def ways(user_id: int) -> list[str]:
    """By which ways a second step can be done, of ``LABELS``; none for who has no factor."""
    kinds = set(db.session.scalars(select(SecondFactor.kind).where(SecondFactor.user_id == user_id)))
    found = [kind for kind in (TOTP, PASSKEY) if kind in kinds]
    return [*found, RECOVERY] if found and codes_left(user_id) else found


def codes_left(user_id: int) -> int:
    unused = select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return int(db.session.scalar(unused) or 0)


def locked_step(session: Session, user_id: int) -> SecondStep:
    """What is known of the user's second steps, locked until the transaction is over. Raises ``NotVisible``."""
    # PostgreSQL: the user's row is there to be locked before this one is.
    there = select(User.id).where(User.id == user_id).with_for_update(of=User)
    if session.scalar(there) is None:
        raise NotVisible(_("There is no such user."))
    step = session.scalars(select(SecondStep).where(SecondStep.user_id == user_id)).one_or_none()
    if step is None:
        step = SecondStep(user_id=user_id, handle=secrets.token_urlsafe(32), failures=0)
        session.add(step)
        session.flush()
    return step


def add(session: Session, actor: Actor, factor: SecondFactor, kept: int | None) -> bool:
    """Adds a factor that was confirmed to ``actor``'s, in the open transaction; answers whether it is their first one.
    With the first one every session but ``kept`` ends: one opened with a stolen password does not outlive it."""
    user_id = factor.user_id
    names = [one.name for one in of(user_id)]
    if len(names) >= MOST:
        raise Conflict(_("%(count)s second factors are the most one can have.", count=MOST))
    factor.name = _free_name(factor.name, names)
    session.add(factor)
    first = not names
    if first:
        sessions.end_others(actor, user_id, kept)
    log.record(actor, "second_factor.added", telling.subject(session, user_id), kind=factor.kind, name=factor.name)
    telling.told(session, actor, telling.ADDED, user_id)
    return first


def rename(actor: Actor, factor_id: int, name: str) -> None:
    """Raises ``NotVisible``, ``ValidationFailed``."""
    wanted = checked_name(name)
    with write_transaction() as session:
        factor = _mine(session, actor, factor_id)
        if factor.name != wanted:
            about = telling.subject(session, factor.user_id)
            log.record(actor, "second_factor.renamed", about, kind=factor.kind, name=[factor.name, wanted])
            factor.name = wanted


def remove(actor: Actor, factor_id: int) -> None:
    """With the last factor the recovery codes go too. Raises ``NotVisible``; ``Conflict`` for the last one of somebody
    whose role wants one."""
    with write_transaction() as session:
        factor = _mine(session, actor, factor_id)
        step = locked_step(session, factor.user_id)
        last = len(of(factor.user_id)) == 1
        if last and required.of(actor):
            raise Conflict(_("Your role needs a second factor. Set up another one before you remove this one."))
        session.delete(factor)
        if last:
            _forget(session, step)
        about = telling.subject(session, step.user_id)
        log.record(actor, "second_factor.removed", about, kind=factor.kind, name=factor.name)
        telling.told(session, actor, telling.REMOVED, step.user_id)


def reset(actor: Actor, user_id: int, **detail: Any) -> int:
    """Takes all factors from a user, who signs in with the password alone then, and ends all their sessions; answers
    how many there were. The owner and every admin are told. Raises ``NotVisible``."""
    if not 0 < user_id <= LARGEST_KEY:
        raise NotVisible(_("There is no such user."))
    with write_transaction() as session:
        step = locked_step(session, user_id)
        kinds = [factor.kind for factor in of(user_id)]
        session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
        _forget(session, step)
        sessions.end(session.get_one(User, user_id))
        log.record(actor, "second_factor.reset", telling.subject(session, user_id), kinds=kinds, **detail)
        telling.told_of_reset(session, actor, user_id)
    return len(kinds)


def checked_name(name: str) -> str:
    """As it is kept. Raises ``ValidationFailed``."""
    wanted = " ".join("".join(one if one.isprintable() else " " for one in name).split())
    if not wanted or len(wanted) > LONGEST_NAME:
        message = _("Please give it a name of at most %(count)s characters.", count=LONGEST_NAME)
        raise ValidationFailed(message, [FieldError("invalid", "name", message)])
    return wanted


def _free_name(wanted: str, taken: Collection[str]) -> str:
    """With a number behind it where the name is taken."""
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted[: LONGEST_NAME - 4]} {number}"
    return name


def _mine(session: Session, actor: Actor, factor_id: int) -> SecondFactor:
    found = select(SecondFactor).where(SecondFactor.id == factor_id, SecondFactor.user_id == actor.id)
    factor = session.scalars(found).one_or_none() if 0 < factor_id <= LARGEST_KEY else None
    if factor is None:
        raise NotVisible(_("There is no such second factor."))
    return factor


def _forget(session: Session, step: SecondStep) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == step.user_id))
    step.failures, step.blocked_until = 0, None
