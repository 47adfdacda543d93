"""The columns of a list of cases: which there are, which fit a screen, how each is shown, searched and ordered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from flask_babel import lazy_gettext as _l

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
#: What every list begins with: the case itself (its number, what it is about, whose it is) and its state.
CASE, STATE = "case", "state"
#: What tells of every case when it is to be worked on: until when, who has it, where, how old it is.
DUE, HOLDER, UNIT, AGE = "due_at", "holder", "unit", "age"
GENERAL: dict[str, Text] = {DUE: _l("Deadline"), HOLDER: _l("Who has it"), UNIT: _l("Unit"), AGE: _l("Age")}
#: How wide a column is, in rem of 15 pixels; ``static/css/lists.css`` has a class for each number.
NARROW, MIDDLE, BROAD = 6, 9, 12
#: What fits beside each other on a screen of 1280 pixels; the case takes what the others leave, but this at least.
ROOM, OF_CASE = 80, 30
WIDTHS = {STATE: 11, "deadline": 11, "moment": BROAD, "plain": NARROW, AGE: NARROW, HOLDER: 8}
#: By how a field is stored.
FIELD_WIDTHS = {"whole": NARROW, "truth": NARROW, "text": BROAD, "moment": BROAD}


@dataclass(frozen=True)
class Shown:
    """A column of the list. ``kind`` says how a cell is shown, ``field`` is the declared field where it is one;
    ``width`` in rem. ``order``: the column of the case by which a list is ordered when its heading is pressed."""

    key: str
    label: Text
    kind: str
    field: Field | None = None
    width: int = MIDDLE

    @property
    def order(self) -> str:
        return {CASE: "number", AGE: "created_at"}.get(self.key, self.key)


def of(
    sop: Sop, masked: bool = False, closed: frozenset[str] = frozenset(), chosen: Collection[str] | None = None,
    without: Collection[str] = (),
) -> list[Shown]:  # fmt: skip
    """The columns of a list, in their order. ``masked``: for whom personal data come masked; ``closed``: the fields
    that are confidential to others. ``chosen``: the keys of those beside the case and its state; None: what fits, but
    for those ``without`` which the list is better."""
    fixed = [
        Shown(CASE, _l("Case"), CASE, width=OF_CASE),
        Shown(STATE, OWN_COLUMNS["state"], "state", width=WIDTHS[STATE]),
    ]
    found = offered(sop)
    again = _said_with_the_case(sop)
    useful = [column for column in found if column.key not in without and column.key not in again]
    wanted = _fitting(useful, ROOM - width(fixed)) if chosen is None else set(chosen)
    shown = [*fixed, *(column for column in found if column.key in wanted)]
    shown = [_masked(sop, column) if masked else column for column in shown]
    return [replace(column, kind="closed") if column.key in closed else column for column in shown]


def offered(sop: Sop) -> list[Shown]:
    """What can be chosen beside the case and its state."""
    general = [Shown(key, label, _kind(key), width=WIDTHS.get(_kind(key), MIDDLE)) for key, label in GENERAL.items()]
    units = any(one.unit_field for one in sop.revisions)
    own = [_shown(sop, column) for column in sop.columns if column.key not in (CASE, STATE, "number", *GENERAL)]
    found = [*(column for column in general if column.key != UNIT or units), *own]
    return sorted(found, key=lambda column: column.key in _said_with_the_case(sop))


def _said_with_the_case(sop: Sop) -> set[str]:
    """What the first column says already; in columns of their own the list can be ordered by them."""
    return {"title", sop.subject, *(sop.reporter or ())[:1]}


def width(columns: Iterable[Shown]) -> int:
    return sum(column.width for column in columns)


def _fitting(columns: Iterable[Shown], room: int) -> set[str]:
    """Those before the first that does not fit."""
    taken: set[str] = set()
    for column in columns:
        room -= column.width
        if room < 0:
            break
        taken.add(column.key)
    return taken


def labels(sop: Sop) -> dict[str, Text]:
    """Headings by key, of everything that a list can show, search or be ordered by."""
    fields = {key: field.label for key, field in sop.fields.items()}
    return {**OWN_COLUMNS, **fields, **{column.key: heading(sop, column) for column in sop.columns}}


def orderable(sop: Sop) -> list[str]:
    keys = [column.key for column in sop.columns]
    own = [k for k in keys if k in OWN_ORDER or (k in sop.fields and sop.fields[k].kind.ordered)]
    return list(dict.fromkeys([*own, "number", "due_at", "created_at"]))


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
        return Shown(column.key, heading(sop, column), "field", field, _width_of(field))
    kind = _kind(column.key)
    return Shown(column.key, heading(sop, column), kind, None, WIDTHS.get(kind, MIDDLE))


def _width_of(field: Field) -> int:
    short = bool(field.choices) and all(len(str(choice.label)) <= NARROW for choice in field.choices)
    return NARROW if short else FIELD_WIDTHS.get(field.kind.storage, MIDDLE)


def _kind(key: str) -> str:
    if key in (HOLDER, UNIT, AGE):
        return key
    return OWN_KINDS.get(key, "moment" if key.endswith(("_at", "_since")) else "plain")
