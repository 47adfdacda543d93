"""Personal data: who had masked data shown to them, and what people have asked about their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.people import User
from app.models.types import UTCDateTime, utcnow

OPEN = text("state = 'open'")


class Reveal(Model):
    """The personal data of a case were shown to a user who gets them masked, until ``until``. ``fields``: the keys of
    those that a program asked for; None: all."""

    __tablename__ = "reveals"
    __table_args__ = (
        Index("ix_reveals_user_case", "user_id", "case_id", "until"),
        Index("ix_reveals_user_at", "user_id", "at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), nullable=False, index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    fields: Mapped[list[str] | None] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    until: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)


class PrivacyRequest(Model):
    """What somebody asks about their own personal data (UU 27/2022, articles 5 to 13).

    ``right_key``: of ``services/privacy/rights.py``. ``name`` and, as far as they are known, ``customer_code``,
    ``phone``, ``email`` and ``identity`` say whose data; ``asked_by``: who asks for them, empty for the person
    themself. ``verified``: how it was made sure who they are. ``received_at``: from when its clock of 3 × 24 hours
    runs, to ``due_at``. ``state``: ``open``, ``answered`` or ``refused``; ``answer``: what was told them.
    ``cases``: ids of those that an officer has found to be about the person, None before anybody has looked.
    ``warned_level``: per cent of its time of which its officers were warned.
    """

    __tablename__ = "privacy_requests"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_privacy_requests_state", "state", "due_at", "id"),
        Index("ix_privacy_requests_open", "due_at", "id", sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), nullable=False)
    right_key: Mapped[str] = mapped_column(String(32), nullable=False)
    state: Mapped[str] = mapped_column(String(16), nullable=False, default="open")
    name: Mapped[str] = mapped_column(String(255), nullable=False)
    asked_by: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    customer_code: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    phone: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    email: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    identity: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    verified: Mapped[str] = mapped_column(Text, nullable=False, default="")
    details: Mapped[str] = mapped_column(Text, nullable=False, default="")
    answer: Mapped[str] = mapped_column(Text, nullable=False, default="")
    cases: Mapped[list[int] | None] = mapped_column(JSON)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    warned_level: Mapped[int] = mapped_column(Integer, nullable=False, default=0, server_default="0")
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1)

    __mapper_args__ = {"version_id_col": version}

    recorded_by: Mapped[User | None] = relationship(User, foreign_keys=[recorded_by_id])
    answered_by: Mapped[User | None] = relationship(User, foreign_keys=[answered_by_id])


class PrivacyEvent(Model):
    """A line of the history of a request; appended, never altered. ``detail``: keys, numbers and counts."""

    __tablename__ = "privacy_events"
    __table_args__ = (UniqueConstraint("request_id", "seq"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("privacy_requests.id"), nullable=False)
    seq: Mapped[int] = mapped_column(Integer, nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    actor_id: Mapped[int | None] = mapped_column(Integer)
    actor_name: Mapped[str] = mapped_column(String(130), nullable=False)
    action: Mapped[str] = mapped_column(String(64), nullable=False)
    note: Mapped[str] = mapped_column(Text, nullable=False, default="")
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)
