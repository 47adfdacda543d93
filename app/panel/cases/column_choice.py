"""Choosing the columns of a list, each for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access

from app.panel.cases import columns
from app.services.cases import list_columns
from app.services.core.access import Actor, closed_fields
from app.web.actor import current_actor
from app.workflow.declaration import Sop, Text

#: Names of the form's inputs.
COLUMN, RESET = "column", "reset"


@dataclass(frozen=True)
class Choosable:
    """A column that may be in the list of its reader, and whether it is."""

    key: str
    label: Text
    shown: bool


@dataclass(frozen=True)
class Chooser:
    """``own``: the reader has chosen for themselves."""

    columns: list[Choosable]
    own: bool


def chooser(actor: Actor, sop: Sop, chosen: Sequence[str] | None, shown: Iterable[columns.Shown]) -> Chooser:
    """``chosen``: what the reader has chosen, None for nothing; ``shown``: the columns of their list."""
    there, closed = {column.key for column in shown}, closed_fields(actor, sop)
    found = [Choosable(c.key, c.label, c.key in there) for c in columns.offered(sop) if c.key not in closed]
    return Chooser(found, chosen is not None)


class ColumnChoiceView(BaseView):
    """The query of the list travels in the address, so that it comes back as it was."""

    sop: Sop

    @expose("/columns", methods=["POST"])
    @has_access
    def choose_columns(self) -> Any:
        actor, key = current_actor(), self.sop.key
        if RESET in request.form:
            list_columns.forget(actor, key)
        else:
            offered = [column.key for column in columns.offered(self.sop)]
            list_columns.choose(actor, key, request.form.getlist(COLUMN), offered)
        query = request.query_string.decode("ascii", "ignore")
        return redirect("?".join(filter(None, (url_for(f"{self.endpoint}.list"), query))))
