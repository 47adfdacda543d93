"""Refusals, each with its sentence for the user and its HTTP status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.workflow.declaration import Sop


@dataclass(frozen=True)
class FieldError:
    """One thing that is missing or wrong, in words. ``kind``: a ``ViolationKind``, or ``invalid`` if it can't be
    read. ``cell``: among rows, the number of the row, from 1, and the key of its column."""

    kind: str
    key: str
    message: str
    cell: tuple[int, str] | None = None


class Refused(Exception):
    """Nothing was changed. ``message`` is in the user's language; ``field_errors`` lists everything that was wrong."""

    status = 400

    def __init__(self, message: Any, field_errors: Sequence[FieldError] = ()) -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.field_errors = tuple(field_errors)


class Malformed(Refused):
    status = 400


class Forbidden(Refused):
    status = 403


class NotVisible(Refused):
    """Not there or not visible: the response is the same."""

    status = 404


class Conflict(Refused):
    """Wrong state or stale version: somebody else was first. ``since``: the events (``app.models.Event``) of what was
    done after the sender last saw the case of ``sop``, oldest first; they belong to no session any more."""

    status = 409

    def __init__(
        self, message: Any, field_errors: Sequence[FieldError] = (), since: Sequence[Any] = (), sop: Sop | None = None
    ) -> None:
        super().__init__(message, field_errors)
        self.since, self.sop = tuple(since), sop


class TooLarge(Refused):
    status = 413


class WrongContent(Refused):
    status = 415


class ValidationFailed(Refused):
    status = 422


class TooMany(Refused):
    """Too many attempts; ``retry_after``: seconds until another one is let in."""

    status = 429

    def __init__(self, message: Any, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Refused):
    """The database is locked or the disk full: try again later."""

    status = 503


def refuse_void(case: Any) -> None:
    """Raises ``Conflict`` for a case that was declared void."""
    if case.voided_at is not None:
        message = _("%(number)s was declared void; nothing more is done on it.", number=case.number)
        raise Conflict(message, [FieldError("state", case.state, message)])
