"""Which cases may be about somebody: proposed by what is known of them, for a human to decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from app.extensions import db
from app.models import Case, Customer, IncomingMail, OutgoingMail, PrivacyRequest
from app.models.derive import case_model
from app.services.core import phones
from app.services.core.access import Actor, visible_cases
from app.services.search.search import search
from app.sop import SOPS

#: More than one person has.
MOST = 200


@dataclass
class Match:
    """``reasons``: by what it was found, in words; ``certain``: by something that only one person has."""

    case: Any
    reasons: list[str] = field(default_factory=list)
    certain: bool = False


def customers_of(row: PrivacyRequest) -> list[Customer]:
    """The rows of the customer list that may be the person's."""
    number = phones.normalised(row.phone)
    wanted = [
        *([func.lower(Customer.code) == row.customer_code.lower()] if row.customer_code else []),
        *([Customer.phone_normalised == number] if number else []),
        *([func.lower(Customer.email) == row.email.lower()] if row.email else []),
    ]
    query = select(Customer).where(or_(*wanted)).order_by(Customer.id).limit(MOST)
    return list(db.session.scalars(query)) if wanted else []


def matches(actor: Actor, row: PrivacyRequest) -> list[Match]:
    """The cases that ``actor`` sees, those found for certain first; at most ``MOST``."""
    found: dict[int, Match] = {}
    for pk, reason, certain in _proposed(actor, row):
        one = found.setdefault(pk, Match(None))
        if reason not in one.reasons:
            one.reasons.append(reason)
        one.certain |= certain
    for pk in row.cases or ():
        found.setdefault(pk, Match(None, [str(_("determined before"))], True))
    cases = _loaded(actor, found)
    for pk, one in found.items():
        one.case = cases.get(pk)
    there = [one for one in found.values() if one.case is not None]
    return sorted(there, key=lambda one: (not one.certain, -one.case.id))[:MOST]


def _proposed(actor: Actor, row: PrivacyRequest) -> Iterator[tuple[int, str, bool]]:
    listed = customers_of(row)
    for customer in listed:
        yield from ((pk, str(_("customer %(code)s", code=customer.code)), True) for pk in _referring(customer))
    terms = [
        (row.customer_code, _("customer ID"), True), (row.phone, _("phone"), True), (row.email, _("e-mail"), True),
        (row.identity, _("identity number"), True), (row.name, _("name"), False),
    ]  # fmt: skip
    for words, reason, certain in terms:
        for hit in search(actor, words, limit=MOST) if words else ():
            yield hit.case.id, str(reason), certain
            yield from ((related.id, str(_("continues such a case")), certain) for related in hit.related)
    if row.email:
        address = row.email.lower()
        for pk in db.session.scalars(select(IncomingMail.case_id).where(func.lower(IncomingMail.sender) == address)):
            yield from [(pk, str(_("mail from them")), True)] if pk else []
        for pk in db.session.scalars(select(OutgoingMail.case_id).where(func.lower(OutgoingMail.recipient) == address)):
            yield from [(pk, str(_("mail to them")), True)] if pk else []


def _referring(customer: Customer) -> Iterator[int]:
    for sop in SOPS.values():
        model: Any = case_model(sop.key)
        for key, one in sop.fields.items():
            if one.type == "reference" and one.reference == "customer":
                yield from db.session.scalars(select(model.id).where(getattr(model, key) == customer))


def _loaded(actor: Actor, ids: Any) -> dict[int, Case]:
    query = select(Case).where(Case.id.in_(list(ids)), visible_cases(actor))
    return {case.id: case for case in db.session.scalars(query).unique()}
