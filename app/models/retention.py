"""Retention: how long files and personal data are kept, legal holds, and what was purged."""

from __future__ import annotations

from datetime import datetime

from flask_appbuilder import Model
from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.case import Case
from app.models.types import UTCDateTime, utcnow


class RetentionPolicy(Model):
    """Years after closing; overrides what the SOP declares. An empty ``document_type`` means the SOP's default, for
    personal data and for every kind of document that has no period of its own."""

    __tablename__ = "retention_policies"
    __table_args__ = (UniqueConstraint("sop", "document_type"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sop: Mapped[str] = mapped_column(String(32), nullable=False)
    document_type: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    years: Mapped[int] = mapped_column(Integer, nullable=False)


class LegalHold(Model):
    """Until it is released nothing of the case is purged."""

    __tablename__ = "legal_holds"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), nullable=False, index=True)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    set_by: Mapped[str] = mapped_column(String(130), nullable=False)
    set_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    released_by: Mapped[str | None] = mapped_column(String(130))
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    case: Mapped[Case] = relationship(Case)


class Purge(Model):
    """The record of a purge. ``whole``: the personal data was purged as well, so nothing is left."""

    __tablename__ = "purges"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), nullable=False, index=True)
    number: Mapped[str] = mapped_column(String(32), nullable=False)
    sop: Mapped[str] = mapped_column(String(32), nullable=False, index=True)
    whole: Mapped[bool] = mapped_column(Boolean, nullable=False)
    document_types: Mapped[str] = mapped_column(Text, nullable=False, default="")
    files: Mapped[int] = mapped_column(Integer, nullable=False)
    bytes: Mapped[int] = mapped_column(BigInteger, nullable=False)
    purged_by: Mapped[str] = mapped_column(String(130), nullable=False)
    purged_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
