"""The customer list: looking customers up, and loading it from a table after a preview."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import abort, current_app, request, stream_template
from flask_appbuilder import expose, has_access
from flask_appbuilder.models.filters import BaseFilter
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.security.decorators import permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeTimedSerializer

from app.models import Customer
from app.panel.admin.records import RecordsView, searched
from app.panel.show import dialled, mailed
from app.panel.steps.forms import uploads
from app.services.core import customers as list_of_customers
from app.services.core.errors import Malformed, Refused
from app.services.core.formatting import NOTHING, answer, day, money
from app.services.documents import storage
from app.services.imports import customers
from app.web.actor import current_actor
from app.web.pages import BESIDES, CASES, Access, Page, readers_of_all

#: Seconds in which a preview may be applied; the file itself is swept away after a day.
STILL_GOOD = 6 * 3600
#: Bad rows that a page lists one by one.
LISTED = 200
LABELS = {column.key: column.label for column in customers.COLUMNS}


class Sought(BaseFilter):
    """The rows that the search box finds, in whatever writing."""

    name = "sought"

    def apply(self, query: Any, value: Callable[[], str]) -> Any:
        return query.where(list_of_customers.having(current_actor(), value()))


def veiled(key: str, written: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``written`` for who may read the values of this column; the others get them masked."""

    def for_reader(value: Any) -> Any:
        seen = list_of_customers.veiled(current_actor(), key, value)
        return written(value) if seen == value else seen

    return for_reader


class CustomerView(RecordsView):
    """Nobody writes a customer by hand: the lender's own system is right, and its table is loaded. The right
    ``list`` is that to look customers up."""

    datamodel = SQLAInterface(Customer)
    route_base = "/customers"
    base_permissions = ["can_list", "can_load"]
    list_template = "panel/admin/customers.html"
    list_title = _l("Customers")
    label_columns = LABELS
    list_columns = [column.key for column in customers.COLUMNS]
    order_columns = ["code", "name", "bill", "due_date"]
    search_columns = ["code", "name", "phone", "email"]
    base_filters = [["code", Sought, searched]]
    base_order = ("name", "asc")
    formatters_columns = {
        "code": veiled("code", str), "name": veiled("name", str), "phone": veiled("phone", dialled),
        "email": veiled("email", lambda address: mailed(address) or NOTHING), "bill": money, "due_date": day,
    }  # fmt: skip

    @expose("/")
    @has_access
    def list(self) -> Any:
        return super().list()

    @expose("/load")
    @has_access
    def load(self) -> str:
        return self._load_page()

    @expose("/load", methods=["POST"])
    @has_access
    @permission_name("load")
    def preview(self) -> Any:
        """What the file would change. It is kept until it is applied, or until it is swept."""
        file = next(iter(uploads(request.files).get("file", [])), None)
        if file is None:
            return self._load_page(error=_("Please choose a file first.")), 400
        try:
            taken = storage.take_in(file.stream, current_app.config["UPLOAD_MAX_BYTES"])
            with at_hand(taken.key, taken.size) as path:
                outcome = customers.preview(path)
        except Refused as refusal:
            return self._load_page(error=refusal.message), refusal.status
        ticket = _tickets().dumps([taken.key, taken.size, current_actor().id, file.filename or ""])
        return self.render_template(
            "panel/admin/customers_load.html", title=_("Load customers"), view=self, outcome=outcome, ticket=ticket,
            filename=file.filename, columns=customers.COLUMNS, listed=LISTED, shown=shown,
        )  # fmt: skip

    @expose("/apply", methods=["POST"])
    @has_access
    @permission_name("load")
    def apply(self) -> Any:
        """Loads the file of a preview; the page grows with every batch that is saved."""
        try:
            key, size, owner, name = _tickets().loads(request.form.get("ticket", ""), max_age=STILL_GOOD)
        except BadData:
            abort(400)
        if owner != current_actor().id:
            abort(403)
        outcome = customers.Outcome()
        return stream_template(
            "panel/admin/customers_applied.html", title=_("Load customers"), view=self, outcome=outcome, listed=LISTED,
            steps=applied(key, size, outcome, name), base_template=self.appbuilder.base_template,
            appbuilder=self.appbuilder,
        )  # fmt: skip

    def _load_page(self, error: str = "") -> str:
        return str(
            self.render_template(
                "panel/admin/customers_load.html", title=_("Load customers"), view=self, error=error,
                columns=customers.COLUMNS,
            )
        )  # fmt: skip


def applied(key: str, size: int, outcome: customers.Outcome, name: str) -> Iterator[tuple[int, str]]:
    """(rows done so far, what went wrong) after each batch; the file is removed at the end."""
    done = 0
    try:
        with at_hand(key, size) as path:
            for more in customers.taking_over(path, "utf-8", outcome, name):
                done += more
                yield done, ""
    except FileNotFoundError:
        yield done, Malformed(_("The file is gone. Please choose it again.")).message
    except Refused as refusal:
        yield done, refusal.message
    else:
        storage.forget(key)


@contextmanager
def at_hand(key: str, size: int) -> Iterator[Path]:
    """A stored file as a local one."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as copy:
        for chunk in storage.read(key, 0, size):
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def shown(key: str, value: Any) -> str:
    """A value of a customer in words."""
    return answer(next(column for column in customers.COLUMNS if column.key == key), value)


def _tickets() -> URLSafeTimedSerializer:
    """A preview's file goes back and forth as a signed name, so nobody can name another one."""
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="customers")


PAGE = Page(
    CustomerView, list_of_customers.may_read, "can_list", key="customers", label=_l("Customers"), category=CASES,
    group=BESIDES,
)  # fmt: skip
#: The same view, which ``PAGE`` has added.
LOADING = Access(CustomerView, readers_of_all, "can_load", built_in=True)
