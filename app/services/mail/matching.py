"""The case to which a mail belongs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr

from flask import current_app
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.models import Case, IncomingMail, OutgoingMail, Purge
from app.models.derive import case_model
from app.services.mail.parsing import Mail
from app.sop import SOPS
from app.workflow.declaration import Sop

#: What a number of a case is made of; words of a subject that are looked up.
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9/._-]{2,31}")
MOST_WORDS = 40


@dataclass(frozen=True)
class Match:
    """``reason``: why the mail is no entry of the case all the same, a key of ``wording.REASONS``."""

    case_id: int
    reason: str = ""


def match(session: Session, sop_key: str, mail: Mail) -> Match | None:
    """By the mails that it answers, else by a number in its subject; None where it belongs to no case yet. Either way
    only who is known to the case adds to it: a number is soon read off somewhere, and a mail soon passed on."""
    pk = _answered(session, mail.references) or _named(session, sop_key, mail.subject)
    return None if pk is None else Match(pk, _obstacle(session, sop_key, pk, mail.sender))


def answers_us(session: Session, ids: tuple[str, ...]) -> int | None:
    """The case of the first of these mails that we have written."""
    return _first(session, OutgoingMail, ids)


def _answered(session: Session, ids: tuple[str, ...]) -> int | None:
    return answers_us(session, ids) or _first(session, IncomingMail, ids)


def _first(session: Session, model: type[OutgoingMail | IncomingMail], ids: tuple[str, ...]) -> int | None:
    if not ids:
        return None
    found = dict(
        session.execute(
            select(model.message_id, model.case_id).where(model.message_id.in_(ids), model.case_id.is_not(None))
        )
        .tuples()
        .all()
    )
    return next((found[one] for one in ids if one in found), None)


def _named(session: Session, sop_key: str, subject: str) -> int | None:
    words = {word.rstrip("./-_").upper() for word in NUMBER.findall(subject)[:MOST_WORDS]}
    if not words:
        return None
    query = select(Case.id).where(Case.sop == sop_key, func.upper(Case.number).in_(words)).order_by(Case.id.desc())
    return session.scalars(query.limit(1)).first()


def _obstacle(session: Session, sop_key: str, pk: int, sender: str) -> str:
    case: Case = session.scalars(select(Case).where(Case.id == pk)).one()
    if case.sop != sop_key:
        return "other_sop"
    if case.voided_at is not None:
        return "void"
    if session.scalar(select(exists().where(Purge.case_id == pk, Purge.whole))):
        return "purged"
    return "" if knows(session, SOPS[sop_key], pk, sender) else "unknown_sender"


def knows(session: Session, sop: Sop, pk: int, sender: str) -> bool:
    """Whether a case has this address: in one of its fields, or as that of somebody to whom or from whom a mail has
    gone before."""
    case = session.get_one(case_model(sop.key), pk)
    keys = [key for key, field in sop.fields.items() if field.kind.link in ("mail", "mail or phone")]
    if sender in {str(getattr(case, key, None) or "").strip().lower() for key in keys}:
        return True
    written = exists().where(
        OutgoingMail.case_id == pk, OutgoingMail.internal.is_(False), func.lower(OutgoingMail.recipient) == sender
    )
    heard = exists().where(IncomingMail.case_id == pk, IncomingMail.state == "on_case", IncomingMail.sender == sender)
    return bool(session.scalar(select(written | heard)))


def is_ours(session: Session, mail: Mail) -> bool:
    """Whether we wrote it ourselves: a mailbox that forwards to itself, or one SOP that writes to another's."""
    own = {parseaddr(current_app.config["MAIL_FROM"])[1].lower()}
    own |= {one.user.lower() for one in current_app.config["MAILBOXES"] if "@" in one.user}
    known = select(exists().where(OutgoingMail.message_id == mail.message_id))
    return mail.sender in own - {""} or bool(session.scalar(known))
