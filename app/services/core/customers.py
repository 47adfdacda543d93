"""The customer list: who may read it, what they find in it, and which customer an order id or a phone number means."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true

from app.extensions import db
from app.models import Customer
from app.services.core import masking, phones
from app.services.core.access import READ_ALL, Actor
from app.sop import SOPS
from app.workflow.declaration import Field, Sop

#: What of a customer tells who it is, each as the field whose mask it gets.
PERSONAL = {
    "code": Field("code", ""), "name": Field("name", ""), "phone": Field("phone", "", format="phone"),
    "email": Field("email", "", format="email"),
}  # fmt: skip
OTHERS = ("product", "bill", "due_date", "application_status")
#: A phone number or a part of one, in any writing.
DIALLED = re.compile(r"[\d\s()+./-]{4,}")


def may_read(actor: Actor) -> bool:
    """Whether somebody may look customers up, by a role that an SOP names for it."""
    return bool(actor.roles & READ_ALL or _granting(actor))


def masked(actor: Actor) -> bool:
    """Whether they get masked who a customer is: when every SOP that lets them look up masks it for them."""
    return all(masking.masked(actor, sop) for sop in _granting(actor)) and not actor.roles & READ_ALL


def _granting(actor: Actor) -> list[Sop]:
    return [sop for sop in SOPS.values() if any(actor.roles & set(one.customer_roles) for one in sop.revisions)]


def having(actor: Actor, words: str) -> ColumnElement[bool]:
    """The condition on customers in whose name, order id, phone number (in any writing) or e-mail address ``words``
    stand. Whoever gets them masked finds by a whole order id or phone number alone: parts would disclose the rest."""
    if not words:
        return true()
    if masked(actor):
        number = phones.normalised(words)
        return or_(func.lower(Customer.code) == words.lower(), (Customer.phone_normalised == number) & (number != ""))
    found = [column.icontains(words, autoescape=True)
             for column in (Customer.name, Customer.code, Customer.phone, Customer.email)]  # fmt: skip
    if DIALLED.fullmatch(words):
        found.append(Customer.phone_normalised.contains(re.sub(r"\D", "", words).removeprefix("62").lstrip("0")))
    return or_(*found)


def read_by(actor: Actor, customer: Customer) -> dict[str, Any]:
    """A customer as ``actor`` may read them."""
    return {key: veiled(actor, key, getattr(customer, key)) for key in (*PERSONAL, *OTHERS)}


def veiled(actor: Actor, key: str, value: Any) -> Any:
    return masking.mask(value, PERSONAL[key]) if key in PERSONAL and masked(actor) else value


def meant(order_id: str | None, phone: str | None) -> Customer | None:
    """The customer with this order id, in capitals or not, else the one with this phone number, in any writing. A
    number that several have means none of them."""
    return _by_order_id((order_id or "").strip()) or _by_phone(phones.normalised(phone))


def _by_order_id(code: str) -> Customer | None:
    # As it is written first: that has an index, and tells two apart that differ by their capitals alone.
    conditions = (Customer.code == code, func.lower(Customer.code) == code.lower()) if code else ()
    return next((one for condition in conditions if (one := _only(_first_two(condition)))), None)


def _by_phone(number: str) -> Customer | None:
    return _only(_having_phone(number)) if number else None


def _having_phone(number: str) -> list[Customer]:
    return _first_two(Customer.phone_normalised == number)


def _first_two(condition: ColumnElement[bool]) -> list[Customer]:
    return list(db.session.scalars(select(Customer).where(condition).limit(2)))


def _only(rows: list[Customer]) -> Customer | None:
    return rows[0] if len(rows) == 1 else None
