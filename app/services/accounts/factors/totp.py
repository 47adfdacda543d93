"""Codes by time (RFC 6238): six digits of an authenticator app, new every 30 seconds."""

from __future__ import annotations

import hmac

import pyotp
import segno
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import SecondFactor
from app.models.second_factor import TOTP
from app.services.accounts.factors import enrolled, recovery
from app.services.core import clock, sealed
from app.services.core.access import Actor
from app.services.core.database import write_transaction

#: Intervals before and after the present one whose code counts too: clocks differ, and typing takes a while.
WINDOW = 1
DIGITS = 6


def begin(user_id: int) -> str:
    """A new secret for a user, sealed: not kept before a code of it confirms that the app has it."""
    return sealed.seal(f"{user_id}:{pyotp.random_base32()}")


def secret_of(begun: str, user_id: int) -> str | None:
    """In base32; None for what is no secret begun for this user."""
    try:
        owner, _colon, secret = sealed.unseal(begun).partition(":")
    except sealed.Unreadable:
        return None
    return secret if owner == str(user_id) else None


def address(secret: str, username: str) -> str:
    """``otpauth://…``, as apps read it from a QR code."""
    issuer = current_app.config["COMPANY_NAME"] or current_app.config["APP_NAME"]
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def drawing(address: str) -> str:
    """The QR code as ``<svg>`` for a page, black on white whatever the page's colours."""
    return segno.make(address, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )


def confirm(actor: Actor, secret: str, code: str, name: str, kept: int | None = None) -> list[str] | None:
    """Keeps the secret where ``code`` is one of it now, and answers the recovery codes that come with a first factor
    (empty: it is not the first). None where the code is wrong. ``kept``: the session in which they are. Raises
    ``Conflict``, ``ValidationFailed``."""
    owner, wanted = enrolled.own_id(actor), enrolled.checked_name(name)
    step = step_of(secret, code, None)
    if step is None:
        return None
    with write_transaction() as session:
        enrolled.locked_step(session, owner)
        factor = SecondFactor(
            user_id=owner, kind=TOTP, name=wanted, sealed_secret=sealed.seal(secret), last_step=step,
            created_at=clock.now(),
        )  # fmt: skip
        first = enrolled.add(session, actor, factor, kept)
        return recovery.make_in(session, actor, owner) if first else []


def matching(session: Session, user_id: int, written: str) -> SecondFactor | None:
    """The factor of which this is the code now; it is spent with that, and none before it counts any more."""
    mine = select(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.kind == TOTP)
    for factor in session.scalars(mine):
        try:
            secret = sealed.unseal(factor.sealed_secret or "")
        except sealed.Unreadable:
            current_app.logger.warning("Factor %s was sealed under another SECRET_KEY", factor.id)
            continue
        step = step_of(secret, written, factor.last_step)
        if step is not None:
            factor.last_step = step
            return factor
    return None


def step_of(secret: str, written: str, after: int | None) -> int | None:
    """The interval of which ``written`` is the code: one near now, later than ``after``."""
    code = "".join(written.split())
    if not (code.isascii() and code.isdecimal() and len(code) == DIGITS):
        return None
    totp = pyotp.TOTP(secret, digits=DIGITS)
    now = int(clock.now().timestamp()) // totp.interval
    steps = [
        step for step in range(now - WINDOW, now + WINDOW + 1) if hmac.compare_digest(totp.generate_otp(step), code)
    ]
    fresh = [step for step in steps if after is None or step > after]
    return fresh[0] if fresh else None
