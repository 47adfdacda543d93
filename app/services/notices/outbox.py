"""The outbox: what is written into it, and what an admin sees of it and does with it. ``postman.py`` sends it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from app.extensions import db
from app.models import Case, OutgoingMail, User
from app.services.audit import log
from app.services.core import clock, history
from app.services.core.access import ADMIN, LARGEST_KEY, SYSTEM, Actor
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, Forbidden, Malformed
from app.services.core.locking import locked
from app.services.core.paging import Paged, page_of_rows
from app.services.core.wording import MAIL_DISCARDED, MAIL_RESENT
from app.sop import SOPS
from app.workflow.declaration import Text

QUEUED, SENDING, SENT, FAILED = "queued", "sending", "sent", "failed"
BOUNCED, DISCARDED = "bounced", "discarded"
#: The label of each state.
STATES: dict[str, Text] = {
    QUEUED: _l("waiting to be sent"),
    SENDING: _l("being sent"),
    SENT: _l("sent"),
    FAILED: _l("could not be sent"),
    BOUNCED: _l("came back"),
    DISCARDED: _l("discarded"),
}
COLOURS = {QUEUED: "amber", SENDING: "blue", SENT: "green", FAILED: "red", BOUNCED: "red", DISCARDED: "grey"}
#: States in which an admin may send a mail again, or discard it.
SENDABLE = (QUEUED, FAILED, BOUNCED, DISCARDED)
DISCARDABLE = (QUEUED, FAILED, BOUNCED)
#: The longest address and subject that the table takes.
LONGEST = 255
#: Mails that can be named in one call.
MOST_NAMED = 500
#: How long a notice to a user stays in the outbox once it went out or was discarded.
KEPT = timedelta(days=180)


@dataclass(frozen=True)
class Wanted:
    """Which mails a list shows: of one state, to ``customers`` or ``users``, with ``words`` in recipient or subject.
    Empty: all."""

    state: str = ""
    kind: str = ""
    words: str = ""


KINDS: dict[str, tuple[Text, ColumnElement[bool]]] = {
    "customers": (_l("Mails of cases"), OutgoingMail.internal.is_(False)),
    "users": (_l("Notices to users"), OutgoingMail.internal.is_(True)),
}


def write(
    session: Session, to: str, subject: str, text: str, *, case_id: int | None = None, documents: Sequence[int] = (),
    actor_id: int | None = None, internal: bool = False, language: str = "", in_reply_to: str = "",
    references: str = "",
) -> OutgoingMail:  # fmt: skip
    """Puts a mail into the outbox, in the caller's transaction: it is sent once that has committed. ``documents``: ids
    of the case's documents; ``in_reply_to`` and ``references``: as ``OutgoingMail`` has them."""
    mail = OutgoingMail(
        case_id=case_id, recipient=to, subject=subject[:LONGEST], text=text, documents=list(documents),
        written_at=clock.now(), actor_id=actor_id, internal=internal, language=language, in_reply_to=in_reply_to,
        references=references,
    )  # fmt: skip
    session.add(mail)
    return mail


def page(actor: Actor, wanted: Wanted, number: int) -> Paged[OutgoingMail]:
    """Newest first. Raises ``Forbidden`` for anybody but an admin."""
    _admin_or_refused(actor)
    query = select(OutgoingMail).where(_matching(wanted)).options(joinedload(OutgoingMail.case))
    return page_of_rows(query.order_by(OutgoingMail.id.desc()), number).map(lambda row: row[0])


def counts(actor: Actor, wanted: Wanted) -> dict[str, int]:
    """How many mails there are of each state, whatever state is wanted."""
    _admin_or_refused(actor)
    matching = _matching(Wanted("", wanted.kind, wanted.words))
    counted = select(OutgoingMail.state, func.count()).where(matching).group_by(OutgoingMail.state)
    found = dict(db.session.execute(counted).tuples().all())
    return {state: found.get(state, 0) for state in STATES}


def latest_problem() -> str:
    """What the server said last of a mail that waits; empty where none waits for a fault."""
    waiting = select(OutgoingMail.error).where(OutgoingMail.state == QUEUED, OutgoingMail.error != "")
    return db.session.scalar(waiting.order_by(OutgoingMail.next_try_at.desc()).limit(1)) or ""


def resend(actor: Actor, ids: Collection[int]) -> int:
    """Sends mails again, those that wait at once; answers how many. Raises ``Conflict`` where none of them can be."""
    anew = {"state": QUEUED, "attempts": 0, "next_try_at": None, "lease": None, "leased_until": None}
    possible = and_(OutgoingMail.state.in_(SENDABLE), OutgoingMail.recipient != "")
    return _do(actor, ids, possible, anew, MAIL_RESENT, "outbox.resent")


def discard(actor: Actor, ids: Collection[int]) -> int:
    """Lets mails go out no more; answers how many. Raises ``Conflict`` where none of them can be discarded."""
    gone = {"state": DISCARDED, "next_try_at": None}
    return _do(actor, ids, OutgoingMail.state.in_(DISCARDABLE), gone, MAIL_DISCARDED, "outbox.discarded")


def send_test(actor: Actor) -> str:
    """A mail to the admin themselves; answers their address. Raises ``Conflict`` where they have none."""
    _admin_or_refused(actor)
    with write_transaction() as session:
        address, language = session.execute(
            select(User.email, User.mail_language).where(User.id == actor.id)
        ).tuples().one()  # fmt: skip
        if "@" not in (address or ""):
            raise Conflict(_("No e-mail address is known of you."))
        with force_locale(language or current_app.config["BABEL_DEFAULT_LOCALE"]):
            subject, text = str(_("Test mail")), str(_("If you can read this, mails of the system go out."))
        write(session, address, subject, text, actor_id=actor.id, internal=True, language=language)
        log.record(actor, "outbox.tested", ("user", actor.id, actor.name))
    return str(address)


def forget_old() -> int:
    """Removes what was told to users long ago; mails of cases stay until those are purged. Returns how many."""
    over = OutgoingMail.state.in_((SENT, DISCARDED, FAILED, BOUNCED))
    old = and_(OutgoingMail.internal.is_(True), over, OutgoingMail.written_at < clock.now() - KEPT)
    with write_transaction() as session:
        gone: Any = session.execute(delete(OutgoingMail).where(old), execution_options={"synchronize_session": False})
    return int(gone.rowcount)


def locked_case(session: Session, case_id: int | None) -> Case | None:
    """The case of a mail, locked; None for none, and where its SOP does not run here."""
    key = session.scalar(select(Case.__table__.c.sop).where(Case.__table__.c.id == case_id))
    return locked(session, SYSTEM, key, case_id) if case_id is not None and key in SOPS else None


def _do(actor: Actor, ids: Collection[int], possible: ColumnElement[bool], values: Any, action: str,
        logged: str) -> int:  # fmt: skip
    _admin_or_refused(actor)
    if not ids:
        raise Malformed(_("Please choose at least one mail."))
    if len(ids) > MOST_NAMED:
        raise Malformed(_("At most %(count)s mails at once.", count=MOST_NAMED))
    chosen = and_(OutgoingMail.id.in_([pk for pk in ids if 0 < pk <= LARGEST_KEY]), possible)
    with write_transaction() as session:
        # Cases are locked before their mails, here as everywhere.
        of_cases = select(OutgoingMail.case_id).where(chosen, OutgoingMail.internal.is_(False)).distinct()
        cases = {pk: locked_case(session, pk) for pk in sorted(filter(None, session.scalars(of_cases)))}
        rows = session.execute(
            select(OutgoingMail.id, OutgoingMail.case_id, OutgoingMail.internal, OutgoingMail.subject)
            .where(chosen).order_by(OutgoingMail.id).with_for_update()
        ).all()  # fmt: skip
        if not rows:
            raise Conflict(_("None of these mails is in a state in which that is possible."))
        session.execute(
            update(OutgoingMail).where(OutgoingMail.id.in_([row.id for row in rows])).values(values),
            execution_options={"synchronize_session": False},
        )
        for row in rows:
            case = None if row.internal else cases.get(row.case_id)
            if case is not None:
                history.append(session, case, actor, action, clock.now(), from_state=case.state,
                               changes={"mail": [None, row.subject]})  # fmt: skip
        log.record(actor, logged, ("mail", "", ""), mails=[row.id for row in rows])
    return len(rows)


def _matching(wanted: Wanted) -> ColumnElement[bool]:
    conditions = [OutgoingMail.id > 0]
    if wanted.state:
        conditions.append(OutgoingMail.state == wanted.state)
    if wanted.kind in KINDS:
        conditions.append(KINDS[wanted.kind][1])
    if wanted.words:
        columns = (OutgoingMail.recipient, OutgoingMail.subject)
        conditions.append(or_(*(column.icontains(wanted.words, autoescape=True) for column in columns)))
    return and_(*conditions)


def _admin_or_refused(actor: Actor) -> None:
    if ADMIN not in actor.roles:
        raise Forbidden(_("Only %(roles)s may do this.", roles=ADMIN))
