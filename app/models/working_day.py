"""What belongs to a user's working day: presence, saved filters, notices, exports, calendar feeds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.case import Case
from app.models.people import User
from app.models.types import UTCDateTime, utcnow


class Presence(Model):
    """Somebody has the page of a case open. ``doing``: the key of the step whose form they have open, or empty."""

    __tablename__ = "presences"
    __table_args__ = (UniqueConstraint("case_id", "user_id"), Index("ix_presences_seen", "seen_at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), nullable=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    doing: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)


class SavedFilter(Model):
    """A named filter of a list. ``query``: the list's query string; ``role``: with whom it is shared (empty:
    nobody)."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("owner_id", "sop", "name"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    sop: Mapped[str] = mapped_column(String(32), nullable=False, index=True)
    name: Mapped[str] = mapped_column(String(80), nullable=False)
    query: Mapped[str] = mapped_column(Text, nullable=False)
    role: Mapped[str] = mapped_column(String(64), nullable=False, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)

    owner: Mapped[Any] = relationship(User)


class ListColumns(Model):
    """The columns that somebody wants in the list of an SOP: their keys, ``shown``."""

    __tablename__ = "list_columns"
    __table_args__ = (UniqueConstraint("user_id", "sop"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    sop: Mapped[str] = mapped_column(String(32), nullable=False)
    shown: Mapped[list[str]] = mapped_column(JSON, nullable=False)


class BulkResult(Model):
    """What became of a step on many cases, until its user has read it. ``done``: how many; ``refused``: of each other
    case ``id``, ``number`` (empty where they may not see it) and ``message``."""

    __tablename__ = "bulk_results"
    __table_args__ = (Index("ix_bulk_results_user", "user_id", "id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    sop: Mapped[str] = mapped_column(String(32), nullable=False)
    action: Mapped[str] = mapped_column(String(64), nullable=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    done: Mapped[int] = mapped_column(Integer, nullable=False)
    refused: Mapped[list[dict[str, Any]]] = mapped_column(JSON, nullable=False)


class Notice(Model):
    """Something that a person is notified of. ``kind``: one of ``services/notices/wording.py``; ``action``: the step,
    deadline or other subject; ``by_name``: who did it. A notice of a due report has no case."""

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_user", "user_id", "read_at"), Index("ix_notices_case", "case_id"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(String(32), nullable=False)
    action: Mapped[str] = mapped_column(String(80), nullable=False, default="")
    by_name: Mapped[str] = mapped_column(String(130), nullable=False, default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    case: Mapped[Case | None] = relationship(Case)


class NoticeChoice(Model):
    """A kind of notice that a person wants by mail as well: at once, or with others in the ``digest`` of the day."""

    __tablename__ = "notice_choices"
    __table_args__ = (UniqueConstraint("user_id", "kind"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    kind: Mapped[str] = mapped_column(String(32), nullable=False)
    digest: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False, server_default="0")


class Export(Model):
    """A log of what left the system and for whom, and the progress of what is made in the background.

    ``what``: the report's key, or ``list:<sop>``; ``asked``: period, filters and language of the request. ``state``:
    ``queued``, ``running``, ``done`` or ``failed``; one that was streamed is ``done`` at once. ``rows``: how many were
    written so far, of ``expected``. ``storage_key``: the file, until it is swept.
    """

    __tablename__ = "exports"
    __table_args__ = (Index("ix_exports_user", "user_id", "at"), Index("ix_exports_at", "at"))

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    user_name: Mapped[str] = mapped_column(String(130), nullable=False)
    what: Mapped[str] = mapped_column(String(80), nullable=False)
    form: Mapped[str] = mapped_column(String(16), nullable=False)
    asked: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False, default=dict)
    masked: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    state: Mapped[str] = mapped_column(String(16), nullable=False)
    rows: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    expected: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    storage_key: Mapped[str | None] = mapped_column(String(255))
    filename: Mapped[str] = mapped_column(String(255), nullable=False, default="")


class FeedToken(Model):
    """The private address of a person's calendar. Only the token's SHA-256 is stored."""

    __tablename__ = "feed_tokens"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False, unique=True)
    digest: Mapped[str] = mapped_column(String(64), nullable=False, unique=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, nullable=False, default=utcnow)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
