"""Sends the outbox: leases a mail, hands it to the channel, writes down what became of it. Runs in the background every
minute; any number of workers may run it at once.

A mail is leased in a transaction of its own and sent outside of it, so no lock is held while a server is waited for. A
worker that dies leaves a lease, and once that is over somebody else takes the mail. Where it died after the server had
accepted the mail and before that was written down, the mail goes out twice, with one and the same ``Message-ID``; SMTP
knows no way to tell. Nothing else doubles a mail, and nothing loses one.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import OutgoingMail
from app.models.outgoing_mail import WAITING
from app.services.core import clock
from app.services.core.database import write_transaction
from app.services.core.errors import Unavailable
from app.services.notices import bounces, outbox
from app.services.notices.channels import FIRST_PAUSE, MOST_ATTEMPTS, Outcome, email, pause_after
from app.services.notices.composing import Undeliverable, mail_of

#: For how long a lease keeps others away: longer than a mail of the largest size takes.
LEASE_TIME = timedelta(minutes=15)
#: Seconds after which a run leaves the rest to the next one, since other tasks wait behind it.
LONGEST_RUN = 45
#: How often a busy database is asked to write down what became of a mail; each time it is waited for.
CHANCES = 5


@dataclass(frozen=True)
class Lease:
    """A mail that is ours for the time being."""

    mail_id: int
    case_id: int | None
    key: str


def send_due() -> int:
    """Sends what is due, oldest first; returns how many mails went out. Without a server all of them wait."""
    if not email.is_set_up() or db.session.scalar(select(OutgoingMail.id).where(_due(clock.now())).limit(1)) is None:
        return 0
    sent, end = 0, time.monotonic() + LONGEST_RUN
    with email.Connection() as connection:
        while time.monotonic() < end and (lease := _leased(clock.now())):
            outcome = _deliver(connection, lease)
            _remember(lease, outcome)
            sent += outcome.result == "sent"
            if outcome.result == "unreachable":
                break
    return sent


def _due(now: datetime) -> ColumnElement[bool]:
    waits = and_(
        OutgoingMail.state == outbox.QUEUED,
        or_(OutgoingMail.next_try_at.is_(None), OutgoingMail.next_try_at <= now),
    )
    left = and_(OutgoingMail.state == outbox.SENDING, OutgoingMail.leased_until <= now)
    return and_(WAITING, or_(waits, left))


def _leased(now: datetime) -> Lease | None:
    """The next mail that nobody else has; None when there is none. On PostgreSQL workers pass over each other's rows,
    on SQLite they take turns."""
    with write_transaction() as session:
        mail = session.scalars(
            select(OutgoingMail).where(_due(now)).order_by(OutgoingMail.id).limit(1).with_for_update(skip_locked=True)
        ).one_or_none()
        if mail is None:
            return None
        lease = Lease(mail.id, mail.case_id, uuid.uuid4().hex)
        mail.state, mail.lease, mail.leased_until = outbox.SENDING, lease.key, now + LEASE_TIME
        mail.message_id = mail.message_id or f"<{uuid.uuid4().hex}@{email.domain()}>"
    return lease


def _deliver(connection: email.Connection, lease: Lease) -> Outcome:
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        try:
            row = db.session.get_one(OutgoingMail, lease.mail_id)
            mail = mail_of(db.session(), row)
            db.session.rollback()  # nothing is read while the server is waited for
            return connection.deliver(mail)
        except Undeliverable as error:
            return Outcome("refused", str(error))
        except Exception as error:
            current_app.logger.exception("mail %s could not be made or handed over", lease.mail_id)
            return Outcome("later", type(error).__name__)


def _remember(lease: Lease, outcome: Outcome) -> None:
    """Writes down what became of a mail, with patience: what the server has accepted would go out again otherwise."""
    for chance in reversed(range(CHANCES)):
        try:
            _write_down(lease, outcome, clock.now())
            break
        except Unavailable:
            if not chance:
                raise


def _write_down(lease: Lease, outcome: Outcome, now: datetime) -> None:
    with write_transaction() as session:
        case = outbox.locked_case(session, lease.case_id) if _may_fail(outcome) else None
        mail = _still_ours(session, lease)
        if mail is None:
            return  # we were so slow that somebody else has it, or it was purged meanwhile
        mail.lease = mail.leased_until = mail.next_try_at = None
        mail.error = outcome.reason
        if outcome.result == "sent":
            mail.state, mail.sent_at = outbox.SENT, now
            mail.attempts += 1
        elif outcome.result == "unreachable":
            mail.state, mail.next_try_at = outbox.QUEUED, now + FIRST_PAUSE
        else:
            mail.attempts += 1
            if outcome.result == "later" and mail.attempts < MOST_ATTEMPTS:
                mail.state, mail.next_try_at = outbox.QUEUED, now + pause_after(mail.attempts)
            else:
                bounces.failed(session, case, mail, outbox.FAILED, outcome.reason, now)


def _may_fail(outcome: Outcome) -> bool:
    return outcome.result in ("later", "refused")


def _still_ours(session: Session, lease: Lease) -> OutgoingMail | None:
    mine = select(OutgoingMail).where(OutgoingMail.id == lease.mail_id, OutgoingMail.lease == lease.key)
    return session.scalars(mine.with_for_update().execution_options(populate_existing=True)).one_or_none()
