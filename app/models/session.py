"""What somebody is signed in with in a browser: one row a session, named by its cookie."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.people import User
from app.models.types import UTCDateTime


class UserSession(Model):
    """``digest``: of the name that the cookie has, so that whoever reads this table signs in nowhere. ``seen_at`` is
    written every few minutes at most. ``device``: browser and system in words, empty where they are unknown.
    ``means``: how they signed in (``password``, …). ``ended_at``: when it was ended before its time."""

    __tablename__ = "user_sessions"
    __table_args__ = (
        Index("ix_user_sessions_user", "user_id", "ended_at"),
        Index("ix_user_sessions_created", "created_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    digest: Mapped[str] = mapped_column(String(64), nullable=False, unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    address: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    device: Mapped[str] = mapped_column(String(80), nullable=False, default="")
    means: Mapped[str] = mapped_column(String(16), nullable=False, default="")

    user: Mapped[Any] = relationship(User)
