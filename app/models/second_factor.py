"""Second factors: what somebody shows besides their password, or instead of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.types import UTCDateTime, utcnow

TOTP, PASSKEY = "totp", "passkey"


class SecondFactor(Model):
    """A factor that its owner has confirmed.

    ``kind``: ``TOTP`` or ``PASSKEY``. Of codes by time (RFC 6238): ``sealed_secret``, encrypted, and ``last_step``, the
    interval whose code was used last. Of passkeys (WebAuthn): ``credential_id`` and ``public_key`` in base64url,
    ``sign_count`` as the authenticator said it last, ``rp_id``, the host for which it was made, and ``transports``.
    """

    __tablename__ = "second_factors"
    __table_args__ = (
        UniqueConstraint("credential_id", name="uq_second_factors_credential"),
        Index("ix_second_factors_user", "user_id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    kind: Mapped[str] = mapped_column(String(16), nullable=False)
    name: Mapped[str] = mapped_column(String(80), nullable=False)
    sealed_secret: Mapped[str | None] = mapped_column(Text)
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    credential_id: Mapped[str | None] = mapped_column(String(1400))
    public_key: Mapped[str | None] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(BigInteger, nullable=False, default=0)
    rp_id: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    transports: Mapped[list[Any]] = mapped_column(JSON, nullable=False, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class RecoveryCode(Model):
    """A code for one use, when no factor is at hand. ``hash``: SHA-256 of ``salt`` and code."""

    __tablename__ = "recovery_codes"
    __table_args__ = (Index("ix_recovery_codes_user", "user_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    salt: Mapped[str] = mapped_column(String(32), nullable=False)
    hash: Mapped[str] = mapped_column(String(64), nullable=False)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SecondStep(Model):
    """What is known of a user's second steps: one row a user, which whoever checks a code locks.

    ``handle``: what their authenticators know them by (WebAuthn's user handle), random. ``failures``: wrong codes since
    the last right one; no code is taken before ``blocked_until``.
    """

    __tablename__ = "second_steps"
    __table_args__ = (
        UniqueConstraint("user_id", name="uq_second_steps_user"),
        UniqueConstraint("handle", name="uq_second_steps_handle"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    handle: Mapped[str] = mapped_column(String(64), nullable=False)
    failures: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    blocked_until: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SpentChallenge(Model):
    """A challenge that a passkey has answered: nobody answers it again. Kept as long as it would be valid."""

    __tablename__ = "spent_challenges"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_spent_challenges_digest"),
        Index("ix_spent_challenges_at", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
