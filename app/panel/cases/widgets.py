"""What the table of a list of cases and its search by column show."""

from __future__ import annotations

from functools import partial
from typing import Any

from app.panel.cases import columns
from app.panel.paging import link
from app.services.core.access import closed_fields
from app.services.tables.csv_writing import masked_cell
from app.services.tables.dialects import RAW
from app.web.actor import current_actor
from app.workflow.declaration import Sop


def table(view: Any, query: Any) -> dict[str, Any]:
    """The SOP's columns, and by which of them the list can be ordered."""
    hide, name = view.hidden(), type(view).__name__
    return {
        "columns": columns.of(view.sop, view.masked(), closed_fields(current_actor(), view.sop)),
        "masked_cell": partial(_masked, view.sop),
        "order_links": {key: _order_link(name, key, query) for key in view.order_columns if key not in hide},
    }


def search(view: Any) -> dict[str, Any]:
    """The columns of the detailed search, which works without JavaScript."""
    keys = [key for key in view.search_columns if key not in view.hidden()]
    return {"columns": keys, "fields": {key: view.sop.fields.get(key) for key in keys}, "labels": view.label_columns}


def _masked(sop: Sop, key: str, value: Any) -> str:
    cell = masked_cell(sop, key, value)
    return cell if isinstance(cell, str) else RAW.written(cell)


def _order_link(name: str, key: str, query: Any) -> dict[str, Any]:
    present = query.direction if query.order == key else ""
    wanted = "desc" if present == "asc" else "asc"
    return {"url": link({f"_oc_{name}": key, f"_od_{name}": wanted}), "present": present}
