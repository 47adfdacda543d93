"""The list of an SOP's cases and its exports: the URL is read into filters, an order and a page."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, request
from flask_appbuilder import ModelView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Query, lazyload, undefer

from app.extensions import db
from app.models import Case
from app.models.derive import case_model, column_of
from app.panel.cases import filters as conditions
from app.panel.cases import widgets
from app.panel.cases.saved_filters import chips
from app.panel.paging import PLACE, link, whole
from app.services.cases import filter_bar, list_filters, saved_filters
from app.services.cases.list_filters import ListFilter
from app.services.cases.tally import Count, tally
from app.services.cases.transitions import declared
from app.services.core import keyset, masking
from app.services.core.access import visible_rows
from app.services.core.keyset import URGENT, Order
from app.services.reports import jobs
from app.web.actor import current_actor
from app.web.files import dialect, export_response
from app.workflow.declaration import Sop, Transition
from app.workflow.values import InvalidValue

#: Rows a page may have; any other number in a URL becomes the nearest of these.
PAGE_SIZES = (25, 50, 100)
DEADLINES = {"late": conditions.late, "near": conditions.near}
#: What a case's own columns are ordered by; everything else by itself, then by the case.
OWN_ORDERS = {
    "number": Order((Case.number,)), "created_at": Order((Case.created_at, Case.id)), "due_at": URGENT,
    "closed_at": Order((Case.closed_at, Case.id)),
}  # fmt: skip


@dataclass
class ListQuery:
    """The query of a list as read from a URL, clamped; ``notes`` say what could not be read and was left out. ``own``:
    whether the SOP's own table has a part in it. ``order``, ``direction``: the column of the order as headings know it;
    ``ordered``: whether the URL says so, rather than what the list is over (``which``)."""

    which: str
    order: str
    direction: str
    ordered: bool
    page_size: int
    conditions: list[ColumnElement[bool]] = field(default_factory=list)
    own: bool = False
    notes: list[str] = field(default_factory=list)
    list_filters: list[ListFilter] = field(default_factory=list)
    detailed: bool = False


@dataclass(frozen=True)
class Found:
    """A page of the list. ``earlier``, ``later``: its neighbours' URLs, None at an end; ``first``, ``last``: those of
    the ends. ``total``: of all pages, counted no further than its cap. ``sizes``: rows a page may have, with their
    URLs."""

    cases: Sequence[Any]
    total: Count
    earlier: str | None
    later: str | None
    first: str
    last: str
    sizes: Sequence[tuple[int, str]]


class CaseListView(ModelView):
    """The list of an SOP. Flask-AppBuilder keeps the filters of a request on the view, which its threads share; here
    they belong to the request."""

    sop: Sop
    list_template = "panel/cases/list.html"
    page_size = PAGE_SIZES[0]
    reads_any_page = True

    @expose("/")
    @has_access
    def list(self) -> str:
        actor, query = current_actor(), self._read_query(request.args)
        statement = self._statement(query)
        counts = tally(actor, self.sop, self._order_of(query).counting(statement))
        found, known = self._found(query, statement, counts.found), self.known_query(request.args)
        offers = filter_bar.offers(actor, self.sop, request.args, counts)
        table = widgets.table(self, query, found.cases)
        return str(self.render_template(
            self.list_template, title=self.list_title, sop=self.sop, query=query, hide=self.masked(), tally=counts,
            found=found, table=table, search=widgets.search(self),
            head=widgets.head(self, query, offers, known, table), create=self._create(), known_query=known,
            chips=chips(actor, self.sop), share_with=saved_filters.roles_for(actor, self.sop),
        ))  # fmt: skip

    @expose("/export.<any(csv,xlsx):form>")
    @has_access
    def export(self, form: str) -> Response:
        query = self._read_query(request.args)
        known = dict(parse_qsl(self.known_query(request.args)))
        return export_response(
            jobs.stream_list(current_actor(), self.sop, known, self._rows(query), form, dialect().key)
        )

    def _statement(self, query: ListQuery) -> Select[Any]:
        """The cases of the list, by the columns of its order; the SOP's own table joins where it has a part in it."""
        order, own = self._order_of(query), case_model(self.sop.key).__table__
        of_case = [] if order.columns[-1] is own.c.id else [Case.id]
        statement = select(*dict.fromkeys((*order.columns, *of_case)))
        if query.own:
            statement = statement.select_from(Case.__table__.join(own, own.c.id == Case.__table__.c.id))
        return statement.where(*query.conditions)

    def _found(self, query: ListQuery, statement: Select[Any], total: Count) -> Found:
        after, before = (request.args.get(key, "") for key in PLACE)
        order = self._order_of(query)
        page = keyset.page(db.session(), statement, order, query.page_size, after=after, before=before)
        ids = [row.id for row in page.rows]
        # Ids first: whole rows of all cases take far longer to sort than the page that is shown.
        model = case_model(self.sop.key)
        shown = (
            {case.id: case for case in _whole(db.session.query(model).filter(model.id.in_(ids)), model)} if ids else {}
        )
        name = type(self).__name__
        return Found(
            [shown[pk] for pk in ids if pk in shown], total,
            page.earlier and link({"before": page.earlier}), page.later and link({"after": page.later}),
            link({}), link({"before": keyset.END}),
            [(size, link({f"psize_{name}": size})) for size in PAGE_SIZES],
        )  # fmt: skip

    def _rows(self, query: ListQuery) -> Query[Any]:
        """Everything that the filters leave, in order; rows of records are not loaded, their counts are."""
        model = case_model(self.sop.key)
        rows = db.session.query(model).filter(*query.conditions)
        ordered: Query[Any] = self._order_of(query).ordered(rows)
        return _whole(ordered, model)

    def _order_of(self, query: ListQuery) -> Order:
        if query.order in OWN_ORDERS:
            own = OWN_ORDERS[query.order]
        else:
            table = case_model(self.sop.key).__table__
            own = Order((table.c[column_of(self.sop.fields[query.order])], table.c.id))
        return keyset.falling(own, query.direction == "desc")

    def _create(self) -> Transition | None:
        """The step by which the present user may open a case today."""
        step = declared(self.sop.key).create
        return step if current_actor().roles & set(step.by) else None

    def masked(self) -> bool:
        return masking.masked(current_actor(), self.sop)

    def hidden(self) -> frozenset[str]:
        """The columns that the present user gets masked or may not read: which rows come, and where, would give the
        values away."""
        return masking.hidden_from(current_actor(), self.sop)

    def _read_query(self, args: Mapping[str, Any]) -> ListQuery:
        query = ListQuery(list_filters.which(self.sop, args), *self._order(args), self._page_size(args))
        hide, actor = self.hidden(), current_actor()
        query.conditions = [Case.sop == self.sop.key, visible_rows(actor, self.sop)]
        for flt, written in self._searched(args):
            query.detailed = True
            if flt.key in hide:
                query.notes.append(_("“%(column)s” is masked for your role, so the filter on it was left out.",
                                     column=self.label_columns[flt.key]))  # fmt: skip
                continue
            try:
                query.conditions.append(flt.condition(flt.read(written)))
            except InvalidValue:
                query.notes.append(_("The filter on “%(column)s” could not be read and was left out.",
                                     column=self.label_columns[flt.key]))  # fmt: skip
                continue
            query.own |= flt.own
        query.list_filters = [*list_filters.list_filters(self.sop, args, actor)]
        if not any("void" in one.keys for one in query.list_filters):
            query.conditions += list_filters.over(query.which)
        query.conditions += [*self._quick(args), *(one.condition for one in query.list_filters)]
        query.own |= query.order not in OWN_ORDERS or any(one.own for one in query.list_filters)
        return query

    def _searched(self, args: Any) -> Iterator[tuple[conditions.ColumnFilter, str]]:
        """The filters of columns as addresses have them: ``_flt_<which>_<column>=<value>``."""
        if not any(key.startswith("_flt_") for key in args):
            return
        for column in self.search_columns:
            for index, flt in enumerate(conditions.of(self.sop, column)):
                # PostgreSQL knows no text with a NUL, so nothing is found by one.
                for written in (one.replace("\x00", "") for one in args.getlist(f"_flt_{index}_{column}")[:5]):
                    if written.strip():
                        yield flt, written[:200]

    def _quick(self, args: Any) -> Iterator[Any]:
        if args.get("state") in self.sop.state_by_key:
            yield conditions.in_state(args["state"])
        if args.get("due") in DEADLINES:
            yield DEADLINES[args["due"]]()
        if args.get("mine") == "1":
            yield conditions.mine()
        if words := _words(args):
            yield conditions.numbered(words) if self.masked() else conditions.words(words)

    def known_query(self, args: Any) -> str:
        """The query string of this list without page, page size and unknown arguments: the same for the same filters,
        whatever the order in which they came."""
        offered: dict[str, Container[str]] = {
            "which": list_filters.WHICH, "state": self.sop.state_by_key, "due": DEADLINES, "mine": ("1",),
        }  # fmt: skip
        arguments = [(key, args[key]) for key, values in offered.items() if args.get(key) in values]
        if words := _words(args):
            arguments.append(("q", words))
        found = list_filters.list_filters(self.sop, args, current_actor())
        arguments += list_filters.written(found, args)
        arguments += [(self._name_of(flt), written) for flt, written in self._searched(args)
                      if flt.key not in self.hidden() and _readable(flt, written)]  # fmt: skip
        # What an address without any filter is over anyway is none.
        if arguments == [("which", list_filters.OPEN)]:
            arguments = []
        column, direction, ordered = self._order(args)
        if ordered:
            name = type(self).__name__
            arguments += [(f"_oc_{name}", column), (f"_od_{name}", direction)]
        return urlencode(arguments)

    def _name_of(self, flt: conditions.ColumnFilter) -> str:
        which = [type(one) for one in conditions.of(self.sop, flt.key)].index(type(flt))
        return f"_flt_{1 if self._is_choice(flt.key) else which}_{flt.key}"

    def _is_choice(self, key: str) -> bool:
        return bool(key in self.sop.fields and self.sop.fields[key].choices)

    def _order(self, args: Any) -> tuple[str, str, bool]:
        """The column, the direction, and whether the address says so."""
        name = type(self).__name__
        usual = ("due_at", "asc") if list_filters.which(self.sop, args) == list_filters.OPEN else ("created_at", "desc")
        column, direction = args.get(f"_oc_{name}"), args.get(f"_od_{name}")
        if column in self.order_columns and column not in self.hidden() and direction in ("asc", "desc"):
            return column, direction, (column, direction) != usual
        return *usual, False

    def _page_size(self, args: Any) -> int:
        size = whole(args.get(f"psize_{type(self).__name__}"), self.page_size)
        return min(PAGE_SIZES, key=lambda known: abs(known - size))


def _whole(query: Query[Any], model: Any) -> Query[Any]:
    mapper = model.__mapper__
    many = [lazyload(getattr(model, key)) for key, rel in mapper.relationships.items() if rel.uselist]
    counts = [undefer(prop.class_attribute) for prop in mapper.column_attrs if prop.key.endswith("_count")]
    return query.options(*many, *counts)


def _words(args: Any) -> str:
    return str(args.get("q", "")).replace("\x00", "").strip()[:100]


def _readable(flt: Any, written: str) -> bool:
    try:
        flt.read(written)
    except InvalidValue:
        return False
    return True
