"""What the sections of a case page and of its forms read (``templates/sections/``), as functions of their templates.
Change here what they know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Customer, OutgoingMail
from app.security import current_actor
from app.services import references
from app.sop import SOPS
from app.sop.reply_template import filled


def register(app: Flask) -> None:
    app.jinja_env.globals.update(mails_of=mails_of, customer_of=customer_of, replies_for=replies_for)


def mails_of(case: Any) -> list[OutgoingMail]:
    """The mails that were written for a case, newest first; notices to our own people are not among them."""
    found = select(OutgoingMail).where(OutgoingMail.case_id == case.id, OutgoingMail.internal.is_(False))
    return list(db.session.scalars(found.order_by(OutgoingMail.id.desc())))


def customer_of(case: Any) -> Customer | None:
    """The customer of a complaint: as it was found when it was recorded, or who has that order id by now."""
    if case.customer is not None or not case.order_id:
        return case.customer  # type: ignore[no-any-return]
    return db.session.scalars(select(Customer).where(Customer.code == case.order_id)).one_or_none()


@dataclass(frozen=True)
class Reply:
    """An approved template as it reads for a case; ``fits``: it was written for the case's category."""

    code: str
    title: str
    text: str
    fits: bool


def replies_for(case: Any) -> list[Reply]:
    """Every template that the present user may reply with, those for the case's category first."""
    sop = SOPS[case.sop]
    [asked] = [field for field in sop.transition_by_key["reply"].fields if field.key == "template"]
    replies = [
        Reply(t.number, t.template_title, filled(t.approved_text, case), t.category_id == case.category_id)
        for t in references.rows(asked, sop, current_actor(), case)
    ]
    return sorted(replies, key=lambda reply: not reply.fits)
