"""The side panels of a complaint's forms: the customer, and the templates filled in for the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.models import Customer
from app.services.core import customers, references
from app.sop.pengaduan.due_report import PENGADUAN
from app.sop.pengaduan.placeholders import filled
from app.web.actor import current_actor


def customer_of(case: Any) -> Customer | None:
    """The customer of a complaint: as it was found when it was recorded, or who is found by now."""
    return case.customer or customers.meant(case.order_id, case.phone)


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
