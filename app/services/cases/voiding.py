"""A case that should never have been is declared void: it keeps its number and its page, and counts nowhere.

Where the SOP asks for four eyes, one person asks for it and another decides.
"""

from __future__ import annotations

from typing import Any, Literal

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.models import Case
from app.services.cases import assignment, creation
from app.services.core import clock, history
from app.services.core.access import Actor
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, FieldError, Forbidden, ValidationFailed, refuse_void
from app.services.core.locking import locked
from app.services.core.wording import VOID_ASKED, VOID_REFUSED, VOIDED
from app.services.deadlines import clocks
from app.services.notices import notify
from app.services.search.index import index
from app.sop import sop_of
from app.workflow.declaration import Sop

#: What somebody can do about it now: declare, ask for it, decide on a request, withdraw their own.
Way = Literal["void", "ask", "decide", "withdraw"]


def way(actor: Actor, sop: Sop, case: Case) -> Way | None:
    """What ``actor`` can do about the case being void; None: nothing."""
    decides = bool(actor.roles & set(sop.voided_by))
    if case.voided_at is not None or not sop.voided_by:
        return None
    if not sop.void_four_eyes:
        return "void" if decides else None
    if case.void_request is None:
        return "ask" if decides or actor.roles & set(sop.create.by) else None
    if case.void_request["by_id"] == actor.id:
        return "withdraw"
    return "decide" if decides else None


def declare(actor: Actor, sop_key: str, pk: int, reason: str, version: int | None = None) -> Any:
    """Declares a case void or, where two are needed and nobody has asked yet, asks for it; returns the case."""
    with write_transaction() as session:
        case = locked(session, actor, sop_key, pk)
        sop = sop_of(case)
        found = _permitted(actor, sop, case, version)
        if found == "withdraw":
            message = _("You have asked for this yourself: a second person decides.")
            raise Forbidden(message, [FieldError("four_eyes", VOID_ASKED, message)])
        _reasoned(reason)
        if found == "ask":
            _ask(session, sop, case, actor, reason)
        else:
            _void(session, sop, case, actor, reason)
    return case


def decline(actor: Actor, sop_key: str, pk: int, reason: str, version: int | None = None) -> Any:
    """Declines a request, or withdraws one's own; returns the case."""
    with write_transaction() as session:
        case = locked(session, actor, sop_key, pk)
        sop = sop_of(case)
        if _permitted(actor, sop, case, version) not in ("decide", "withdraw"):
            raise Conflict(_("Nobody has asked to declare this case void."))
        _reasoned(reason)
        asked_by, case.void_request = (case.void_request or {}).get("by_id"), None
        now = clock.now()
        history.append(session, case, actor, VOID_REFUSED, now, from_state=case.state, note=reason)
        notify.void_decided(session, sop, case, actor, VOID_REFUSED, asked_by)
    return case


def _permitted(actor: Actor, sop: Sop, case: Case, version: int | None) -> Way:
    refuse_void(case)
    if not sop.voided_by:
        raise Forbidden(_("This procedure lets nobody declare a case void."))
    found = way(actor, sop, case)
    if found is None:
        asks = sop.void_four_eyes and case.void_request is None
        roles = dict.fromkeys((*sop.voided_by, *(sop.create.by if asks else ())))
        message = _("Only %(roles)s may do this.", roles=", ".join(roles))
        raise Forbidden(message, [FieldError("role", "|".join(roles), message)])
    if version not in (None, case.version):
        message = _("The case was changed since you opened it; nothing was done.")
        raise Conflict(message, [FieldError("state", case.state, message)], history.since(case, version), sop)
    return found


def _reasoned(reason: str) -> None:
    if not reason.strip():
        message = _("Please write the reason.")
        raise ValidationFailed(message, [FieldError("note", "note", message)])


def _ask(session: Session, sop: Sop, case: Case, actor: Actor, reason: str) -> None:
    case.void_request = {"by_id": actor.id, "by": actor.name}
    now = clock.now()
    history.append(session, case, actor, VOID_ASKED, now, from_state=case.state, note=reason)
    notify.void_asked(session, sop, case, actor)


def _void(session: Session, sop: Sop, case: Case, actor: Actor, reason: str) -> None:
    now = clock.now()
    asked_by, case.void_request = (case.void_request or {}).get("by_id"), None
    case.voided_at = case.changed_at = now
    creation.refresh(sop, case)
    session.flush()
    assignment.release(sop, case)
    index(session, case)
    changes = clocks.keep(session, sop, case, now)
    history.append(session, case, actor, VOIDED, now, from_state=case.state, note=reason, changes=changes)
    notify.void_decided(session, sop, case, actor, VOIDED, asked_by)
