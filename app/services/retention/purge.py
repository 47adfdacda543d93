"""Purges what is due: files, personal data and their traces.

It leaves what statistics need: states, times, choices, amounts, dates, and the history without free text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import and_, func, null, select, update
from sqlalchemy.orm import Session

from app.models import Case, Comment, Document, Event, IncomingMail, LegalHold, OutgoingMail, Purge
from app.models.derive import column_of, record_model
from app.services.audit import log
from app.services.cases import creation
from app.services.core import clock, history, personal
from app.services.core.access import SYSTEM, Actor, visible_or_404
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, Refused
from app.services.core.locking import locked
from app.services.core.wording import PURGED, PURGED_FILES
from app.services.documents import storage
from app.services.notices import outbox
from app.services.retention.retention import Due, due, due_of, is_held, officer_or_refused
from app.services.search.index import index
from app.sop import SOPS, sop_of
from app.workflow.declaration import Sop


def purge(actor: Actor, sop_key: str, pk: int) -> int:
    """Purges what is due of a case and records it; returns how many files were removed.

    Raises ``Refused``: not a retention officer, on hold, nothing due. The files go once the record is committed; what
    is left of them when the process dies in between, the sweeper of orphans removes.
    """
    sop = sop_of(visible_or_404(actor, sop_key, pk))
    officer_or_refused(actor, sop)
    with write_transaction() as session:
        case = locked(session, actor, sop_key, pk)
        if is_held(pk):
            raise Conflict(_("%(number)s is on legal hold: nothing was removed.", number=case.number))
        wanted = due_of(sop, pk)
        if wanted is None:
            raise Conflict(_("Nothing of %(number)s is due to be removed.", number=case.number))
        now = clock.now()
        keys = _remove_documents(session, pk, wanted.documents, now)
        sources = _remove_sources(session, sop, pk, wanted)
        if wanted.whole:
            _forget_people(session, sop, case)
        _write_down(session, actor, sop, case, wanted, now)
        if wanted.whole:
            _empty_history(session, case)
            index(session, case)  # it reads the history of rounds before
    _remove_files([*keys, *sources])
    return len(keys)


def purge_due() -> Iterator[tuple[Due, str]]:
    """Purges everything that is due and not on hold, as the system itself; yields each with the reason why it was not
    purged, if so."""
    found, removed = due(SOPS.values()), 0
    log.record_now(log.present(), "retention.begun", cases=len(found))
    try:
        for one in found:
            if one.held:
                yield one, _("on legal hold")
                continue
            try:
                purge(SYSTEM, one.sop.key, one.id)
            except Refused as refusal:  # somebody was faster
                yield one, refusal.message
            else:
                removed += 1
                yield one, ""
    finally:
        log.record_now(log.present(), "retention.ended", cases=len(found), removed=removed)


def _remove_documents(session: Session, case_id: int, types: Collection[str], now: datetime) -> list[str]:
    """Removes the names of the documents and marks them; returns the storage keys of their files."""
    present = select(Document).where(
        Document.case_id == case_id, Document.type.in_(types), Document.purged_at.is_(None)
    )
    keys = []
    for document in session.scalars(present):
        keys.append(document.storage_key)
        document.filename, document.purged_at = "", now
    session.flush()
    return keys


def _remove_sources(session: Session, sop: Sop, case_id: int, wanted: Due) -> list[str]:
    """The keys of the raw sources of its mails, once what came with them is due: they hold it as well."""
    ways = [one.from_mail for one in sop.revisions if one.from_mail]
    brought = {key for way in ways for key in (way.attachments, way.mail)}
    if not (wanted.whole or brought & set(wanted.documents)):
        return []
    keys = []
    mine = select(IncomingMail).where(IncomingMail.case_id == case_id, IncomingMail.storage_key.is_not(None))
    for mail in session.scalars(mine):
        keys.append(str(mail.storage_key))
        mail.storage_key = None
    session.flush()
    return keys


def _forget_people(session: Session, sop: Sop, case: Case) -> None:
    """Empties every field with personal data or free text, and all copies of it but those in the history."""
    for key in emptied_of_case(sop):
        setattr(case, key, None)
    for records in sop.records_by_key.values():
        if emptied := {column_of(field): null() for field in personal.of_rows(sop, records)}:
            model = record_model(sop.key, records.key)
            session.execute(update(model).where(model.case_id == case.id).values(emptied))
    session.execute(update(Comment).where(Comment.case_id == case.id).values(words=""))
    session.execute(update(LegalHold).where(LegalHold.case_id == case.id).values(reason=""))
    session.execute(
        update(IncomingMail)
        .where(IncomingMail.case_id == case.id)
        .values(sender="", sender_name="", subject="", text="", detail="")
    )
    session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.case_id == case.id)
        .values(recipient="", subject="", text="", documents=[], error="", in_reply_to="", references="")
    )
    # What has not gone out has nobody left to go to; a worker that is about to send it finds its lease gone.
    waiting = and_(OutgoingMail.case_id == case.id, OutgoingMail.state.in_((outbox.QUEUED, outbox.SENDING)))
    session.execute(update(OutgoingMail).where(waiting).values(state=outbox.DISCARDED, lease=None, leased_until=None))
    creation.refresh(sop, case)
    session.flush()


def _empty_history(session: Session, case: Case) -> None:
    """The events before the record of the purge; the database lets nobody do that without such a record."""
    newest = session.scalar(select(func.max(Event.seq)).where(Event.case_id == case.id))
    earlier = (Event.case_id == case.id, Event.seq < newest)
    session.execute(update(Event).where(*earlier).values(note=None, changes=None, salt=None))


def emptied_of_case(sop: Sop) -> frozenset[str]:
    """The keys of the case's own fields that a purge empties."""
    return personal.of_case(sop) | {key for key, field in sop.fields.items() if field.kind.long}


def _write_down(session: Session, actor: Actor, sop: Sop, case: Case, done: Due, now: datetime) -> None:
    """The record of its own, and that of the case's history, which names what is emptied."""
    session.add(
        Purge(
            case_id=case.id, number=case.number, sop=case.sop, whole=done.whole, files=done.files, bytes=done.bytes,
            document_types=", ".join(done.documents), purged_by=actor.name, purged_at=now,
        )
    )  # fmt: skip
    log.record(actor, "purge.done", ("case", case.id, case.number), whole=done.whole, files=done.files,
               document_types=list(done.documents))  # fmt: skip
    note = ngettext("%(num)s file removed.", "%(num)s files removed.", done.files)
    if done.whole:
        note += " " + _("Personal data removed.")
    emptied = [*emptied_of_case(sop), "note", "changes"] if done.whole else []
    changes = {history.EMPTIED: [None, sorted(emptied)]} if emptied else {}
    action = PURGED if done.whole else PURGED_FILES
    history.append(session, case, actor, action, now, from_state=case.state, note=note, changes=changes)


def _remove_files(keys: Collection[str]) -> None:
    for key in keys:
        try:
            storage.forget(key)
        except Exception:
            current_app.logger.exception("file %s is left to the sweeper", key)
