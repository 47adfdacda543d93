"""The status of one's own report, for people who are not signed in; nothing else is disclosed."""

from __future__ import annotations

import hmac

from sqlalchemy import select

from app.extensions import db
from app.models import Case
from app.services.core import phones
from app.services.core.wording import OTHER_ACTIONS, VOIDED
from app.services.search import tokens
from app.sop import sop_of
from app.workflow.declaration import Sop, State

#: Shorter phones never match: an empty one would match every report without a phone.
LEAST_DIGITS = 6
#: What is told of a report that was declared void.
VOID = State("void", OTHER_ACTIONS[VOIDED], "grey", "final")
#: Compared when there is no such report, so that the response takes as long.
NOBODY = "+000000000000"


def status(sop: Sop, number: str, phone: str) -> State | None:
    """The state of the report with this number, when it was made from this phone; None for an unknown number and for
    somebody else's phone alike, after the same work."""
    wanted = tokens.compact(number).upper()
    given = phones.normalised(phone[:40])
    row = db.session.execute(
        select(Case.sop, Case.revision, Case.closed_at, Case.state, Case.reporter_phone, Case.voided_at).where(
            Case.sop == sop.key, Case.number.in_({_written(one, wanted) for one in sop.revisions})
        )
    ).first()
    stored_phone = (row.reporter_phone if row else "") or NOBODY
    agrees = hmac.compare_digest(given.encode(), stored_phone.encode())
    if not (row and agrees and sum(c.isdigit() for c in given) >= LEAST_DIGITS):
        return None
    return sop_of(row).state(row.state) if row.voided_at is None else VOID


def _written(sop: Sop, compacted: str) -> str:
    """A number as the SOP writes it, with its hyphens: ``PGD-261123-00001`` from ``PGD26112300001``."""
    parts, at = [], 0
    for part in sop.number.format(code="", yyyy="0000", yymmdd="000000", seq=0).split("-"):
        parts.append(compacted[at : at + len(part)])
        at += len(part)
    return "-".join([*parts[:-1], parts[-1] + compacted[at:]])
