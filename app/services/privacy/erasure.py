"""Erasure (UU 27/2022, article 8): of each case whether anything stands against it, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dateutil.relativedelta import relativedelta
from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Purge
from app.services.core import clock
from app.services.core.access import Actor, visible_cases, visible_or_404
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, NotVisible, Refused
from app.services.core.formatting import day
from app.services.privacy import requests
from app.services.retention import retention
from app.services.retention.purge import purge
from app.sop import sop_of


@dataclass(frozen=True)
class Judged:
    """``against``: why nothing of the case may be erased now, empty where it may; ``gone``: it is erased already."""

    case: Any
    against: str
    gone: bool = False


def judge(case: Case) -> Judged:
    """Whether a hold, or a duty to keep, stands against erasing a case."""
    sop = sop_of(case)
    if db.session.scalar(select(Purge.id).where(Purge.case_id == case.id, Purge.whole).limit(1)) is not None:
        return Judged(case, str(_("The personal data were removed already.")), True)
    if case.closed_at is None:
        return Judged(case, str(_("The case is still being handled.")))
    if retention.is_held(case.id):
        return Judged(case, str(_("The case is on legal hold.")))
    years = retention.periods(sop).case
    if years is None:
        return Judged(case, str(_("The procedure says that its records are kept for good.")))
    until = case.closed_at.astimezone(clock.zone()) + relativedelta(years=years)
    due = retention.due_of(sop, case.id)
    if due is None or not due.whole:
        return Judged(case, str(_("It has to be kept until %(day)s (%(years)s years after it was closed).",
                                  day=day(until), years=years)))  # fmt: skip
    return Judged(case, "")


def judged(actor: Actor, pk: int) -> list[Judged]:
    """The cases of a request that ``actor`` sees, as they stand now."""
    row = requests.one(actor, pk)
    query = select(Case).where(Case.id.in_(row.cases or []), visible_cases(actor)).order_by(Case.id)
    return [judge(case) for case in db.session.scalars(query).unique()]


def erase(actor: Actor, pk: int, case_id: int) -> int:
    """Purges a case of a request, as its retention would; returns how many files went. Raises ``Conflict`` with the
    reason where something stands against it, ``NotVisible`` for a case that is none of the request's."""
    row = requests.one(actor, pk)
    if row.right_key != "erasure" or case_id not in (row.cases or ()):
        raise NotVisible(_("This request does not ask to erase that case."))
    if row.state != "open":
        raise Conflict(_("%(number)s is settled already.", number=row.number))
    sop_key = db.session.scalar(select(Case.sop).where(Case.id == case_id)) or ""
    case = visible_or_404(actor, sop_key, case_id)
    number, found = case.number, judge(case)
    if found.against:
        _noted(actor, pk, "kept", number, found.against)
        raise Conflict(f"{number}: {found.against}")
    # The law gives the person the right: whoever answers the request acts as one who keeps to the retention.
    acting = replace(actor, roles=actor.roles | retention.retention_officers(sop_of(case)))
    try:
        files = purge(acting, sop_key, case_id)
    except Refused as refusal:
        _noted(actor, pk, "kept", number, refusal.message)
        raise
    _noted(actor, pk, "erased", number, "", files=files)
    return files


def _noted(actor: Actor, pk: int, action: str, number: str, said: str, **detail: Any) -> None:
    with write_transaction() as session:
        row = requests.one(actor, pk)
        requests.note(session, row, actor, action, said, case=number, **detail)
