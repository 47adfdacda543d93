"""The second step of a sign-in by a code that is typed, and the brake on guesses."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.models import SecondStep
from app.models.second_factor import TOTP
from app.services.accounts.factors import recovery, telling, totp
from app.services.accounts.factors.enrolled import RECOVERY, codes_left, locked_step, own_id
from app.services.audit import log
from app.services.core import clock
from app.services.core.access import NOBODY, Actor
from app.services.core.database import write_transaction
from app.services.core.errors import TooMany

#: Wrong codes after which the next one has to wait, and how long: twice as long after each wrong one.
FREE, FIRST_WAIT, LONGEST_WAIT = 5, timedelta(minutes=1), timedelta(hours=1)


def check(actor: Actor, written: str, where: str) -> str | None:
    """By which way of ``enrolled.LABELS`` the code is right, which is spent with that; None for a wrong one. ``where``:
    ``form`` or ``api``. Raises ``TooMany`` while the user has to wait."""
    with write_transaction() as session:
        step = locked_step(session, own_id(actor))
        wait = seconds_to_wait(step)
        way = None if wait else _way(session, actor, step, written, where)
    if wait:
        raise TooMany(_told(ceil(wait / 60)), wait)
    return way


def _told(minutes: int) -> str:
    return str(
        ngettext(
            "Too many wrong codes. Please wait %(num)s minute.", "Too many wrong codes. Please wait %(num)s minutes.",
            minutes,
        )
    )  # fmt: skip


def seconds_to_wait(step: SecondStep) -> int:
    if step.blocked_until is None:
        return 0
    return max(0, ceil((step.blocked_until - clock.now()).total_seconds()))


def _way(session: Session, actor: Actor, step: SecondStep, written: str, where: str) -> str | None:
    about = telling.subject(session, step.user_id)
    if (factor := totp.matching(session, step.user_id, written)) is not None:
        factor.used_at = clock.now()
        way = TOTP
    elif (code := recovery.matching(session, step.user_id, written)) is not None:
        code.used_at = clock.now()
        session.flush()
        way, left = RECOVERY, codes_left(step.user_id)
        log.record(actor, "recovery_code.used", about, left=left)
        telling.told(session, actor, telling.CODE_USED, step.user_id)
    else:
        _count_wrong(session, actor, step, where)
        return None
    step.failures, step.blocked_until = 0, None
    return way


def _count_wrong(session: Session, actor: Actor, step: SecondStep, where: str) -> None:
    step.failures += 1
    beyond = step.failures - FREE
    about = telling.subject(session, step.user_id)
    log.record(NOBODY, "sign_in.refused", about, way=where, why="second_factor", failures=step.failures)
    if beyond >= 0:
        step.blocked_until = clock.now() + min(FIRST_WAIT * 2 ** min(beyond, 10), LONGEST_WAIT)
    if beyond == 0:
        # Whoever gets as far as here knows the password.
        telling.told(session, actor, telling.BLOCKED, step.user_id)
