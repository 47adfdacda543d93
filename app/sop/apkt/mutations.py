"""Mutated pairs among imported reports: an outage whose description says which complaint it continues."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Case, Link
from app.models.derive import case_model
from app.services.search import tokens
from app.services.search.index import engine_of
from app.sop import SOPS
from app.workflow.declaration import CONTINUED_AS

KELUHAN, GANGGUAN = SOPS["keluhan"], SOPS["gangguan"]
#: As the circular of 16 April 2021 prints it: ``MUTASI K : K5421041400002 : …``.
MUTATED = re.compile(r"MUTASI K\s*:?\s*(K[\d ]{4,36})")


def continued_by(sop: str, description: str | None) -> str | None:
    """The number of the complaint that a report with this description continues."""
    found = MUTATED.match(description or "") if sop == GANGGUAN.key else None
    return found[1].replace(" ", "") if found else None


def link(session: Session, added: Sequence[Any]) -> int:
    """Links each of the new cases to its counterpart if that exists, whichever came first; returns how many."""
    pairs = _backward(session, added) | _forward(session, added)
    linked = set(session.scalars(select(Link.source_id).where(Link.kind == CONTINUED_AS, Link.source_id.in_(pairs))))
    new = [Link(kind=CONTINUED_AS, source_id=s, target_id=t) for s, t in pairs.items() if s not in linked]
    session.add_all(new)
    session.flush()
    return len(new)


def _backward(session: Session, added: Sequence[Any]) -> dict[int, int]:
    """Complaint -> new outage."""
    outages = {number: c.id for c in added if (number := continued_by(c.sop, c.description))}
    statement = select(Case.number, Case.id).where(Case.number.in_(outages), Case.sop == KELUHAN.key)
    return {pk: outages[number] for number, pk in session.execute(statement).tuples()}


def _forward(session: Session, added: Sequence[Any]) -> dict[int, int]:
    """New complaint -> outage; the index knows which reports name a number."""
    complaints = {c.number: c.id for c in added if c.sop == KELUHAN.key}
    if not complaints:
        return {}
    groups = [[tokens.compact(number) for number in complaints]]
    named = engine_of(session).matching(groups, False, Case.sop == GANGGUAN.key, len(complaints) * 10)
    outage: Any = case_model(GANGGUAN.key)
    ids = [pk for pk, _words in session.execute(named)]
    descriptions: Mapping[int, str] = dict(
        session.execute(select(outage.id, outage.description).where(outage.id.in_(ids))).tuples().all()
    )
    numbers = {pk: continued_by(GANGGUAN.key, description) for pk, description in descriptions.items()}
    return {complaints[number]: pk for pk, number in sorted(numbers.items()) if number in complaints}
