"""What a list of cases shows: its head with the bar of filters, its table with the steps for many, its search by
column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import request, url_for

from app.panel.cases import bulk, columns
from app.panel.cases.column_choice import Chooser, chooser
from app.panel.paging import link
from app.services.cases import list_columns
from app.services.cases.bulk import offered
from app.services.cases.list_filters import OF, ListFilter
from app.services.core import masking
from app.services.core.access import Actor, closed_fields
from app.services.core.formatting import answer
from app.services.core.turns import waits_for
from app.services.tables.csv_writing import masked_cell
from app.services.tables.dialects import RAW
from app.sop import sop_of
from app.web.actor import current_actor
from app.workflow.declaration import Field, Sop

#: What the bar has besides its choices.
WORDS, MINE = "q", "mine"
#: How many filters by fields of the SOP have room in the bar.
FIELDS = 2


@dataclass(frozen=True)
class Row:
    """A line of the list. ``pick``: the case and its version, as the step on many takes them; ``steps``: the keys of
    what may be done on it together with others. ``waits_for``: the roles whose step it waits for, while nobody has it.
    ``told``: an earlier step on many was refused on it."""

    case: Any
    url: str
    pick: str
    steps: str
    subject: str
    person: str
    waits_for: str
    told: bool


@dataclass(frozen=True)
class Head:
    """What stands above the table. ``choices``, ``periods``: the offers of the bar; ``more``: those that it folds away.
    ``kept``: the inputs with what the bar has no control for; ``elsewhere``: the filters among them, which can only be
    taken away. ``narrowed``: whether the list is as nobody opens it."""

    chooser: Chooser
    choices: Sequence[Any]
    periods: Sequence[Any]
    more: Sequence[Any]
    kept: Sequence[tuple[str, str]]
    elsewhere: Sequence[ListFilter]
    mine: bool
    narrowed: bool


def head(view: Any, query: Any, offers: Sequence[Any], known: str, below: dict[str, Any]) -> Head:
    """``offers``: the choices of the bar; ``known``: the query string of the list; ``below``: its table."""
    sop, name = view.sop, type(view).__name__
    in_bar = {WORDS, MINE, *(key for offer in offers for key in offer.keys)}
    elsewhere = [one for one in query.list_filters if not set(one.keys) <= in_bar]
    kept = [key for one in elsewhere for key in one.keys if key not in in_bar]
    kept += [f"_oc_{name}", f"_od_{name}", f"psize_{name}"]
    args, choices = request.args, [offer for offer in offers if offer.options]
    folded = [offer for offer in choices if offer.key.startswith(OF)][FIELDS:]
    return Head(
        chooser(current_actor(), sop, below["chosen"], below["columns"]),
        [offer for offer in choices if offer not in folded],
        [offer for offer in offers if not offer.options],
        folded,
        [(key, args[key]) for key in dict.fromkeys(kept) if args.get(key)],
        elsewhere,
        args.get(MINE) == "1",
        bool(known),
    )


def table(view: Any, query: Any, cases: Sequence[Any]) -> dict[str, Any]:
    """The columns that the reader sees, a row per case, and what may be done on several of them."""
    sop, actor, hide, name = view.sop, current_actor(), view.hidden(), type(view).__name__
    closed, chosen = closed_fields(actor, sop), list_columns.chosen(actor, sop)
    shown = columns.of(sop, view.masked(), closed, chosen, () if _any_due(sop, cases) else (columns.DUE,))
    told = bulk.told(actor, sop)
    again = frozenset(one["id"] for one in told.refused) if told else frozenset[int]()
    rows = [_row(actor, sop, case, name, view.masked(), again) for case in cases]
    return {
        "columns": shown,
        "chosen": chosen,
        "wide": columns.width(shown) > columns.ROOM,
        "rows": rows,
        "words": _once(answer),
        "masked_cell": partial(_masked, sop),
        "order_links": {
            column.key: _order_link(name, column.order, query)
            for column in shown
            if column.order in view.order_columns and column.order not in hide
        },
        "offers": bulk.offers(sop, {key for row in rows for key in row.steps.split()}),
        "names": bulk.NAMES,
        "action": bulk.action(view.endpoint),
        "told": told,
        "told_of": bulk.label_of(sop, told.action) if told else "",
    }


def search(view: Any) -> dict[str, Any]:
    """The columns of the detailed search, which works without JavaScript."""
    keys = [key for key in view.search_columns if key not in view.hidden()]
    return {"columns": keys, "fields": {key: view.sop.fields.get(key) for key in keys}, "labels": view.label_columns}


def _any_due(sop: Sop, cases: Iterable[Any]) -> bool:
    """Whether the list has anything to say of deadlines: some SOPs have none, unless an admin sets a policy."""
    return any(one.deadlines for one in sop.revisions) or any(case.due_at or case.closed_at for case in cases)


def _row(actor: Actor, sop: Sop, case: Any, view: str, masked: bool, again: frozenset[int]) -> Row:
    own = sop_of(case)
    subject, person = case.title, case.reporter_name
    if masked:
        subject, person = masking.mask(subject, masking.field_of(sop, "title")), masking.mask(person)
    free = case.claimed_by_id is None and case.assignee_id is None
    return Row(
        case,
        url_for(f"{view}.case", pk=case.id),
        f"{case.id}:{case.version}",
        " ".join(offered(actor, own, case)),
        " ".join(subject.split()),
        person,
        ", ".join(waits_for(own, case)) if free else "",
        case.id in again,
    )


def _once(words: Callable[[Field, Any], str]) -> Callable[[Field, Any], str]:
    """The words of a choice are looked up once for all rows that have it."""
    known: dict[tuple[str, str], str] = {}

    def said(field: Field, value: Any) -> str:
        if not field.choices or isinstance(value, list):
            return words(field, value)
        key = (field.key, str(value))
        if key not in known:
            known[key] = words(field, value)
        return known[key]

    return said


def _masked(sop: Sop, key: str, value: Any) -> str:
    cell = masked_cell(sop, key, value)
    return cell if isinstance(cell, str) else RAW.written(cell)


def _order_link(name: str, key: str, query: Any) -> dict[str, Any]:
    present = query.direction if query.order == key else ""
    wanted = "desc" if present == "asc" else "asc"
    return {"url": link({f"_oc_{name}": key, f"_od_{name}": wanted}), "present": present}
