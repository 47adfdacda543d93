"""Column types beyond those of SQLAlchemy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, String
from sqlalchemy.types import TypeDecorator

from app.workflow import file_names


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC without zone in the database, so SQLite and PostgreSQL keep the same."""

    impl = DateTime
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


class FileName(TypeDecorator[str]):
    """The name of a file, cleaned (``workflow/file_names.py``) as it is kept and, of what was kept before, as it is
    read; empty where it was removed."""

    impl = String
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        return str

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return file_names.clean(value) if value else value

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        return file_names.clean(value) if value else value


def utcnow() -> datetime:
    return datetime.now(UTC)
