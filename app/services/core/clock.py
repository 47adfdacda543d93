"""The current time, in the deployment's zone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flask import current_app

_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


def zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["BABEL_DEFAULT_TIMEZONE"])


def now() -> datetime:
    """The present moment, aware, in the deployment's zone."""
    return (_pretended.get() or datetime.now(UTC)).astimezone(zone())


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Pretends that it is ``moment``: for the past of demo data only, never reachable by a user."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)


def today() -> date:
    return now().date()


def end_of(day: date | datetime | None) -> datetime | None:
    """The moment at which a deadline on ``day`` runs out: a date's last second, a moment as it is."""
    if day is None or isinstance(day, datetime):
        return day
    return datetime.combine(day, time(23, 59, 59), zone())
