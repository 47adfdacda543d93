"""Recovery codes: ten, each for one use, for who has lost their other factors."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.models import RecoveryCode
from app.services.accounts.factors import enrolled, telling
from app.services.audit import log
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.database import write_transaction

#: How many are made at once.
COUNT = 10
#: Without letters and digits that look like each other; 16 of them are 79 random bits.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, LETTERS_OF_GROUP = 4, 4


def make(actor: Actor) -> list[str]:
    """New ones in place of those before; this answer alone shows them."""
    with write_transaction() as session:
        return make_in(session, actor, enrolled.own_id(actor))


def make_in(session: Session, actor: Actor, user_id: int) -> list[str]:
    """The same in the open transaction."""
    enrolled.locked_step(session, user_id)
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = [_new() for _number in range(COUNT)]
    for code in codes:
        salt = secrets.token_hex(16)
        session.add(RecoveryCode(user_id=user_id, salt=salt, hash=_hash(salt, _plain(code)), made_at=clock.now()))
    log.record(actor, "recovery_codes.made", telling.subject(session, user_id), count=COUNT)
    telling.told(session, actor, telling.CODES_MADE, user_id)
    return codes


def matching(session: Session, user_id: int, written: str) -> RecoveryCode | None:
    """The unused code that was written, in capitals or not, with its hyphens or without."""
    plain = _plain(written)
    if len(plain) != GROUPS * LETTERS_OF_GROUP:
        return None
    mine = select(RecoveryCode).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    found = [one for one in session.scalars(mine) if hmac.compare_digest(one.hash, _hash(one.salt, plain))]
    return found[0] if found else None


def _new() -> str:
    letters = [secrets.choice(LETTERS) for _number in range(GROUPS * LETTERS_OF_GROUP)]
    return "-".join(
        "".join(letters[at : at + LETTERS_OF_GROUP]) for at in range(0, len(letters), LETTERS_OF_GROUP)
    )  # fmt: skip


def _plain(written: str) -> str:
    return "".join(one for one in written.casefold() if one.isalnum())


def _hash(salt: str, plain: str) -> str:
    return hashlib.sha256(f"{salt}:{plain}".encode()).hexdigest()
