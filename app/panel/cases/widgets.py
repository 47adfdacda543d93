"""The parts of a list of cases: its table and its search form."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import request
from flask_appbuilder.widgets import ListWidget, RenderTemplateWidget

from app.panel.cases import columns
from app.panel.cases.listing import PAGE_SIZES, link
from app.panel.paging import near_pages
from app.services.core.access import closed_fields
from app.services.core.paging import page_count
from app.services.tables.csv_writing import masked_cell
from app.services.tables.dialects import RAW
from app.web.actor import current_actor
from app.workflow.declaration import Sop


class CaseListWidget(ListWidget):
    """A table of cases: the SOP's columns, each as text, badge or link; order and pages as links."""

    template = "panel/cases/widgets/list.html"

    def __call__(self, **kwargs: Any) -> str:
        given = self.template_args
        sop, query, count, hide = given["sop"], given["query"], given["count"], given["hide"]
        name = given["modelview_name"]
        return str(super().__call__(
            **kwargs,
            request=request,
            columns=columns.of(sop, given["masked"], closed_fields(current_actor(), sop)),
            masked_cell=partial(_masked, sop),
            order_links={key: _order_link(name, key, query) for key in given["order_columns"] if key not in hide},
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


def _masked(sop: Sop, key: str, value: Any) -> str:
    cell = masked_cell(sop, key, value)
    return cell if isinstance(cell, str) else RAW.written(cell)


def _order_link(name: str, key: str, query: Any) -> dict[str, Any]:
    present = query.direction if query.order == key else ""
    wanted = "desc" if present == "asc" else "asc"
    return {"url": link({f"_oc_{name}": key, f"_od_{name}": wanted}), "present": present}
