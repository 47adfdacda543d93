"""Whatever is done to master data, users, rules and connections leaves an entry, whoever writes it and by whatever way:
it is noticed where the session writes, not where a form was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from flask_appbuilder.security.sqla.models import Group, Role
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from app.models import (
    CalendarDay,
    Case,
    ComplaintCategory,
    Crew,
    DeadlinePolicy,
    HearingStage,
    LegalHold,
    NoticeChannel,
    Posko,
    RetentionPolicy,
    Staff,
    Unit,
    User,
    WebhookEndpoint,
    WorkingHours,
)
from app.services.audit import log


@dataclass(frozen=True)
class Audited:
    """``name``: what people call a row. ``fields``: the columns that count (None: all of them), ``many``: relations to
    several rows. Of what is ``secret`` only that it changed is kept, of what is ``unread`` not even that."""

    kind: str
    name: Callable[[Any], str] = str
    fields: tuple[str, ...] | None = None
    many: tuple[str, ...] = ()
    secret: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()


def _policy(row: Any) -> str:
    return " ".join(filter(None, (row.sop, row.deadline or row.state, row.channel)))


def _number(row: Any) -> str:
    session = inspect(row).session
    case = session.get(Case, row.case_id) if session else None
    return str(case.number) if case else str(row.case_id)


def _name(row: Any) -> str:
    return str(row.name)


#: What of these tables is done to cases and runs by itself stands elsewhere: in histories, and in the tables of runs.
MODELS: dict[type[Any], Audited] = {
    User: Audited(
        "user", lambda row: row.get_full_name(),
        ("username", "first_name", "last_name", "email", "unit_id", "active", "origin"),
        ("roles", "groups"),
    ),
    Role: Audited("role", _name, ("name",)),
    Group: Audited("group", _name, ("name",), ("roles",)),
    Unit: Audited("unit"),
    Posko: Audited("posko"),
    Crew: Audited("crew"),
    HearingStage: Audited("hearing_stage"),
    Staff: Audited("staff"),
    ComplaintCategory: Audited("complaint_category"),
    DeadlinePolicy: Audited("deadline_policy", _policy),
    CalendarDay: Audited("calendar_day", lambda row: f"{row.day} {row.name}".strip()),
    WorkingHours: Audited("working_hours", lambda row: f"{row.weekday + 1}: {row.opens:%H:%M}–{row.closes:%H:%M}"),
    RetentionPolicy: Audited("retention_policy", lambda row: " ".join(filter(None, (row.sop, row.document_type)))),
    # Why may tell of the customer; the case's history has it.
    LegalHold: Audited("legal_hold", _number, unread=frozenset({"reason"})),
    NoticeChannel: Audited("notice_channel", _name, secret=frozenset({"sealed_url"})),
    WebhookEndpoint: Audited(
        "webhook", _name, secret=frozenset({"sealed_secret", "sealed_previous"}),
        # What becomes of its deliveries; that it was switched off for them stands in ``active``.
        unread=frozenset({"failing_since"}),
    ),
}  # fmt: skip
#: Of an address the server is told: what is behind it may be a key.
ADDRESSES = frozenset({"url"})
#: The actions by which a row comes, changes and goes; those of users have names of their own.
CREATED, CHANGED, DELETED = "record.created", "record.changed", "record.deleted"
OF_USERS = {CREATED: "user.created", CHANGED: "user.changed"}


@event.listens_for(Session, "after_flush")
def _notice(session: Session, context: Any) -> None:
    """The primary keys are there by now, and what the values were before as well."""
    with session.no_autoflush:
        for action, rows in ((CREATED, session.new), (CHANGED, session.dirty), (DELETED, session.deleted)):
            for row in rows:
                if (audited := MODELS.get(type(row))) is not None:
                    _note(session, action, row, audited)


def _note(session: Session, action: str, row: Any, audited: Audited) -> None:
    found = dict(_changes(session, action, row, audited))
    hidden = sorted(
        key for key in audited.secret if action != DELETED and inspect(row).attrs[key].history.has_changes()
    )
    if action == CHANGED and not (found or hidden):
        return
    detail: dict[str, Any] = {"changes": found} | ({"secret": hidden} if hidden else {})
    done = OF_USERS.get(action, action) if audited.kind == "user" else action
    log.gather(session, log.present(), done, (audited.kind, row.id, audited.name(row)), detail, noticed=True)


def _changes(session: Session, action: str, row: Any, audited: Audited) -> Iterator[tuple[str, list[Any]]]:
    """By field what it was and what it is, where that differs."""
    state, mapper = inspect(row), inspect(type(row))
    columns = {one.key: one.columns[0] for one in mapper.column_attrs if one.key in mapper.columns}
    for key in audited.fields or columns:
        if key in ("id", *audited.secret, *audited.unread):
            continue
        was, is_now = _both(action, state.attrs[key].history, getattr(row, key))
        if was != is_now:
            yield key, [_plain(session, mapper, columns[key], key, one) for one in (was, is_now)]
    for key in audited.many:
        history = state.attrs[key].history
        kept = [str(one) for one in history.unchanged or ()]
        before = sorted(kept + [str(one) for one in history.deleted or ()])
        after = sorted(kept + [str(one) for one in history.added or ()])
        if before != after:
            yield key, [None if action == CREATED else before, after]


def _both(action: str, history: Any, value: Any) -> tuple[Any, Any]:
    if action == CREATED:
        return None, None if value in ("", [], False) else value
    if action == DELETED:
        return value, None
    if not history.has_changes():
        return value, value
    return history.deleted[0] if history.deleted else None, value


def _plain(session: Session, mapper: Any, column: Any, key: str, value: Any) -> Any:
    """A value as JSON keeps it; of a reference what people call the row."""
    if value is None:
        return None
    if column.foreign_keys:
        relation = next((one for one in mapper.relationships if one.local_columns == {column}), None)
        other = session.get(relation.mapper.class_, value) if relation is not None else None
        return str(other) if other is not None else value
    if key in ADDRESSES:
        return urlsplit(str(value)).netloc
    if isinstance(value, date | time):
        return value.isoformat()
    return value if isinstance(value, bool | int | str | list) else str(value)
