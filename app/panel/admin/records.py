"""The pages of a plain table (master data, users): list with one search box, page, forms; no workflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import Model, ModelView
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.widgets import FormWidget, ListWidget, ShowWidget
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import exists, or_, select
from werkzeug.wrappers import Response

from app.extensions import db
from app.services.core.access import LARGEST_KEY
from app.services.core.errors import Conflict
from app.services.core.formatting import yes_or_no

LARGEST_PAGE = 100
#: A page number beyond this is a typing error, or mischief.
LAST_PAGE = 1_000_000


class TableWidget(ListWidget):
    template = "panel/admin/records_table.html"


class FieldsWidget(FormWidget):
    template = "panel/admin/record_fields.html"


class FactsWidget(ShowWidget):
    template = "panel/admin/record_facts.html"


def words_in(*columns: str) -> type[BaseFilter]:
    """A filter by what the search box holds: rows in which one of ``columns`` contains it."""

    class Words(BaseFilter):
        name = "words"

        def apply(self, query: Any, value: Callable[[], str]) -> Any:
            words = value()
            found = (getattr(self.model, name).icontains(words, autoescape=True) for name in columns)
            return query.where(or_(*found)) if words else query

    return Words


def searched() -> str:
    return str(request.args.get("q", "")).strip()[:100]


def badge(active: bool) -> Markup:
    return Markup('<span class="badge-state state-{}">{}</span>').format(
        "green" if active else "grey", yes_or_no(active)
    )


class RecordsView(ModelView):
    """Flask-AppBuilder's table pages without what it leaves open: routes that skip the filters are not there,
    page sizes and orders are checked, and a row that is used stays."""

    list_template = "panel/admin/records.html"
    show_template = "panel/admin/record_show.html"
    add_template = edit_template = "panel/admin/record_form.html"
    list_widget = TableWidget
    show_widget = FactsWidget
    add_widget = edit_widget = FieldsWidget
    exclude_route_methods = {"action", "action_post", "download"}
    formatters_columns: dict[str, Callable[..., Any]] = {"active": badge}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.extra_args["view"] = self

    def list_url(self) -> str:
        return url_for(f"{self.endpoint}.list")

    def add_url(self) -> str | None:
        """Where a row is added; None when this user may not."""
        may = "can_add" in self.base_permissions
        if may and self.appbuilder.sm.has_access("can_add", self.class_permission_name):
            return url_for(f"{self.endpoint}.add")
        return None

    def post_add_redirect(self) -> Response:
        return redirect(self.list_url())

    post_edit_redirect = post_delete_redirect = post_add_redirect

    def pre_delete(self, item: Any) -> None:
        if is_used(item):
            raise Conflict(
                _("“%(name)s” is in use, so it stays. Switch “Active” off and no form offers it.", name=item)
            )

    def _list(self, **more: Any) -> Any:
        for name, value in request.args.items():
            counts = "page_" in name or "psize_" in name
            if "_flt_" in name or (counts and not (value.isdecimal() and int(value) <= LAST_PAGE)):
                abort(400)
        return super()._list(**more)

    def _get_list_widget(self, filters: Any, order_column: str = "", **more: Any) -> Any:
        more["page_size"] = min(more.get("page_size") or self.page_size, LARGEST_PAGE)
        known = order_column in self.order_columns
        return super()._get_list_widget(filters, order_column=order_column if known else "", **more)

    def _deserialize_pk_if_composite(self, pk: str) -> int:
        if not (pk.isascii() and pk.isdecimal()) or int(pk) > LARGEST_KEY:
            abort(404)
        return int(pk)


def is_used(item: Any) -> bool:
    """Whether a row of any other table points at this one."""
    table = item.__table__
    pointing = (
        select(exists().where(key.parent == item.id))
        for other in Model.metadata.tables.values()
        for key in other.foreign_keys
        if key.column.table is table
    )
    return any(db.session.scalar(query) for query in pointing)
