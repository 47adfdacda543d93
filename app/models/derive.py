"""Derives an SOP's own tables from its declaration.

``derive_case`` gives a subclass of ``Case`` with a column per field and a table per kind of record, of all revisions
that are loaded: what a revision has retired keeps its column. Setup adds what the database lacks of them
(``services/accounts/sop_tables.py``), no migration does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import JSON, BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, Table, Text, func, select
from sqlalchemy.orm import column_property, mapped_column, relationship

from app.models.case import Case
from app.models.master import REFERENCES
from app.models.types import UTCDateTime, utcnow
from app.workflow.declaration import Field, Records, Sop
from app.workflow.values import TEXT_LIMIT

#: The column type by ``FieldKind.storage``; a ``row`` is stored by its id (``_columns``).
STORAGE: dict[str, Any] = {
    "string": String(TEXT_LIMIT),
    "text": Text,
    "whole": BigInteger,
    "date": Date,
    "moment": UTCDateTime,
    "truth": Boolean,
    "key": String(64),
    "json": JSON,
    "row": Integer,
}
#: The columns by which a table of records is known.
ROWS = ("case_id", "recorded_at", "recorded_by")
_cases: dict[str, type[Case]] = {}
_records: dict[tuple[str, str], type[Any]] = {}


def case_model(sop: str) -> type[Case]:
    """The model of an SOP's cases. ``KeyError`` for an unknown SOP."""
    return _cases[sop]


def record_model(sop: str, records: str) -> type[Any]:
    return _records[sop, records]


def derive_cases(sops: Iterable[Sop]) -> None:
    """The models of several SOPs; one to whose cases another refers comes first."""
    waiting = list(sops)
    while waiting:
        keys = {sop.key for sop in waiting}
        ready = [sop for sop in waiting if not _referred(sop) & (keys - {sop.key})]
        for sop in ready or list(waiting):
            derive_case(sop)
            waiting.remove(sop)


def _referred(sop: Sop) -> set[str]:
    columns = (column for records in sop.records for column in records.columns)
    return {field.reference for field in (*sop.fields.values(), *columns) if field.reference}


def tables_of(sop: Sop) -> tuple[Table, ...]:
    """The SOP's own tables: that of its cases, then one for each of its records."""
    models = (case_model(sop.key), *(record_model(sop.key, records.key) for records in sop.records_by_key.values()))
    return tuple(model.__table__ for model in models)


def is_derived(columns: Collection[str], leads_to: Mapping[str, str]) -> bool:
    """Whether a table is of the kind that an SOP has of its own, by the names of its columns and the tables to which
    its foreign keys lead."""
    return leads_to.get("id") == Case.__tablename__ or set(ROWS) <= set(columns)


#: The field by which cases come in, where an SOP has one: limits can differ by it, and lists are filtered by it.
CHANNEL = "channel"


def is_narrowing(field: Field) -> bool:
    """Whether a list can be filtered by the value of a field: one that refers to a short table of master data, and the
    channel. People in general, customers say, are too many to choose from."""
    table = REFERENCES.get(field.reference or "")
    is_master = table is not None and not getattr(table, "names_somebody", False)
    return is_master or (field.key == CHANNEL and bool(field.choices))


def _indexes(sop: Sop) -> list[Index]:
    """One for each field by which a list can be ordered or filtered, with the case behind it, so that a page is read
    from it in order; words are found by the search index."""
    shown = {column.key for column in sop.columns}
    looked_up = [f for f in sop.fields.values() if is_narrowing(f) or (f.key in shown and f.kind.ordered)]
    return [Index(f"ix_{sop.key}_{column_of(field)}", column_of(field), "id") for field in looked_up]


def derive_case(sop: Sop) -> type[Case]:
    name = "".join(part.title() for part in sop.key.split("_")) + "Case"
    attributes: dict[str, Any] = {
        "__tablename__": sop.key,
        "__module__": __name__,
        "__table_args__": tuple(_indexes(sop)),
        # Lists over all SOPs get each SOP's own columns in one query, not one a row.
        "__mapper_args__": {"polymorphic_identity": sop.key, "polymorphic_load": "selectin"},
        "id": mapped_column(ForeignKey("cases.id"), primary_key=True),
    }
    for field in sop.fields.values():
        attributes.update(_columns(field))
    model: type[Case] = type(name, (Case,), attributes)
    _cases[sop.key] = model
    for records in sop.records_by_key.values():
        _derive_records(sop, records, model)
    return model


def _derive_records(sop: Sop, records: Records, model: type[Case]) -> None:
    attributes: dict[str, Any] = {
        "__tablename__": f"{sop.key}_{records.key}",
        "__module__": __name__,
        "id": mapped_column(Integer, primary_key=True),
        "case_id": mapped_column(ForeignKey("cases.id"), nullable=False, index=True),
        "recorded_at": mapped_column(UTCDateTime, nullable=False, default=utcnow),
        "recorded_by": mapped_column(String(130), nullable=False, default=""),
    }
    for column in records.columns:
        attributes.update(_columns(column))
    name = model.__name__ + "".join(part.title() for part in records.key.split("_"))
    row: Any = type(name, (Model,), attributes)
    _records[sop.key, records.key] = row
    setattr(
        model,
        records.key,
        relationship(
            row, order_by=row.id, primaryjoin=row.case_id == Case.id, foreign_keys=[row.case_id], lazy="selectin",
            viewonly=True,
        ),
    )  # fmt: skip
    counted = (
        select(func.count(getattr(row, records.counted or "id")))
        .where(row.case_id == Case.id)
        .correlate(Case)
        .scalar_subquery()
    )
    setattr(model, f"{records.key}_count", column_property(counted, deferred=True))


def column_of(field: Field) -> str:
    """The column in which a field's value is stored."""
    return f"{field.key}_id" if field.kind.storage == "row" else field.key


def _columns(field: Field) -> dict[str, Any]:
    storage = STORAGE[field.kind.storage]
    if field.kind.storage != "row":
        return {field.key: mapped_column(storage, nullable=True)}
    # What is not a table of master data is the key of another SOP, whose cases are referred to.
    target: Any = REFERENCES.get(field.reference or "") or _cases[field.reference or ""]
    column: Any = mapped_column(storage, ForeignKey(f"{target.__tablename__}.id"), nullable=True)
    return {column_of(field): column, field.key: relationship(target, foreign_keys=[column], lazy="joined")}
