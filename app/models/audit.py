"""The audit log: what was done beside the steps of cases, and what was refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.types import UTCDateTime


class AuditEntry(Model):
    """A line of the audit log; never changed, never removed (triggers in the migration enforce that).

    ``seq`` counts from 1. ``hash`` = SHA-256 over the hash of the entry before it and this entry's facts. ``account``:
    the user name that the actor had then; empty for the system and for who isn't signed in. ``address`` and
    ``request``: where it came from, empty outside of a request. ``subject_type`` and ``subject``: what it was done to
    (``user``, ``document``, …, and its key), ``subject_name``: what people call it.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        UniqueConstraint("seq", name="uq_audit_entries_seq"),
        Index("ix_audit_entries_at", "at"),
        Index("ix_audit_entries_actor", "actor_id", "seq"),
        Index("ix_audit_entries_action", "action", "seq"),
        Index("ix_audit_entries_subject", "subject_type", "subject", "seq"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = mapped_column(String(130), nullable=False)
    account: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    address: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    request: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    action: Mapped[str] = mapped_column(String(64), nullable=False)
    subject_type: Mapped[str] = mapped_column(String(32), nullable=False, default="")
    subject: Mapped[str] = mapped_column(String(128), nullable=False, default="")
    subject_name: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False, default=dict)
    hash: Mapped[str] = mapped_column(String(64), nullable=False)
