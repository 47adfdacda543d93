"""The filters of a list, from Rison to SQL: which columns and operators a program may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, not_

from app.models import REFERENCES, Case, Unit, User
from app.models.derive import case_model
from app.services.core import clock, masking
from app.services.core.access import Actor
from app.services.core.errors import Malformed
from app.services.core.wording import REASONS
from app.workflow import values
from app.workflow.declaration import Field, Sop

#: The case's own columns, each as a field so that its values are read as a form's are.
OWN = {
    "id": "integer", "number": "text", "state": "text", "title": "text", "revision": "integer", "round": "integer",
    "version": "integer", "created_at": "datetime", "changed_at": "datetime", "state_since": "datetime",
    "due_at": "datetime", "closed_at": "datetime", "voided_at": "datetime",
}  # fmt: skip
#: References of every case: the table, and the column by which a row is called.
OWN_REFERENCES: dict[str, tuple[str, Any, str]] = {
    "unit": ("unit", Unit, "code"), "assignee": ("assignee", User, "username"),
    "holder": ("claimed_by", User, "username"),
}  # fmt: skip

Condition = Callable[[Any, Any], ColumnElement[bool]]
EQUAL: dict[str, Condition] = {
    "eq": lambda column, value: column == value,
    "neq": lambda column, value: column.is_distinct_from(value),
}
MEMBER: dict[str, Condition] = {
    "in": lambda column, value: column.in_(value),
    "not_in": lambda column, value: column.not_in(value),
}
ORDER: dict[str, Condition] = {"gt": lambda column, value: column > value, "lt": lambda column, value: column < value}
TEXT: dict[str, Condition] = {
    "sw": lambda column, value: column.istartswith(value, autoescape=True),
    "ew": lambda column, value: column.iendswith(value, autoescape=True),
    "ct": lambda column, value: column.icontains(value, autoescape=True),
    "nsw": lambda column, value: ~column.istartswith(value, autoescape=True),
    "new": lambda column, value: ~column.iendswith(value, autoescape=True),
    "nct": lambda column, value: ~column.icontains(value, autoescape=True),
}
#: The conditions that a kind may name, each under the name that Flask-AppBuilder gives it.
GROUPS: dict[str, dict[str, Condition]] = {"equal": EQUAL, "member": MEMBER, "order": ORDER, "text": TEXT}


def searchable(sop: Sop) -> dict[str, Field]:
    """The columns by which the cases of ``sop`` can be filtered."""
    own = {key: Field(key, key, kind) for key, kind in OWN.items()}  # type: ignore[arg-type]
    references = {key: Field(key, key, "reference", reference=key) for key in OWN_REFERENCES}
    return own | references | {key: field for key, field in sop.fields.items() if field.kind.operators}


def sortable(sop: Sop) -> list[str]:
    return [key for key, field in searchable(sop).items() if field.kind.sortable]


def open_or_refused(actor: Actor, sop: Sop, query: Mapping[str, Any]) -> None:
    """Raises ``Malformed`` when the list is to be filtered or ordered by what ``actor`` gets masked: which rows come,
    and where, would give it away."""
    hide = masking.hidden_from(actor, sop)
    for key in {query.get("order_column"), *(one["col"] for one in query.get("filters", ()))} & hide:
        raise Malformed(_("“%(column)s” is masked for your role: no list is filtered or ordered by it.", column=key))


def condition(sop: Sop, wanted: Mapping[str, Any]) -> ColumnElement[bool]:
    """The condition that ``{col, opr, value}`` means. Raises ``Malformed``."""
    key, operator, sent = wanted["col"], wanted["opr"], wanted["value"]
    field = searchable(sop).get(key)
    if field is None:
        raise Malformed(_("The list can't be filtered by “%(column)s”.", column=key))
    build = _operators(field).get(operator)
    if build is None:
        raise Malformed(_("“%(column)s” can't be filtered by “%(operator)s”.", column=key, operator=operator))
    value = [_read(field, item) for item in _several(sent)] if operator in MEMBER else _read(field, sent)
    if field.type == "reference":
        return _by_code(sop, field, build, value)
    column = getattr(Case, key) if key in OWN else getattr(case_model(sop.key), key)
    return build(column, value)


def _operators(field: Field) -> dict[str, Condition]:
    return {name: build for group in field.kind.operators for name, build in GROUPS[group].items()}


def _by_code(sop: Sop, field: Field, build: Condition, value: Any) -> ColumnElement[bool]:
    name, target, called = OWN_REFERENCES.get(field.key) or (field.key, REFERENCES[field.reference or ""], "code")
    relation = getattr(case_model(sop.key), name)
    if build in (EQUAL["neq"], MEMBER["not_in"]):
        opposite = EQUAL["eq"] if build is EQUAL["neq"] else MEMBER["in"]
        others: ColumnElement[bool] = not_(relation.has(opposite(getattr(target, called), value)))
        return others
    found: ColumnElement[bool] = relation.has(build(getattr(target, called), value))
    return found


def _read(field: Field, sent: Any) -> Any:
    """A value as the column keeps it; one of a choice that nobody offers finds nothing, as any other text."""
    if isinstance(sent, list):
        raise Malformed(_("“%(column)s” takes one value.", column=field.key))
    if field.ticked and isinstance(sent, bool):
        return field.ticked if sent else ""
    if field.kind.asked_as_text:
        field = Field(field.key, field.key, "longtext" if field.kind.long else "text")
    try:
        value = values.parse(field, sent, clock.zone())
    except values.InvalidValue as error:
        raise Malformed(f"{field.key}: {REASONS[error.reason]}") from error
    return "" if value is None else value


def _several(sent: Any) -> list[Any]:
    return sent if isinstance(sent, list) else [sent]
