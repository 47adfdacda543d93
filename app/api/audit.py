"""The audit log, for programs of admins and auditors. It is read and never written here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select

from app.api.base import Resource, answer
from app.api.cases.filters import GROUPS
from app.api.cases.listing import parameters
from app.api.schema import QUERY
from app.api.spec import documented, json_of
from app.extensions import db
from app.models import AuditEntry
from app.services.audit import reading
from app.services.core import clock
from app.services.core.errors import Malformed
from app.services.core.wording import REASONS
from app.web.actor import current_actor
from app.web.events import moment
from app.web.pages import Access
from app.workflow import values
from app.workflow.declaration import Field

#: By what a program calls it: the column, and its type.
COLUMNS: dict[str, tuple[Any, Field]] = {
    name: (column, Field(name, name, kind))  # type: ignore[arg-type]
    for name, column, kind in (
        ("seq", AuditEntry.seq, "integer"), ("at", AuditEntry.at, "datetime"),
        ("actor", AuditEntry.actor_name, "text"), ("account", AuditEntry.account, "text"),
        ("address", AuditEntry.address, "text"), ("request", AuditEntry.request, "text"),
        ("action", AuditEntry.action, "text"), ("subject_type", AuditEntry.subject_type, "text"),
        ("subject", AuditEntry.subject, "text"), ("subject_name", AuditEntry.subject_name, "text"),
    )
}  # fmt: skip
SIZE, LARGEST = 20, 100


class AuditApi(Resource):
    resource_name = "audit"

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Audit"), 400, parameters=(QUERY,))
    def get_list(self) -> Response:
        """A page of the audit log, newest first unless another order is asked for."""
        reading.reader_or_refused(current_actor())
        asked = parameters()
        wanted = [condition(one) for one in asked.get("filters", ())]
        count = db.session.scalar(select(func.count()).select_from(AuditEntry).where(*wanted)) or 0
        size = max(1, min(asked.get("page_size") or SIZE, LARGEST))
        ordered = select(AuditEntry).where(*wanted).order_by(*_order(asked))
        rows = db.session.scalars(ordered.offset(asked.get("page", 0) * size).limit(size)).all()
        found = [_entry(row) for row in rows]
        if keys := set(asked.get("columns") or asked.get("select_columns") or ()):
            found = [{key: value for key, value in one.items() if key in keys} for one in found]
        return answer({"count": count, "ids": [row.seq for row in rows], "result": found})


def condition(wanted: Mapping[str, Any]) -> ColumnElement[bool]:
    """The condition that ``{col, opr, value}`` means. Raises ``Malformed``."""
    key, operator, sent = wanted["col"], wanted["opr"], wanted["value"]
    if key not in COLUMNS:
        raise Malformed(_("The list can't be filtered by “%(column)s”.", column=key))
    column, field = COLUMNS[key]
    known = {name: build for group in field.kind.operators for name, build in GROUPS[group].items()}
    if operator not in known:
        raise Malformed(_("“%(column)s” can't be filtered by “%(operator)s”.", column=key, operator=operator))
    if operator in GROUPS["member"]:
        value: Any = [_read(field, one) for one in (sent if isinstance(sent, list) else [sent])]
    else:
        value = _read(field, sent)
    return known[operator](column, value)


def _read(field: Field, sent: Any) -> Any:
    if isinstance(sent, list):
        raise Malformed(_("“%(column)s” takes one value.", column=field.key))
    try:
        value = values.parse(field, sent, clock.zone())
    except values.InvalidValue as error:
        raise Malformed(f"{field.key}: {REASONS[error.reason]}") from error
    return "" if value is None else value


def _order(asked: Mapping[str, Any]) -> list[Any]:
    key, way = asked.get("order_column") or "seq", asked.get("order_direction") or "desc"
    if key not in COLUMNS:
        raise Malformed(_("The list can't be ordered by “%(column)s”.", column=key))
    columns = (COLUMNS[key][0], AuditEntry.seq)
    return [column.asc() if way == "asc" else column.desc() for column in columns]


def _entry(row: AuditEntry) -> dict[str, Any]:
    return {
        "seq": row.seq, "at": moment(row.at), "actor": row.actor_name or None, "account": row.account or None,
        "address": row.address or None, "request": row.request or None, "action": row.action,
        "label": reading.label(row.action),
        "subject": {"type": row.subject_type or None, "key": row.subject or None, "name": row.subject_name or None},
        "detail": row.detail, "hash": row.hash,
    }  # fmt: skip


ACCESS = Access(AuditApi, reading.may_read)
