"""The list of an SOP's cases and its exports: the URL is read into filters, an order and a page."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from flask import Response, request, url_for
from flask_appbuilder import ModelView, expose
from flask_appbuilder.models.filters import Filters
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from sqlalchemy import case as sql_case
from sqlalchemy import func, not_, select
from sqlalchemy.orm import Query, lazyload, undefer

from app.extensions import db
from app.models import Case
from app.panel.cases import filters as conditions
from app.panel.cases.saved_filters import chips
from app.panel.paging import page_number, whole
from app.services.cases import list_filters, saved_filters
from app.services.cases.list_filters import ListFilter
from app.services.cases.transitions import declared
from app.services.core import masking
from app.services.core.access import visible_rows
from app.services.core.conditions import counts
from app.services.reports import jobs
from app.web.actor import current_actor
from app.web.files import dialect, export_response
from app.workflow.declaration import Sop, Transition
from app.workflow.values import InvalidValue

#: Rows a page may have; any other number in a URL becomes the nearest of these.
PAGE_SIZES = (25, 50, 100)
DEADLINES = {"late": conditions.late, "near": conditions.near}


class CaseInterface(SQLAInterface):
    """FAB's access to the model, with plain filters, a stable order, and a count that joins nothing in
    vain."""

    filter_converter_class = conditions.CaseFilterConverter

    def query(
        self, filters: Any = None, order_column: str = "", order_direction: str = "", page: int | None = None,
        page_size: int | None = None, **rest: Any,
    ) -> tuple[int, list[Any]]:  # fmt: skip
        ordered = self._ordered(filters, order_column, order_direction).with_entities(self.obj.id)
        # Ids first: whole rows of all cases take far longer to sort than the page that is shown.
        ids = [pk for (pk,) in self.apply_pagination(ordered, page, page_size)]
        shown = {case.id: case for case in self._whole(self.session.query(self.obj).filter(self.obj.id.in_(ids)))}
        return self.count(filters), [shown[pk] for pk in ids if pk in shown]

    def rows(self, filters: Any, order_column: str, order_direction: str) -> Query[Any]:
        """Everything that ``filters`` leave, in order; rows of records are not loaded, their counts are."""
        return self._whole(self._ordered(filters, order_column, order_direction))

    def _ordered(self, filters: Any, order_column: str, order_direction: str) -> Query[Any]:
        query = filters.apply_all(self.session.query(self.obj))
        ordered: Query[Any] = self.apply_order_by(query, order_column, order_direction, add_pk=True)
        return ordered

    def _whole(self, query: Query[Any]) -> Query[Any]:
        mapper = self.obj.__mapper__
        many = [lazyload(getattr(self.obj, key)) for key, rel in mapper.relationships.items() if rel.uselist]
        counts = [undefer(prop.class_attribute) for prop in mapper.column_attrs if prop.key.endswith("_count")]
        return query.options(*many, *counts)

    def count(self, filters: Any) -> int:
        own = any(f.column_name not in Case.__mapper__.column_attrs for f in filters.filters if f.column_name)
        query = self.session.query(func.count(Case.id)).select_from(self.obj if own else Case)
        return int(filters.apply_all(query).scalar() or 0)


@dataclass
class ListQuery:
    """The query of a list as read from a URL, clamped; ``notes`` say what could not be read and was left out."""

    filters: Filters
    order: str
    direction: str
    page: int
    page_size: int
    notes: list[str] = field(default_factory=list)
    list_filters: list[ListFilter] = field(default_factory=list)

    @property
    def detailed(self) -> bool:
        """Whether the search by column is in use."""
        return bool(self.notes) or any(flt.column_name for flt in self.filters.filters)


class CaseListView(ModelView):
    """FAB's list of a model, read safely from the URL. FAB keeps the filters of a request on the view, which
    its threads share; here they belong to the request."""

    sop: Sop
    list_template = "panel/cases/list.html"
    page_size = PAGE_SIZES[0]

    @expose("/")
    @has_access
    def list(self) -> str:
        query = self._read_query(request.args)
        widgets = self._get_list_widget(
            query.filters, order_column=query.order, order_direction=query.direction, page=query.page,
            page_size=query.page_size, sop=self.sop, query=query, hide=self._hidden(), masked=self._masked(),
        )  # fmt: skip
        self._get_search_widget(widgets=widgets)
        return str(self.render_template(
            self.list_template, title=self.list_title, widgets=widgets, sop=self.sop, query=query, hide=self._masked(),
            tally=self._tally(), create=self._create(),
            narrowed=list_filters.written(query.list_filters, request.args),
            known_query=self.known_query(request.args), chips=chips(current_actor(), self.sop),
            share_with=saved_filters.roles_for(current_actor(), self.sop),
        ))  # fmt: skip

    @expose("/export.<any(csv,xlsx):form>")
    @has_access
    def export(self, form: str) -> Response:
        query = self._read_query(request.args)
        joined = query.filters.get_joined_filters(self._base_filters)
        rows = self.datamodel.rows(joined, query.order, query.direction)
        known = dict(parse_qsl(self.known_query(request.args)))
        return export_response(jobs.stream_list(current_actor(), self.sop, known, rows, form, dialect().key))

    def _get_search_widget(self, form: Any = None, exclude_cols: Any = None, widgets: Any = None) -> Any:
        offered = [key for key in self.search_columns if key not in self._hidden()]
        widgets["search"] = self.search_widget(sop=self.sop, columns=offered, labels=self.label_columns)
        return widgets

    def _create(self) -> Transition | None:
        """The step by which the present user may open a case today."""
        step = declared(self.sop.key).create
        return step if current_actor().roles & set(step.by) else None

    def _masked(self) -> bool:
        return masking.masked(current_actor(), self.sop)

    def _hidden(self) -> frozenset[str]:
        """The columns that the present user gets masked or may not read: which rows come, and where, would give the
        values away."""
        return masking.hidden_from(current_actor(), self.sop)

    def _read_query(self, args: Mapping[str, Any]) -> ListQuery:
        query = ListQuery(self.datamodel.get_filters(), *self._order(args), *self._page(args))
        hide = self._hidden()
        for column, flt, written in self._searched(args):
            if column in hide:
                query.notes.append(_("“%(column)s” is masked for your role, so the filter on it was left out.",
                                     column=self.label_columns[column]))  # fmt: skip
                continue
            try:
                query.filters.add_filter(column, type(flt), flt.read(written))
            except InvalidValue:
                query.notes.append(_("The filter on “%(column)s” could not be read and was left out.",
                                     column=self.label_columns[column]))  # fmt: skip
        query.list_filters = list(list_filters.list_filters(self.sop, args))
        if not any("void" in one.keys for one in query.list_filters):
            query.filters.add_filter("", conditions.Quick, counts())
        for condition in (*self._quick(args), *(one.condition for one in query.list_filters)):
            query.filters.add_filter("", conditions.Quick, condition)
        return query

    def _searched(self, args: Any) -> Iterator[tuple[str, Any, str]]:
        """FAB's own way of writing filters: ``_flt_<which>_<column>=<value>``."""
        for column in self.search_columns:
            for index, flt in enumerate(self._filters.get_search_filters().get(column, ())):
                # PostgreSQL knows no text with a NUL, so nothing is found by one.
                for written in (one.replace("\x00", "") for one in args.getlist(f"_flt_{index}_{column}")[:5]):
                    if written.strip():
                        yield column, flt, written[:200]

    def _quick(self, args: Any) -> Iterator[Any]:
        if args.get("state") in self.sop.state_by_key:
            yield conditions.in_state(args["state"])
        if args.get("due") in DEADLINES:
            yield DEADLINES[args["due"]]()
        if args.get("mine") == "1":
            yield conditions.mine()
        if words := args.get("q", "").strip()[:100]:
            yield conditions.numbered(words) if self._masked() else conditions.words(words)

    def known_query(self, args: Any) -> str:
        """The query string of this list without page, page size and unknown arguments: the same for the same filters,
        whatever the order in which they came."""
        offered: dict[str, Container[str]] = {"state": self.sop.state_by_key, "due": DEADLINES, "mine": ("1",)}
        arguments = [(key, args[key]) for key, values in offered.items() if args.get(key) in values]
        if words := args.get("q", "").strip()[:100]:
            arguments.append(("q", words))
        arguments += list_filters.written(list_filters.list_filters(self.sop, args), args)
        arguments += [(self._name_of(column, flt), written) for column, flt, written in self._searched(args)
                  if column not in self._hidden() and _readable(flt, written)]  # fmt: skip
        column, direction = self._order(args)
        if (column, direction) != self.base_order:
            name = type(self).__name__
            arguments += [(f"_oc_{name}", column), (f"_od_{name}", direction)]
        return urlencode(arguments)

    def _name_of(self, column: str, flt: Any) -> str:
        return f"_flt_{self._filters.get_search_filters()[column].index(flt)}_{column}"

    def _order(self, args: Any) -> tuple[str, str]:
        name = type(self).__name__
        column, direction = args.get(f"_oc_{name}"), args.get(f"_od_{name}")
        if column in self.order_columns and column not in self._hidden() and direction in ("asc", "desc"):
            return column, direction
        return cast(tuple[str, str], self.base_order)

    def _page(self, args: Any) -> tuple[int, int]:
        name = type(self).__name__
        size = whole(args.get(f"psize_{name}"), self.page_size)
        return page_number(f"page_{name}"), min(PAGE_SIZES, key=lambda known: abs(known - size))

    def _tally(self) -> dict[str, Any]:
        """How many cases there are by state, late, near, and for the present user; of those they may see."""
        of_sop = (Case.sop == self.sop.key, visible_rows(current_actor(), self.sop))
        seen = (*of_sop, counts())
        states = dict(db.session.execute(
            select(Case.state, func.count()).where(*seen).group_by(Case.state)).tuples().all())  # fmt: skip
        late, near, mine = db.session.execute(
            select(*(func.count(sql_case((condition(), 1))) for condition in
                     (conditions.late, conditions.near, conditions.mine)))
            .where(*seen, Case.closed_at.is_(None))
        ).one()  # fmt: skip
        return {
            "states": states,
            "all": sum(states.values()),
            "late": late,
            "near": near,
            "mine": mine,
            "void": db.session.scalar(select(func.count()).select_from(Case).where(*of_sop, not_(counts()))),
        }


def _readable(flt: Any, written: str) -> bool:
    try:
        flt.read(written)
    except InvalidValue:
        return False
    return True


def link(changes: Mapping[str, Any], endpoint: str | None = None, **parts: Any) -> str:
    """The URL of the present list with some arguments changed (None: left out); a change begins at the first page.
    ``parts``: what the path of ``endpoint`` is made of."""
    kept = {key: many for key, many in request.args.to_dict(flat=False).items() if not key.startswith("page_")}
    wanted = {key: value for key, value in (kept | dict(changes)).items() if value is not None}
    # Written out here: names such as _scheme in a URL would mean something to url_for itself.
    return "?".join(filter(None, (url_for(endpoint or request.endpoint or "", **parts), urlencode(wanted, doseq=True))))
