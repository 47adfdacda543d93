"""Background work: what ran, and who runs it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.types import UTCDateTime, utcnow


class JobRun(Model):
    """One run of a task. ``name``: the task's; ``task``: its id in the queue; ``arguments``: what it was given, if that
    is numbers alone. ``slot``: the minute whose tick it is; there is one run for each, however many workers there are;
    None for what is no tick or was asked for by hand.

    ``outcome``: ``running``, ``done``, ``failed``, ``retrying`` (failed, and is tried again by itself) or ``lost`` (its
    worker went away). ``error``: the end of the
    traceback. ``settled``: somebody has seen to it that it failed.
    """

    __tablename__ = "job_runs"
    __table_args__ = (
        UniqueConstraint("name", "slot", name="uq_job_runs_slot"),
        Index("ix_job_runs_name", "name", "started_at"),
        Index("ix_job_runs_outcome", "outcome", "settled"),
        Index("ix_job_runs_started", "started_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), nullable=False)
    task: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    slot: Mapped[datetime | None] = mapped_column(UTCDateTime)
    arguments: Mapped[list[Any] | None] = mapped_column(JSON)
    worker: Mapped[str] = mapped_column(String(120), nullable=False, default="")
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str] = mapped_column(String(16), nullable=False, default="running")
    error: Mapped[str] = mapped_column(Text, nullable=False, default="")
    settled: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)


class Worker(Model):
    """A process that does background work. ``name``: host, process and a mark of its own."""

    __tablename__ = "workers"
    __table_args__ = (UniqueConstraint("name"), Index("ix_workers_seen", "seen_at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), nullable=False)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
