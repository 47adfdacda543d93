"""How long things may take: policies, the working calendar they are counted by, and the clocks of the cases."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, String, Time, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.case import Case
from app.models.people import Unit
from app.models.types import UTCDateTime

#: Policies that hold for all cases.
UNDATED = text("effective IS NULL")


class DeadlinePolicy(Model):
    """How long something may take; overrides what the SOP declares.

    ``deadline``: the key of a deadline that the SOP declares; or that key after ``target:``, for the internal target
    before it; or empty: then it is a clock of its own, which runs while the case is in ``state``. ``channel``: only for
    cases that came that way (empty: all). ``measure``: one of ``workflow.parts.Measure``. ``joint_leave``: whether cuti
    bersama counts as a holiday. ``escalate_to``: the role that is notified when it has run out (empty: the SOP's own,
    else the supervisors). ``citation``: the law or agreement that sets it. ``effective``: it holds for cases received
    on that day or later (None: all).
    """

    __tablename__ = "deadline_policies"
    __table_args__ = (
        UniqueConstraint("sop", "deadline", "state", "channel", "effective", name="uq_deadline_policies"),
        # To a database no two NULLs are the same day.
        Index(
            "uq_deadline_policies_undated",
            "sop",
            "deadline",
            "state",
            "channel",
            unique=True,
            sqlite_where=UNDATED,
            postgresql_where=UNDATED,
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sop: Mapped[str] = mapped_column(String(32), nullable=False)
    deadline: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    state: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    channel: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    amount: Mapped[int] = mapped_column(Integer, nullable=False)
    measure: Mapped[str] = mapped_column(String(32), nullable=False)
    joint_leave: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)
    escalate_to: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    active: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)
    citation: Mapped[str] = mapped_column(String(255), nullable=False, default="")
    effective: Mapped[date | None] = mapped_column(Date)


class CalendarDay(Model):
    """A day that differs from the calendar: off though a weekday, or worked though a holiday. Without a unit it applies
    to all units; a unit's own day overrides it."""

    __tablename__ = "calendar_days"
    __table_args__ = (UniqueConstraint("unit_id", "day"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    day: Mapped[date] = mapped_column(Date, nullable=False)
    working: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    name: Mapped[str] = mapped_column(String(255), nullable=False, default="")

    unit: Mapped[Unit | None] = relationship(Unit)


class WorkingHours(Model):
    """When a unit works on a day of the week (0 is Monday), in the unit's own zone; a break makes two rows. Without a
    unit it applies to every unit that has none of its own; with no rows at all, Monday to Friday from 08.00 to
    17.00."""

    __tablename__ = "working_hours"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    weekday: Mapped[int] = mapped_column(Integer, nullable=False)
    opens: Mapped[time] = mapped_column(Time, nullable=False)
    closes: Mapped[time] = mapped_column(Time, nullable=False)

    unit: Mapped[Unit | None] = relationship(Unit)


class Clock(Model):
    """A deadline of a case as it runs; ``services/deadlines/clocks.py`` alone writes it.

    ``key``: the declared deadline's, ``target:<key>`` for the internal target before it, or ``state:<key>`` for a
    policy's own. ``due_at`` is empty while it pauses.
    ``pauses``: pairs of moments in ISO 8601, the last one open (``null``) while it pauses. ``extra``: by how much it
    was extended, in its measure. ``level``: 0, 50, 80 or 100, the highest one notified; ``next_at``: when the next is
    reached. ``outcome``: empty while it runs, then ``kept``, ``missed`` or ``void`` (there was nothing to keep any
    more). A clock whose day is a field of the case has no ``amount`` and no ``measure``.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        Index("ix_deadlines_next", "next_at"),
        Index("ix_deadlines_ended", "sop", "ended_at"),
        Index("ix_deadlines_case", "case_id", "key"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), nullable=False)
    sop: Mapped[str] = mapped_column(String(32), nullable=False)
    key: Mapped[str] = mapped_column(String(80), nullable=False)
    state: Mapped[str] = mapped_column(String(64), nullable=False)
    amount: Mapped[int | None] = mapped_column(Integer)
    measure: Mapped[str | None] = mapped_column(String(32))
    joint_leave: Mapped[bool] = mapped_column(Boolean, nullable=False, default=True)
    escalate_to: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    extra: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False)
    pauses: Mapped[list[list[Any]]] = mapped_column(JSON, nullable=False, default=list)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    level: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    next_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outcome: Mapped[str] = mapped_column(String(16), nullable=False, default="")

    case: Mapped[Case] = relationship(Case)
