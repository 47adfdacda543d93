"""The customer list, for programs of those who may look customers up."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect
from sqlalchemy import func, select

from app.api.base import Resource, answer
from app.api.notices import page_asked_for
from app.api.spec import documented, json_of, query
from app.extensions import db
from app.models import Customer
from app.services.core import customers
from app.services.core.access import Actor
from app.services.core.paging import page_of_rows
from app.web.actor import current_actor
from app.web.pages import Access

#: Longer words stand in no customer.
LONGEST = 100
PARAMETERS = (query("q"), query("page", type="integer", minimum=1, default=1))


class CustomersApi(Resource):
    resource_name = "customers"

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    @documented("get", json_of("Customers"), 400, parameters=PARAMETERS)
    def get_list(self) -> Response:
        """The customers in whose name, order id, phone number or e-mail address ``q`` stands, by name."""
        actor = current_actor()
        condition = customers.having(actor, request.args.get("q", "").strip()[:LONGEST])
        total = db.session.scalar(select(func.count()).select_from(Customer).where(condition)) or 0
        rows = select(Customer).where(condition).order_by(Customer.name, Customer.id)
        found = page_of_rows(rows, page_asked_for() - 1, total=total)
        return answer({"count": total, "page": found.number + 1, "pages": found.pages,
                       "result": [_customer(actor, row) for (row,) in found.lines]})  # fmt: skip


def _customer(actor: Actor, row: Customer) -> dict[str, Any]:
    read = customers.read_by(actor, row)
    due = read["due_date"]
    return {"order_id": read.pop("code"), **read, "due_date": due and due.isoformat()}


ACCESS = Access(CustomersApi, customers.may_read)
