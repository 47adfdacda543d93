"""Who has opened which document, in the audit log: once an opening, in however many pieces a browser asks for it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Case, Document
from app.services.audit import log
from app.services.core import clock
from app.services.core.access import Actor

OPENED = "document.opened"
#: For so long a player or a viewer goes on asking for pieces of what was opened.
LASTS = timedelta(hours=1)


def opened(actor: Actor, document: Document, in_part: bool) -> None:
    """``in_part``: a piece is asked for; it belongs to what this user has opened before. Raises ``Unavailable``: what
    can't be logged isn't opened."""
    pk, kind, version, case_id = document.id, document.type, document.version, document.case_id
    if in_part and _has_open(actor, pk):
        return
    number = db.session.scalar(select(Case.number).where(Case.id == case_id)) or ""
    log.record_now(actor, OPENED, ("document", pk, number), type=kind, version=version, case=case_id)


def _has_open(actor: Actor, pk: int) -> bool:
    mine = (
        AuditEntry.subject_type == "document", AuditEntry.subject == str(pk), AuditEntry.action == OPENED,
        AuditEntry.actor_id == actor.id, AuditEntry.at > clock.now() - LASTS,
    )  # fmt: skip
    return db.session.scalar(select(AuditEntry.id).where(*mine).limit(1)) is not None
