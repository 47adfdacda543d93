"""Takes a mail in, once: as a new case, as an entry of one, into the quarantine, or as one that nobody needs."""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import IncomingMail
from app.services.cases import transitions
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.core.errors import Refused, Unavailable
from app.services.core.locking import locked
from app.services.mail import archive, entries
from app.services.mail.mailboxes import robot, way_of
from app.services.mail.matching import Match, is_ours, match
from app.services.mail.parsing import Mail, parse
from app.services.notices import bounces, notify
from app.sop import SOPS, sop_of
from mail_settings import Mailbox

#: Mails of one sender within an hour; what is beyond them waits for somebody, and nobody is answered.
MOST_PER_HOUR = 20
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Verdict:
    """What a mail is to become; ``case_id``: the case to which it belongs, or seems to."""

    state: str
    reason: str = ""
    detail: str = ""
    case_id: int | None = None


NEW_CASE = "new_case"


def take_in(mailbox: Mailbox, raw: bytes, size: int | None = None) -> bool:
    """Stores a mail and does what follows from it, in one transaction; whether it was new. ``size``: its bytes, where
    ``raw`` is but its beginning. Raises ``Unavailable``; then nothing is stored, and it is to be tried again."""
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        mail = parse(raw)
        if size is not None and size > len(raw):
            mail = replace(mail, trouble="too_large", detail="", text="", reply="", attachments=())
        if _is_stored(db.session(), mailbox, mail):
            return False
        row = {"size": size or len(raw), "storage_key": archive.put(mailbox.address, raw)}
        try:
            return _store(mailbox, mail, raw, row)
        except Unavailable:
            raise
        except Refused as refusal:
            return _quarantine(mailbox, mail, row, Verdict("quarantined", "incomplete", refusal.message))
        except IntegrityError:
            # Another worker had the same mail at the same moment; on SQLite it would have been seen before.
            if _is_stored(db.session(), mailbox, mail):
                return False
            raise
        except (SQLAlchemyError, OSError):
            raise  # the mail is not to blame
        except Exception as error:
            current_app.logger.exception("a mail of MAILBOX_%s is quarantined", mailbox.number)
            return _quarantine(mailbox, mail, row, Verdict("quarantined", "unreadable", type(error).__name__))


def _store(mailbox: Mailbox, mail: Mail, raw: bytes, row: dict[str, Any]) -> bool:
    sop = SOPS[mailbox.sop]
    trusted = mail.kind == "person" and not mail.trouble
    taken = entries.files_of(sop, mail, raw) if trusted else nullcontext(entries.Files())
    with taken as files, write_transaction() as session:
        if _is_stored(session, mailbox, mail):
            return False
        verdict = judge(session, mailbox, mail)
        stored = _row(session, mailbox, mail, row, verdict)
        if verdict.state == NEW_CASE:
            _open_case(session, mailbox, stored, mail, files)
        elif verdict.state == "on_case" and verdict.case_id is not None:
            _add(session, mailbox, stored, mail, files, verdict.case_id)
        elif mail.bounce is not None and mail.bounce.final and mail.bounce.message_id:
            # By its id alone: an address can be guessed, and who reports here may be anybody.
            bounces.bounced(mail.bounce.message_id, mail.bounce.reason)
    return True


def _quarantine(mailbox: Mailbox, mail: Mail, row: dict[str, Any], verdict: Verdict) -> bool:
    with write_transaction() as session:
        if _is_stored(session, mailbox, mail):
            return False
        _row(session, mailbox, mail, row, verdict)
    return True


def judge(session: Session, mailbox: Mailbox, mail: Mail) -> Verdict:
    if is_ours(session, mail):
        return Verdict("ignored", "own")
    if mail.kind != "person":
        return Verdict("ignored", mail.kind)
    if mail.trouble:
        return Verdict("quarantined", mail.trouble, mail.detail)
    if _came_otherwise(session, mailbox, mail):
        return Verdict("ignored", "duplicate")
    found = match(session, mailbox.sop, mail) or Match(0)
    if _writes_too_often(session, mail.sender):
        return Verdict("quarantined", "too_many", case_id=found.case_id or None)
    if not found.case_id:
        return Verdict(NEW_CASE)
    return Verdict("quarantined" if found.reason else "on_case", found.reason, case_id=found.case_id)


def _row(
    session: Session, mailbox: Mailbox, mail: Mail, row: dict[str, Any], verdict: Verdict
) -> IncomingMail:  # fmt: skip
    """Written at once, so that whoever has the same mail at the same moment waits here. A mail that answers nothing is
    shown as it is, with what it quotes."""
    answers = verdict.case_id is not None
    stored = IncomingMail(
        mailbox=mailbox.address, sop=mailbox.sop, message_id=mail.message_id,
        state="on_case" if verdict.state == NEW_CASE else verdict.state, reason=verdict.reason,
        detail=verdict.detail, sender=mail.sender, sender_name=mail.sender_name, subject=mail.subject,
        text=entries.shortened(mail.reply if answers else mail.text), written_at=mail.written_at,
        received_at=clock.now(), case_id=verdict.case_id, **row,
    )  # fmt: skip
    session.add(stored)
    session.flush()
    return stored


def _open_case(session: Session, mailbox: Mailbox, stored: IncomingMail, mail: Mail, files: entries.Files) -> None:
    way = way_of(mailbox.sop)
    if way is None:  # a revision that takes no mails has come into effect since the start
        raise Refused("")
    said = entries.answers(way, mail.sender, mail.sender_name, mail.subject, mail.text)
    actor = robot(SOPS[mailbox.sop])
    submission = hashlib.sha256(f"{mailbox.sop} {mail.message_id}".encode()).hexdigest()
    case = transitions.create(actor, mailbox.sop, said, submission=submission)
    entries.add(session, case, actor, stored, mail, files)
    entries.acknowledge(session, case, stored)


def _add(
    session: Session, mailbox: Mailbox, stored: IncomingMail, mail: Mail, files: entries.Files, pk: int
) -> None:  # fmt: skip
    actor = robot(SOPS[mailbox.sop])
    case = locked(session, actor, mailbox.sop, pk)
    event = entries.add(session, case, actor, stored, mail, files)
    notify.mail_came(session, sop_of(case), case, event)


def _is_stored(session: Session, mailbox: Mailbox, mail: Mail) -> bool:
    same = exists().where(IncomingMail.mailbox == mailbox.address, IncomingMail.message_id == mail.message_id)
    return bool(session.scalar(select(same)))


def _came_otherwise(session: Session, mailbox: Mailbox, mail: Mail) -> bool:
    """Whether another mailbox of the same procedure had it: who writes to two addresses opens one case."""
    same = exists().where(
        IncomingMail.message_id == mail.message_id, IncomingMail.sop == mailbox.sop, IncomingMail.state == "on_case"
    )
    return bool(session.scalar(select(same)))


def _writes_too_often(session: Session, sender: str) -> bool:
    since = clock.now() - HOUR
    recent = select(func.count()).where(IncomingMail.sender == sender, IncomingMail.received_at > since)
    return int(session.scalar(recent) or 0) >= MOST_PER_HOUR
