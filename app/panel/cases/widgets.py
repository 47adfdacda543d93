"""The parts of a list of cases: its table with the bar of steps for many, and the search by column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import request, url_for
from flask_appbuilder.widgets import ListWidget, RenderTemplateWidget

from app.models import Case
from app.panel.cases import bulk, columns
from app.panel.cases.listing import PAGE_SIZES, link
from app.panel.paging import near_pages
from app.services.cases import list_columns
from app.services.cases.bulk import offered
from app.services.core import masking
from app.services.core.access import Actor, closed_fields
from app.services.core.formatting import answer
from app.services.core.paging import page_count
from app.services.core.turns import waits_for
from app.services.tables.csv_writing import masked_cell
from app.services.tables.dialects import RAW
from app.sop import sop_of
from app.web.actor import current_actor
from app.workflow.declaration import Field, Sop


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


class CaseListWidget(ListWidget):
    """A table of cases, a line each; order and pages as links."""

    template = "panel/cases/widgets/list.html"

    def __call__(self, **kwargs: Any) -> str:
        given, actor = self.template_args, current_actor()
        sop, query, count, hide = given["sop"], given["query"], given["count"], given["hide"]
        name = given["modelview_name"]
        chosen = list_columns.chosen(actor, sop)
        shown = columns.of(sop, given["masked"], closed_fields(actor, sop), chosen)
        told = bulk.told(actor, sop)
        again = frozenset(one["id"] for one in told.refused) if told else frozenset[int]()
        rows = [_row(actor, sop, case, name, given["masked"], again) for case in given["value_columns"]]
        return str(super().__call__(
            **kwargs,
            request=request,
            columns=shown,
            wide=columns.width(shown) > columns.ROOM,
            rows=rows,
            words=_once(answer),
            masked_cell=partial(_masked, sop),
            told=told,
            told_of=bulk.label_of(sop, told.action) if told else "",
            offers=bulk.offers(sop, {key for row in rows for key in row.steps.split()}),
            names=bulk.NAMES,
            bulk_action=bulk.action(name),
            order_links={c.key: _order_link(name, c.order, query)
                         for c in shown if c.order in given["order_columns"] and c.order not in hide},
            pages=near_pages(
                query.page, page_count(count, query.page_size), lambda page: link({f"page_{name}": page})
            ),
            sizes=[(size, link({f"psize_{name}": size})) for size in PAGE_SIZES],
            first=query.page * query.page_size + 1,
        ))  # fmt: skip


class CaseSearchWidget(RenderTemplateWidget):
    """A plain form with a labelled input per search column; it works without JavaScript."""

    template = "panel/cases/widgets/search.html"

    def __call__(self, **kwargs: Any) -> str:
        sop = self.template_args["sop"]
        fields = {key: sop.fields.get(key) for key in self.template_args["columns"]}
        return str(super().__call__(**kwargs, request=request, fields=fields))


def _row(actor: Actor, sop: Sop, case: Case, view: str, masked: bool, again: frozenset[int]) -> Row:
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
