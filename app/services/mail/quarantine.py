"""What people do with mails: look, make a case, attach to a case, discard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Case, IncomingMail, MailboxState, Purge
from app.services.audit import log
from app.services.core import clock, masking
from app.services.core.access import LARGEST_KEY, Actor, openers, visible_or_404
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, NotVisible, ValidationFailed, refuse_void
from app.services.core.locking import locked
from app.services.core.paging import Paged, page_of_rows
from app.services.mail import archive, entries
from app.services.mail.mailboxes import mailboxes, sops_with_mail, way_of
from app.services.mail.parsing import parse
from app.services.mail.wording import STATES
from app.services.notices import notify
from app.sop import SOPS, sop_of
from app.workflow.declaration import DocumentType, Field, Sop

QUARANTINED = "quarantined"


def handles(actor: Actor) -> bool:
    """Whether ``actor`` has to do with any mails."""
    return bool(sops_with_mail(actor))


def page(actor: Actor, state: str, number: int) -> Paged[IncomingMail]:
    """Mails of a state, the newest first."""
    query = select(IncomingMail).where(_mine(actor), IncomingMail.state == state)
    return page_of_rows(query.order_by(IncomingMail.id.desc()), number).map(lambda row: row[0])


def counts(actor: Actor) -> dict[str, int]:
    """Of the mails of each state."""
    query = select(IncomingMail.state, func.count()).where(_mine(actor)).group_by(IncomingMail.state)
    return dict.fromkeys(STATES, 0) | dict(db.session.execute(query).tuples().all())


def states_of_mailboxes(actor: Actor) -> list[tuple[str, MailboxState | None]]:
    """Each mailbox that is read, by its address, with when that was and what stands in its way."""
    mine = {sop.key for sop in sops_with_mail(actor)}
    return [(one.address, db.session.get(MailboxState, one.address)) for one in mailboxes() if one.sop in mine]


def one(actor: Actor, pk: int) -> IncomingMail:
    """Raises ``NotVisible``."""
    query = select(IncomingMail).where(_mine(actor), IncomingMail.id == min(max(pk, 0), LARGEST_KEY))
    found: IncomingMail | None = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotVisible(_("There is no such mail, or you may not see it."))
    return found


def source(actor: Actor, pk: int) -> tuple[IncomingMail, Iterator[bytes]]:
    """A mail and its raw source: for who handles the mails of its procedure, and for who sees its case and may read
    and open all that it has become there. Raises ``NotVisible``."""
    found = db.session.get(IncomingMail, pk) if 0 < pk <= LARGEST_KEY else None
    if found is None or found.storage_key is None or not _may_read(actor, found):
        raise NotVisible(_("There is no such mail, or you may not see it."))
    log.record_now(actor, "mail.opened", ("mail", pk, found.case.number if found.case else ""))
    return found, archive.read(found)


def _may_read(actor: Actor, mail: IncomingMail) -> bool:
    if mail.sop in {sop.key for sop in sops_with_mail(actor)}:
        return True
    if mail.state != "on_case" or mail.case_id is None:
        return False
    try:
        case = visible_or_404(actor, mail.sop, mail.case_id)
    except NotVisible:
        return False
    sop = sop_of(case)
    if masking.masked_now(actor, case):
        return False
    way = entries.way(sop)
    kinds = [sop.document_by_key.get(key or "") for key in (way.attachments, way.mail)]
    return _reads(actor, sop) and all(_opens(actor, kind) for kind in kinds)


def _reads(actor: Actor, sop: Sop) -> bool:
    """Whether ``actor`` may read what mails on a case say."""
    return _opens(actor, sop.fields.get(entries.way(sop).text))


def _opens(actor: Actor, part: DocumentType | Field | None) -> bool:
    return part is None or not openers(part) or bool(actor.roles & set(openers(part)))


def of_case(actor: Actor, case: Case) -> list[tuple[IncomingMail, bool]]:
    """The mails that are entries of a case, the newest first; with whether ``actor`` may read the source."""
    if not _reads(actor, sop_of(case)):
        return []
    query = select(IncomingMail).where(IncomingMail.case_id == case.id, IncomingMail.state == "on_case")
    found = db.session.scalars(query.order_by(IncomingMail.id.desc()))
    return [(mail, mail.storage_key is not None and _may_read(actor, mail)) for mail in found]


def discard(actor: Actor, pk: int) -> None:
    """Raises ``NotVisible``; ``Conflict`` when somebody has done something with it already."""
    with write_transaction() as session:
        mail = _waiting(session, actor, pk)
        mail.state = "discarded"
        _settled(mail, actor)
        log.record(actor, "mail.discarded", ("mail", pk, ""), sop=mail.sop)


def attach_to(actor: Actor, pk: int, number: str) -> Case:
    """Makes it an entry of the case of that number, which then knows its sender. Raises ``ValidationFailed`` where
    there is no such case of the mail's procedure, else as ``discard``."""
    found = one(actor, pk)
    meant = _case_of(actor, found.sop, number.strip())
    sop, case_id, raw = sop_of(meant), meant.id, _raw(found)
    mail = parse(raw)
    with entries.files_of(sop, mail, raw) as files, write_transaction() as session:
        row = _waiting(session, actor, pk)
        case: Case = locked(session, actor, row.sop, case_id)
        row.text = entries.shortened(mail.reply) or row.text
        event = entries.add(session, case, actor, row, mail, files)
        _settled(row, actor)
        log.record(actor, "mail.attached", ("case", case_id, case.number), mail=pk)
        notify.mail_came(session, sop_of(case), case, event)
    return case


def _case_of(actor: Actor, sop: str, number: str) -> Case:
    pk = db.session.scalar(select(Case.id).where(Case.sop == sop, func.upper(Case.number) == number.upper()))
    if pk is None:
        raise ValidationFailed(_("There is no case “%(number)s” of this procedure.", number=number[:60]))
    case: Case = visible_or_404(actor, sop, pk)
    refuse_void(case)
    if db.session.scalar(select(Purge.id).where(Purge.case_id == pk, Purge.whole).limit(1)):
        raise Conflict(_("The personal data of this case were removed; nothing can be added to it any more."))
    return case


def prefilled(actor: Actor, sop_key: str, pk: int) -> dict[str, Any]:
    """What the mail answers in the form that opens a case. Raises as ``discard`` does."""
    mail = one(actor, pk)
    way = way_of(sop_key)
    if mail.sop != sop_key or way is None:
        raise NotVisible(_("There is no such mail, or you may not see it."))
    _waits(mail)
    return entries.answers(way, mail.sender, mail.sender_name, mail.subject, mail.text)


def make_case(actor: Actor, sop_key: str, pk: int, create: Callable[[], Case]) -> Case:
    """Opens a case by ``create`` and makes the mail its first entry, all or nothing. Raises what ``create`` raises, and
    as ``discard`` does."""
    found = one(actor, pk)
    if found.sop != sop_key:
        raise NotVisible(_("There is no such mail, or you may not see it."))
    raw = _raw(found)
    mail = parse(raw)
    with entries.files_of(SOPS[sop_key], mail, raw) as files, write_transaction() as session:
        row = _waiting(session, actor, pk)
        case = create()
        entries.add(session, case, actor, row, mail, files)
        if row.sender:
            entries.acknowledge(session, case, row)
        _settled(row, actor)
        log.record(actor, "mail.attached", ("case", case.id, case.number), mail=pk)
    return case


def _mine(actor: Actor) -> ColumnElement[bool]:
    return IncomingMail.sop.in_([sop.key for sop in sops_with_mail(actor)])


def _waiting(session: Session, actor: Actor, pk: int) -> IncomingMail:
    """The mail, locked, which nobody has settled yet."""
    mail = one(actor, pk)
    session.refresh(mail, with_for_update=True)
    _waits(mail)
    return mail


def _waits(mail: IncomingMail) -> None:
    if mail.state != QUARANTINED:
        raise Conflict(_("Somebody has dealt with this mail already: %(state)s.", state=STATES[mail.state]))


def _settled(mail: IncomingMail, actor: Actor) -> None:
    mail.settled_by, mail.settled_at = actor.name, clock.now()


def _raw(mail: IncomingMail) -> bytes:
    return b"".join(archive.read(mail))
