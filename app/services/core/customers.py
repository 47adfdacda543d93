"""The customer list: which customer an order id or a phone number means."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.extensions import db
from app.models import Customer
from app.services.core import phones


def meant(order_id: str | None, phone: str | None) -> Customer | None:
    """The customer with this order id, in capitals or not, else the one with this phone number, in any writing. A
    number that several have means none of them."""
    return _by_order_id((order_id or "").strip()) or _by_phone(phones.normalised(phone))


def _by_order_id(code: str) -> Customer | None:
    # As it is written first: that has an index, and tells two apart that differ by their capitals alone.
    return code and (_only(Customer.code == code) or _only(func.lower(Customer.code) == code.lower())) or None


def _by_phone(number: str) -> Customer | None:
    return _only(Customer.phone_normalised == number) if number else None


def _only(condition: ColumnElement[bool]) -> Any:
    found = db.session.scalars(select(Customer).where(condition).limit(2)).all()
    return found[0] if len(found) == 1 else None
