"""Makes a mail an entry of a case: an event of its history, with the files that came with it as documents."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Case, Document, Event, IncomingMail, OutgoingMail
from app.services.cases.effects import TransitionWork
from app.services.core import clock, history
from app.services.core.access import Actor, openers
from app.services.core.errors import Refused, Unavailable
from app.services.core.wording import MAIL_CAME
from app.services.documents.documents import Incoming, Upload, attach, taken_in
from app.services.mail.mailboxes import robot
from app.services.mail.parsing import Mail
from app.sop import SOPS, sop_of
from app.workflow.declaration import FromMail, Sop
from app.workflow.values import LONGTEXT_LIMIT

CUT = " […]"
#: By what the history names a mail, among the changes of its event.
ABOUT = "mail"


@dataclass
class Files:
    """What came with a mail and may be a document; ``refused``: a sentence for each file that may not."""

    taken: list[Incoming] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def way(sop: Sop) -> FromMail:
    """How mails become entries of cases under this revision; one that does not say follows the newest."""
    found = sop.from_mail or SOPS[sop.key].from_mail
    if found is None:
        raise LookupError(f"{sop.key} takes no mails")
    return found


@contextmanager
def files_of(sop: Sop, mail: Mail, raw: bytes) -> Iterator[Files]:
    """Takes the files of a mail in for the time of a transaction, by the same checks as every upload; one that is
    refused refuses no other."""
    found, kinds = Files(), way(sop)
    offered = [(kinds.attachments, one.filename, one.content) for one in mail.attachments]
    if kinds.mail:
        offered.append((kinds.mail, f"{mail.subject[:80] or 'mail'}.eml".replace("/", "-"), raw))
    with ExitStack() as stack:
        for kind, name, content in offered:
            try:
                uploads = {kind: [Upload(name, io.BytesIO(content))]}
                found.taken += stack.enter_context(taken_in(sop, uploads))
            except Unavailable:
                raise
            except Refused as refusal:
                found.refused += [refusal.message] if kind == kinds.attachments else []
        yield found


def add(session: Session, case: Case, actor: Actor, row: IncomingMail, mail: Mail, files: Files) -> Event:
    """In the caller's transaction, in which ``case`` is locked."""
    now = clock.now()
    known = {(one.type, one.sha256) for one in session.scalars(select(Document).where(Document.case_id == case.id))}
    new = [one for one in files.taken if (one.type, one.taken.sha256) not in known]
    added = attach(session, case, actor, new, now)
    said_in = sop_of(case).fields.get(way(sop_of(case)).text)
    secret = said_in is not None and bool(openers(said_in))
    about = f"{row.sender_name} <{row.sender}>: {row.subject}" if row.sender_name else f"{row.sender}: {row.subject}"
    event = history.append(
        session, case, actor, MAIL_CAME, now, from_state=case.state, note=_note(row.text, files.refused),
        changes={} if secret else {ABOUT: [None, about]}, documents=added,
    )  # fmt: skip
    row.state, row.reason, row.detail, row.case_id = "on_case", "", "", case.id
    return event


def _note(text: str, refused: Sequence[str]) -> str:
    if not refused:
        return shortened(text)
    lost = _("Not taken over (the source of the mail has them):")
    return "\n".join([shortened(text), "", lost, *(f"- {one}" for one in refused)]).strip()


def shortened(text: str) -> str:
    return text if len(text) <= LONGTEXT_LIMIT else text[: LONGTEXT_LIMIT - len(CUT)] + CUT


def acknowledge(session: Session, case: Case, row: IncomingMail) -> None:
    """Answers with the number, unless opening the case has done so; either way the answer refers to what it
    answers."""
    sop = sop_of(case)
    if not _answers(session, case) and (answer := way(sop).acknowledgement) is not None:
        answer(case, TransitionWork(session, robot(sop), case, {}, "", clock.now()))
        session.flush()
    for mail in _answers(session, case):
        mail.in_reply_to = row.message_id


def _answers(session: Session, case: Case) -> Sequence[OutgoingMail]:
    mine = select(OutgoingMail).where(OutgoingMail.case_id == case.id, OutgoingMail.internal.is_(False))
    return session.scalars(mine).all()


def answers(found: FromMail, sender: str, name: str, subject: str, text: str) -> dict[str, Any]:
    """What a mail answers in the form that opens a case, as a program would send it; nothing that it does not say."""
    whole = text if found.subject else "\n\n".join(filter(None, (subject, text)))
    said = {
        found.sender: sender, found.sender_name: name, found.subject: subject[:255], found.text: shortened(whole),
    }  # fmt: skip
    return dict(found.answers) | {key: value for key, value in said.items() if key and value}
