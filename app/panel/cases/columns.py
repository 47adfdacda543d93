"""The columns of a list of cases: how each is shown, by which the list can be searched and ordered."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.services.core.masking import hidden
from app.services.search import tokens
from app.services.tables.csv_writing import OWN_COLUMNS, heading
from app.sop import SOPS
from app.workflow.declaration import Column, Field, Sop, Text

#: Of the columns that every case has, those by which a list can be ordered and in which it can be searched; number,
#: state and deadline have their own box or links.
OWN_ORDER = frozenset({"number", "created_at", "due_at", "closed_at"})
OWN_SEARCH = ("created_at",)
OWN_KINDS = {"number": "number", "state": "state", "due_at": "deadline", "reporter_phone": "phone"}


@dataclass(frozen=True)
class Shown:
    """A column of the list. ``kind`` says how a cell is shown, ``field`` is the declared field where it is
    one."""

    key: str
    label: Text
    kind: str
    field: Field | None


def of(sop: Sop, masked: bool = False, closed: frozenset[str] = frozenset()) -> list[Shown]:
    """``masked``: for whom personal data come masked; ``closed``: the fields that are confidential to others."""
    shown = [_masked(sop, _shown(sop, column)) if masked else _shown(sop, column) for column in sop.columns]
    return [replace(column, kind="closed") if column.key in closed else column for column in shown]


def labels(sop: Sop) -> dict[str, Text]:
    """Headings by key, of everything that a list can show, search or be ordered by."""
    fields = {key: field.label for key, field in sop.fields.items()}
    return {**OWN_COLUMNS, **fields, **{column.key: heading(sop, column) for column in sop.columns}}


def orderable(sop: Sop) -> list[str]:
    keys = [column.key for column in sop.columns]
    return [k for k in keys if k in OWN_ORDER or (k in sop.fields and sop.fields[k].kind.ordered)]


def searchable(sop: Sop) -> list[str]:
    """A few columns, and never a reference: its choices would be a whole table. Of texts those whose words find a case:
    the others would be read one by one."""
    found = {field.key for field in tokens.texts(sop)}
    fields = [sop.fields[c.key] for c in sop.columns if c.key in sop.fields and sop.fields[c.key].kind.narrowed]
    return [*(f.key for f in fields if f.key in found or not f.kind.words), *OWN_SEARCH]


def _masked(sop: Sop, column: Shown) -> Shown:
    """A case that a field refers to would be called by its title."""
    names_case = column.field is not None and column.field.reference in SOPS
    return replace(column, kind="masked") if names_case or column.key in hidden(sop) else column


def _shown(sop: Sop, column: Column) -> Shown:
    field = sop.fields.get(column.key)
    if field is not None:
        kind = "field"
    else:
        kind = OWN_KINDS.get(column.key, "moment" if column.key.endswith(("_at", "_since")) else "plain")
    return Shown(column.key, heading(sop, column), kind, field)
