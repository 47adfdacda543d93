"""Sends notices about cases and due reports: to the inbox and, for those who chose so, by mail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.orm import Session

from app.models import Case, Event, Notice, NoticeChoice, OutgoingMail, User
from app.services.core import clock
from app.services.core.access import ADMIN, NOTE_OPEN, Actor, note_readers, users_with
from app.services.core.wording import MAIL_CAME, VOIDED
from app.services.deadlines.due_reports import Period
from app.services.notices import channel_queue, outbox
from app.services.notices.recipients import Person, decided_on, mentioned, people, sent_back_to
from app.services.notices.wording import KINDS as KINDS
from app.services.notices.wording import (
    PRIVACY_DUE,
    REPORT_DUE,
    WEBHOOK_OFF,
    comment_action,
    deadline_action,
    mail,
    mail_without_case,
)
from app.workflow.declaration import Sop

#: What is over once the case has gone on, whoever did the step.
PASSING = ("my_turn", "deadline")

#: Who is notified, of which kind, about which step, state or deadline.
Recipient = tuple[Person, str, str]


def after_step(session: Session, sop: Sop, case: Case, event: Event, actor: Actor) -> None:
    """Notifies everybody whom a step concerns, inside its transaction; events that are not steps of the SOP concern
    nobody.

    Each person gets one notice, of the kind that concerns them most: a revision of their work, a decision on it, their
    name in the note, their turn.
    """
    transition = sop.transition_by_key.get(event.action)
    if transition is None:
        return
    moved = event.from_state != case.state
    back: frozenset[int] = frozenset()
    decided: frozenset[int] = frozenset()
    if event.action in sop.sent_back_by and _went_back(sop, event):
        back = sent_back_to(session, sop, case, event)
    elif transition.four_eyes:
        decided = decided_on(session, event, transition)
    names = mentioned(event.note)
    readers = frozenset() if NOTE_OPEN in (event.changes or {}) else note_readers(sop, event.action, event.from_state)
    if not transition.creates:
        _settle(session, case, actor, event.at, moved)
    if not (moved or back or decided or names):
        return
    notices: list[Recipient] = []
    found = people(
        session, sop, case, but=actor.id, ids=back | decided, names=names, turn=moved, readers=readers
    )  # fmt: skip
    for person in found:
        if person.id in back:
            notices.append((person, "revision", event.action))
        elif person.id in decided:
            notices.append((person, "approved", event.action))
        elif person.username.lower() in names:
            notices.append((person, "mention", event.action))
        else:
            notices.append((person, "my_turn", case.state))
    _tell(session, sop, case, notices, actor.name, event.at, secret=bool(readers))


def deadline_near(session: Session, sop: Sop, case: Case, key: str, level: int) -> None:
    """Notifies those whose turn it is that ``level`` per cent of a deadline are used. The notice stores the clock's
    ``key``; its label follows from the declaration, in the reader's language."""
    action = deadline_action(key, level)
    notices = [(person, "deadline", action) for person in people(session, sop, case, but=None, turn=True)]
    _tell(session, sop, case, notices, "", clock.now())


def escalated(session: Session, sop: Sop, case: Case, key: str, role: str) -> None:
    """Notifies everybody of ``role`` who sees the case that a deadline has run out."""
    notices = [(person, "escalation", key) for person in people(session, sop, case, but=None, role=role)]
    _tell(session, sop, case, notices, "", clock.now())


def report_due(session: Session, people: Sequence[Person], period: Period, level: int) -> None:
    """Notifies ``people`` that the report on ``period`` is due soon, once for each ``level`` of its time."""
    action = deadline_action(period.key, level)
    _tell(session, None, None, [(person, REPORT_DUE, action) for person in people], "", clock.now())


def webhook_off(session: Session, name: str) -> None:
    """Notifies the administrators that a webhook was switched off because nothing reached it."""
    admins = select(User.id, User.username, User.email).where(User.active, users_with((ADMIN,))).order_by(User.id)
    people = [Person(pk, username, email or "", turn=True) for pk, username, email in session.execute(admins)]
    _tell(session, None, None, [(person, WEBHOOK_OFF, name) for person in people], "", clock.now())


def privacy_due(session: Session, number: str, level: int, roles: Collection[str]) -> int:
    """Notifies the officers that ``level`` per cent of the time of a request about personal data are used; returns how
    many."""
    found = select(User.id, User.username, User.email, User.mail_language).where(User.active, users_with(roles))
    people = [
        Person(pk, name, email or "", True, language)
        for pk, name, email, language in session.execute(found.order_by(User.id))
    ]
    action = deadline_action(number, level)
    _tell(session, None, None, [(person, PRIVACY_DUE, action) for person in people], "", clock.now())
    return len(people)


def corrected(
    session: Session, sop: Sop, case: Case, event: Event, actor: Actor, readers: frozenset[str]
) -> None:  # fmt: skip
    """Notifies those whom the reason of a correction names, of those who may read it (``readers``; none: all)."""
    if names := mentioned(event.note):
        found = people(session, sop, case, but=actor.id, names=names, readers=readers)
        notices = [(person, "mention", event.action) for person in found]
        _tell(session, sop, case, notices, actor.name, event.at, secret=bool(readers))


def mail_came(session: Session, sop: Sop, case: Case, event: Event) -> None:
    """Notifies those for whom the case waits that somebody outside has written; of a closed one, those who can do
    anything more on it."""
    closed = sop.state(case.state).is_final
    roles = {role for step in sop.transitions if closed and case.state in step.source for role in step.by}
    found = {person.id: person for role in roles for person in people(session, sop, case, but=None, role=role)}
    found |= {person.id: person for person in people(session, sop, case, but=None, turn=True)}
    _tell(session, sop, case, [(person, MAIL_CAME, event.action) for person in found.values()], "", event.at)


def void_asked(session: Session, sop: Sop, case: Case, actor: Actor) -> None:
    """Notifies those who may declare the case void that somebody asks for it."""
    found = {one.id: one for role in sop.voided_by for one in people(session, sop, case, but=actor.id, role=role)}
    notices = [(person, "void_asked", "") for person in found.values()]
    _tell(session, sop, case, notices, actor.name, clock.now())


def void_decided(session: Session, sop: Sop, case: Case, actor: Actor, action: str, asked_by: int | None) -> None:
    """Notifies whoever had asked to declare the case void; a case that is void has nothing more to say to anybody."""
    now = clock.now()
    _settle(session, case, actor, now, moved=action == VOIDED)
    asked = [] if asked_by in (None, actor.id) else [asked_by]
    found = people(session, sop, case, but=actor.id, ids=[pk for pk in asked if pk is not None])
    _tell(session, sop, case, [(person, "approved", action) for person in found], actor.name, now)


def mail_failed(session: Session, sop: Sop, case: Case, sender_id: int | None) -> None:
    """Notifies whoever had sent a mail that it could not be delivered; where that was nobody, or somebody who does not
    see the case any more, those whose turn it is."""
    found = people(session, sop, case, but=None, ids=[] if sender_id is None else [sender_id])
    found = found or people(session, sop, case, but=None, turn=True)
    _tell(session, sop, case, [(person, "mail_failed", "") for person in found], "", clock.now())


def handed_over(session: Session, sop: Sop, case: Case, actor: Actor, user_id: int) -> None:
    """Notifies somebody that the case was handed over to them, unless they did it themselves."""
    notices = [(person, "handed_over", "") for person in people(session, sop, case, but=actor.id, ids=[user_id])]
    _tell(session, sop, case, notices, actor.name, clock.now())


def commented(
    session: Session, sop: Sop, case: Case, event: Event, actor: Actor, readers: Collection[str]
) -> None:  # fmt: skip
    """Notifies those whom a comment names and who have one of ``readers``' roles (none: all who see the case)."""
    action = comment_action(event.seq)
    called = people(session, sop, case, but=actor.id, names=mentioned(event.note), readers=readers)
    notices = [(person, "mention", action) for person in called]
    _tell(session, sop, case, notices, actor.name, event.at, secret=bool(readers))


def _went_back(sop: Sop, event: Event) -> bool:
    """A step that can send back may end further on as well."""
    places = [state.key for state in sop.states]
    return event.from_state is not None and places.index(event.to_state) < places.index(event.from_state)


def _settle(session: Session, case: Case, actor: Actor, at: datetime, moved: bool) -> None:
    """Marks notices as read that a step settles: those of whoever did it, and once the case has moved, what is over for
    everybody."""
    over = Notice.user_id == actor.id
    if moved:
        over = or_(over, Notice.kind.in_(PASSING))
    # Somebody who marks them as read at the same moment must not stand in the way of the step.
    unread = (
        select(Notice.id)
        .where(and_(Notice.case_id == case.id, Notice.read_at.is_(None), over))
        .with_for_update(skip_locked=True)
    )
    session.execute(
        update(Notice).where(Notice.id.in_(unread)).values(read_at=at), execution_options={"synchronize_session": False}
    )


def _tell(
    session: Session, sop: Sop | None, case: Case | None, notices: Sequence[Recipient], name: str, at: datetime,
    secret: bool = False,
) -> None:  # fmt: skip
    """``secret``: where somebody is mentioned only some roles may read, so no channel learns of it."""
    if not notices:
        return
    case_id = None if case is None else case.id
    session.execute(
        insert(Notice),
        [
            {"user_id": person.id, "case_id": case_id, "kind": kind, "action": action, "by_name": name, "at": at}
            for person, kind, action in notices
        ],
    )
    _mail(session, sop, case, notices, at)
    notified: dict[tuple[str, str], list[int]] = {}
    for person, kind, action in notices:
        if not (secret and kind == "mention"):
            notified.setdefault((kind, action), []).append(person.id)
    channel_queue.queue(session, sop, case, notified)


def _mail(session: Session, sop: Sop | None, case: Case | None, notices: Sequence[Recipient], at: datetime) -> None:
    """The same into the outbox, for those who chose to be mailed at once, each in their language."""
    wanted = select(NoticeChoice.user_id, NoticeChoice.kind).where(
        NoticeChoice.user_id.in_([person.id for person, _kind, _action in notices]), NoticeChoice.digest.is_(False)
    )
    chosen = set(session.execute(wanted).tuples())
    mails: list[dict[str, Any]] = []
    for person, kind, action in notices:
        if (person.id, kind) in chosen and "@" in person.email and len(person.email) <= outbox.LONGEST:
            with force_locale(person.language or current_app.config["BABEL_DEFAULT_LOCALE"]):
                subject, text = (
                    mail(sop, case.number, kind, action) if sop and case else mail_without_case(kind, action)
                )
            mails.append(
                {"case_id": case and case.id, "recipient": person.email, "subject": subject, "text": text,
                 "documents": [], "written_at": at, "internal": True, "language": person.language}
            )  # fmt: skip
    if mails:
        session.execute(insert(OutgoingMail), mails)
