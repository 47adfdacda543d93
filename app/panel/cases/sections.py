"""Functions for the templates of sections on case pages and beside forms (``templates/sections/``) that several SOPs
share; what one SOP alone shows is in its package."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Case, OutgoingMail
from app.services.core.veiled import is_veiled, mail
from app.services.mail import quarantine
from app.services.notices import outbox
from app.services.notices.channels import email
from app.sop import own_parts
from app.web.actor import current_actor


def register(app: Flask) -> None:
    own = [function for part in own_parts("sections") for function in part.FUNCTIONS]
    shared = (mails_of, outbox_words, mails_go_out, incoming_mails_of)
    app.jinja_env.globals.update({function.__name__: function for function in (*shared, *own)})


def mails_of(case: Case) -> list[Any]:
    """The mails that were written for a case, newest first; notices to our own people are not among them."""
    query = select(OutgoingMail).where(OutgoingMail.case_id == case.id, OutgoingMail.internal.is_(False))
    found = list(db.session.scalars(query.order_by(OutgoingMail.id.desc())))
    return [mail(one) for one in found] if is_veiled(case) else found


def incoming_mails_of(case: Case) -> list[tuple[Any, bool]]:
    """The mails that came in for a case, newest first; with whether the present user may have the source. None of them
    for who may not read what they say."""
    found = quarantine.of_case(current_actor(), case)
    return [(mail(one), False) for one, _may_have_source in found] if is_veiled(case) else found


def outbox_words() -> ModuleType:
    """The labels and colours of the states of mails."""
    return outbox


def mails_go_out() -> bool:
    return email.is_set_up()
