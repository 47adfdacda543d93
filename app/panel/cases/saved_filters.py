"""Saving the filters of a list under a name, and removing them. ``listing.py`` says what a query may contain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app.services.cases import saved_filters
from app.services.core.access import Actor
from app.web.actor import current_actor
from app.workflow.declaration import Sop


@dataclass(frozen=True)
class Chip:
    """A kept filter as the list offers it. ``owner``: whose it is, empty for the reader's own; ``role``: with whom it
    is shared, empty for nobody."""

    id: int
    name: str
    query: str
    owner: str
    role: str
    removable: bool


def chips(actor: Actor, sop: Sop) -> list[Chip]:
    """The reader's own first."""
    return [
        Chip(
            one.id, one.name, one.query, "" if one.owner_id == actor.id else one.owner.get_full_name(), one.role,
            saved_filters.may_remove(actor, one),
        )
        for one in saved_filters.of(actor, sop)
    ]  # fmt: skip


class SavedFiltersView(BaseView):
    """Chips above the list. The query travels in the address of the form, as it does in that of the list."""

    sop: Sop

    @expose("/filters", methods=["POST"])
    @has_access
    def keep_filter(self) -> Any:
        typed = request.form
        query = self.known_query(request.args)
        kept = saved_filters.save(current_actor(), self.sop.key, typed.get("name", ""), query, typed.get("role", ""))
        flash(_("Kept: %(name)s.", name=kept.name), "success")
        return redirect(self._list(query))

    @expose("/filters/<int:number>/remove", methods=["POST"])
    @has_access
    def remove_filter(self, number: int) -> Any:
        saved_filters.remove(current_actor(), self.sop.key, number)
        flash(_("The filter is removed."), "success")
        return redirect(self._list(self.known_query(request.args)))

    def _list(self, query: str) -> str:
        return "?".join(filter(None, (url_for(f"{self.endpoint}.list"), query)))
