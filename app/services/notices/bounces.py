"""Mails that could not be delivered: refused by the server, or accepted and sent back. The case's history says so, and
whoever had sent the mail is told."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Case, OutgoingMail
from app.services.core import clock, history
from app.services.core.access import SYSTEM
from app.services.core.database import write_transaction
from app.services.core.wording import MAIL_FAILED
from app.services.notices import notify, outbox
from app.sop import sop_of

#: A report without the id of the mail can only mean one that went out this recently.
RECENT = timedelta(days=7)
#: The longest reason that is kept, in characters.
LONGEST_REASON = 1000


def bounced(reference: str, reason: str) -> int | None:
    """Marks a mail as sent back; ``reference`` is its ``Message-ID`` with its angle brackets or, where the report of it
    has none, the address to which it went. Answers the mail's id; None where it is none of ours, or known already.

    Whoever reports must be sure that delivery has failed for good. An id can't be guessed; an address can, so a
    report by address alone should come from a server that is trusted.
    """
    by_id = reference.startswith("<")
    with write_transaction() as session:
        # Of one that was purged the reason would bring back to whom it went.
        found = select(OutgoingMail.id, OutgoingMail.case_id).where(OutgoingMail.recipient != "")
        found = found.order_by(OutgoingMail.id.desc()).limit(1)
        if by_id:
            # One that a dying worker had handed over may still be on its way a second time; it need not go.
            states = (outbox.SENT, outbox.SENDING, outbox.QUEUED)
            found = found.where(OutgoingMail.message_id == reference, OutgoingMail.state.in_(states))
        else:
            recent = OutgoingMail.sent_at > clock.now() - RECENT
            found = found.where(OutgoingMail.recipient == reference, OutgoingMail.state == outbox.SENT, recent)
        meant = session.execute(found).one_or_none() if reference else None
        if meant is None:
            return None
        case = outbox.locked_case(session, meant.case_id)
        mail = session.get_one(OutgoingMail, meant.id, with_for_update=True, populate_existing=True)
        if mail.state == outbox.BOUNCED:
            return None
        mail.lease = mail.leased_until = mail.next_try_at = None
        failed(session, case, mail, outbox.BOUNCED, reason, clock.now())
        return int(mail.id)


def failed(session: Session, case: Case | None, mail: OutgoingMail, state: str, reason: str, now: datetime) -> None:
    """Writes down that ``mail`` could not be delivered (``state``: failed or bounced) and tells whom it concerns, in
    the caller's transaction, in which ``case`` is locked. Of a notice to a user the outbox alone tells."""
    mail.state, mail.error = state, _printable(reason)
    if case is None or mail.internal:
        return
    history.append(
        session, case, SYSTEM, MAIL_FAILED, now, from_state=case.state, note=mail.error,
        changes={"mail": [None, mail.subject]},
    )  # fmt: skip
    notify.mail_failed(session, sop_of(case), case, mail.actor_id)


def _printable(reason: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in reason).split())[:LONGEST_REASON]
