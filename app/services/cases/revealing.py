"""Showing the personal data of one case to somebody who gets them masked: for a while, with a reason, never unseen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.models import Case, Reveal
from app.services.audit import log
from app.services.cases.creation import plain
from app.services.core import clock, masking, reveals
from app.services.core.access import Actor, closed_columns, closed_fields, visible_or_404
from app.services.core.database import write_transaction
from app.services.core.errors import FieldError, Forbidden, Malformed, TooMany, ValidationFailed
from app.sop import sop_of
from app.workflow.declaration import Sop

REASON = "reason"
#: A reason of fewer letters says nothing.
SHORTEST, LONGEST = 5, 500
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Revealed:
    """What was shown: by field key, and the rows by kind of record, as the API tells them where nothing is masked."""

    until: datetime
    values: dict[str, Any]
    records: dict[str, list[dict[str, Any]]]


def may_reveal(actor: Actor, sop: Sop) -> bool:
    """Whether the document of ``sop`` lets them have a case shown that they get masked."""
    return masking.masked(actor, sop) and bool(actor.roles & set(sop.revealed_for))


def reveal(actor: Actor, sop_key: str, pk: int, reason: str) -> Revealed:
    """Shows all of a case until ``Revealed.until``: on its page, and its files. Raises ``Forbidden`` where the document
    does not say so, ``ValidationFailed`` without the reason that it asks for, ``TooMany``."""
    until = clock.now() + timedelta(minutes=current_app.config["REVEAL_MINUTES"])
    return _reveal(actor, sop_key, pk, reason, until, None)


def tell(actor: Actor, sop_key: str, pk: int, reason: str, fields: Collection[str]) -> Revealed:
    """The same of these fields alone, once: nothing stays open. Raises ``Malformed`` for one that is not masked."""
    return _reveal(actor, sop_key, pk, reason, clock.now(), fields)


def conceal(actor: Actor, sop_key: str, pk: int) -> None:
    """What is revealed to ``actor`` of the case is masked again before its time."""
    case_id, now = visible_or_404(actor, sop_key, pk).id, clock.now()
    mine = (Reveal.user_id == actor.id, Reveal.case_id == case_id, Reveal.until > now)
    with write_transaction() as session:
        session.execute(update(Reveal).where(*mine).values(until=now))
    reveals.forget_known()


def _reveal(
    actor: Actor, sop_key: str, pk: int, reason: str, until: datetime, fields: Collection[str] | None
) -> Revealed:  # fmt: skip
    reason = " ".join(reason.split())
    case = visible_or_404(actor, sop_key, pk)
    sop, number = sop_of(case), case.number
    subject = ("case", pk, number)
    if not may_reveal(actor, sop):
        _note_refusal(actor, subject, "role")
        raise Forbidden(_why_not(actor, sop))
    _fields_or_refused(sop, fields)
    _reason_or_refused(sop, reason)
    with write_transaction() as session:
        case = visible_or_404(actor, sop_key, pk)
        if not _too_many(session, actor):
            session.add(
                Reveal(case_id=pk, user_id=actor.id, reason=reason, fields=_sorted(fields), at=clock.now(), until=until)
            )
            log.record(actor, "reveal.shown", subject, reason=reason, fields=_sorted(fields), until=until.isoformat())
            shown = _shown(actor, sop, case, until, fields)
            reveals.forget_known()
            return shown
    _note_refusal(actor, subject, "too many")
    raise TooMany(
        _("You have had %(most)s cases shown within an hour, which is the limit. Please try again later.",
          most=current_app.config["REVEALS_PER_HOUR"]),
        3600,
    )  # fmt: skip


def _note_refusal(actor: Actor, subject: tuple[str, object, str], why: str) -> None:
    with write_transaction():
        log.record(actor, "reveal.refused", subject, why=why)


def _why_not(actor: Actor, sop: Sop) -> str:
    if not masking.masked(actor, sop):
        return str(_("Nothing of this case is masked for you."))
    return str(_("Your role may not have masked data shown."))


def _fields_or_refused(sop: Sop, fields: Collection[str] | None) -> None:
    known = masking.hidden(sop) | set(sop.records_by_key)
    errors = [
        FieldError("invalid", key, _("“%(key)s” is none of the fields that are masked.", key=key))
        for key in fields or ()
        if key not in known
    ]
    if errors:
        raise Malformed(" ".join(error.message for error in errors), errors)


def _reason_or_refused(sop: Sop, reason: str) -> None:
    if (sop.reveal_reason and len(reason) < SHORTEST) or len(reason) > LONGEST:
        message = str(_("Please write why you need to see the data (%(least)s to %(most)s letters).",
                        least=SHORTEST, most=LONGEST))  # fmt: skip
        raise ValidationFailed(message, [FieldError("field", REASON, message)])


def _sorted(fields: Collection[str] | None) -> list[str] | None:
    return None if fields is None else sorted(set(fields))


def _too_many(session: Session, actor: Actor) -> bool:
    recent = select(func.count()).where(Reveal.user_id == actor.id, Reveal.at > clock.now() - HOUR)
    return int(session.scalar(recent) or 0) >= int(current_app.config["REVEALS_PER_HOUR"])


def _shown(actor: Actor, sop: Sop, case: Case, until: datetime, fields: Collection[str] | None) -> Revealed:
    """Without what is confidential to others: that is not masked but closed."""
    keys = [*sorted(masking.OWN), *sop.fields]
    wanted = masking.hidden(sop) - closed_fields(actor, sop)
    values = {key: plain(getattr(case, key)) for key in dict.fromkeys(keys) if key in wanted and _asked(key, fields)}
    records = {}
    for kind in sop.records_by_key.values():
        if _asked(kind.key, fields):
            closed = closed_columns(actor, sop, kind.key)
            columns = [column.key for column in kind.columns if column.key not in closed]
            rows = getattr(case, kind.key)
            records[kind.key] = [{"id": row.id} | {key: plain(getattr(row, key)) for key in columns} for row in rows]
    return Revealed(until, values, records)


def _asked(key: str, fields: Collection[str] | None) -> bool:
    return fields is None or key in fields
