"""The side panels of a complaint's forms: the customer, and the templates filled in for the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Customer
from app.services.core import references
from app.sop.pengaduan.due_report import PENGADUAN
from app.sop.pengaduan.placeholders import filled
from app.web.actor import current_actor


def customer_of(case: Any) -> Customer | None:
    """The customer of a complaint: as it was found when it was recorded, or who has that order id by now."""
    found: Customer | None = case.customer
    if found is None and case.order_id:
        found = db.session.scalars(select(Customer).where(Customer.code == case.order_id)).one_or_none()
    return found


@dataclass(frozen=True)
class Reply:
    """An approved template as it reads for a case; ``fits``: it was written for the case's category."""

    code: str
    title: str
    text: str
    fits: bool


def replies_for(case: Any) -> list[Reply]:
    """Every template that the present user may reply with, those for the case's category first."""
    [template] = [field for field in PENGADUAN.transition_by_key["reply"].fields if field.key == "template"]
    replies = [
        Reply(t.number, t.template_title, filled(t.approved_text, case), t.category_id == case.category_id)
        for t in references.rows(template, PENGADUAN, current_actor(), case)
    ]
    return sorted(replies, key=lambda reply: not reply.fits)


FUNCTIONS = (customer_of, replies_for)
