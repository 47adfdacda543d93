"""Requests about personal data: recorded, matched to cases, answered or refused; each with its history."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.extensions import db
from app.models import Case, PrivacyEvent, PrivacyRequest
from app.services.audit import log
from app.services.core import clock
from app.services.core.access import LARGEST_KEY, Actor, visible_cases
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, FieldError, NotVisible, ValidationFailed
from app.services.core.paging import Paged, page_of_rows
from app.services.core.wording import REASONS
from app.services.privacy.rights import ANSWERED, CLOCK, OPEN, REFUSED, RIGHTS, officer_or_refused
from app.workflow.contacts import is_phone, mail_address

LONGEST = {"name": 255, "asked_by": 255, "customer_code": 255, "phone": 64, "email": 255, "identity": 64,
           "verified": 2000, "details": 5000}  # fmt: skip
#: By one of them at least a person is found.
IDENTIFIERS = ("customer_code", "phone", "email", "identity")
#: So far back a request may have come in before it is recorded.
OLDEST_DAYS = 366


@dataclass(frozen=True)
class Asked:
    """A request as it is typed; ``received_at``: when it came in, aware."""

    right_key: str
    name: str
    received_at: datetime | None = None
    words: Mapping[str, str] = field(default_factory=dict)


def record(actor: Actor, asked: Asked) -> PrivacyRequest:
    """Raises ``Forbidden``, or ``ValidationFailed`` with everything that is wrong."""
    officer_or_refused(actor)
    now = clock.now()
    received = asked.received_at or now
    words = {key: asked.words.get(key, "").replace("\x00", "").strip() for key in LONGEST} | {
        "name": asked.name.replace("\x00", "").strip()
    }
    if errors := _wrong(asked.right_key, words, received, now):
        raise ValidationFailed(" ".join(error.message for error in errors), errors)
    try:
        with write_transaction() as session:
            row = PrivacyRequest(
                number=_number(session, now), right_key=asked.right_key, received_at=received, due_at=received + CLOCK,
                recorded_at=now, recorded_by_id=actor.id, **words,
            )  # fmt: skip
            session.add(row)
            session.flush()
            _note(session, row, actor, "recorded", right=asked.right_key)
            log.record(actor, "privacy.recorded", _subject(row), right=asked.right_key)
    except IntegrityError as error:
        raise Conflict(_("Somebody else has just done this.")) from error
    return row


def _wrong(right: str, words: Mapping[str, str], received: datetime, now: datetime) -> list[FieldError]:
    """Everything that is wrong, each sentence with the input that it is about."""
    email = words["email"]
    found: dict[str, Any] = {
        "right_key": right not in RIGHTS and _("Please choose what is asked for."),
        "name": not words["name"] and _("Please write whose data are asked about."),
        "verified": not words["verified"] and _("Please write how you made sure who is asking."),
        "customer_code": not any(words[key] for key in IDENTIFIERS)
        and _("Please write at least a customer ID, phone, e-mail address or identity number."),
        "phone": words["phone"] and not is_phone(words["phone"]) and REASONS["phone"],
        "email": email and mail_address(email, internal=True) is None and REASONS["email"],
        "received_at": _wrong_moment(received, now),
    }
    long = {key: _("At most %(most)s letters.", most=most) for key, most in LONGEST.items() if len(words[key]) > most}
    return [FieldError("field", key, str(said)) for key, said in (found | long).items() if said]


def _wrong_moment(received: datetime, now: datetime) -> str:
    if received > now:
        return str(_("It can't have come in later than now."))
    if (now - received).days > OLDEST_DAYS:
        return str(_("That is more than a year ago; please check the date."))
    return ""


def _number(session: Session, now: datetime) -> str:
    begins = f"PDP-{now.year}-"
    query = select(func.count()).where(PrivacyRequest.number.startswith(begins, autoescape=True))
    return f"{begins}{int(session.scalar(query) or 0) + 1:05}"


def page(actor: Actor, state: str, number: int) -> Paged[PrivacyRequest]:
    """The requests of a state (empty: all): what is open by how soon it is due, others the newest first."""
    officer_or_refused(actor)
    query = select(PrivacyRequest)
    if state:
        query = query.where(PrivacyRequest.state == state)
    order = (PrivacyRequest.due_at, PrivacyRequest.id) if state == OPEN else (PrivacyRequest.id.desc(),)
    return page_of_rows(query.order_by(*order), number).map(lambda row: row[0])


def counts(actor: Actor) -> dict[str, int]:
    """Of each state, and of those that are ``late``."""
    officer_or_refused(actor)
    query = select(PrivacyRequest.state, func.count()).group_by(PrivacyRequest.state)
    late = select(func.count()).where(PrivacyRequest.state == OPEN, PrivacyRequest.due_at < clock.now())
    found = {OPEN: 0, ANSWERED: 0, REFUSED: 0} | dict(db.session.execute(query).tuples().all())
    return found | {"late": int(db.session.scalar(late) or 0)}


def one(actor: Actor, pk: int) -> PrivacyRequest:
    """Raises ``Forbidden``, ``NotVisible``."""
    officer_or_refused(actor)
    found: PrivacyRequest | None = db.session.get(PrivacyRequest, pk) if 0 < pk <= LARGEST_KEY else None
    if found is None:
        raise NotVisible(_("There is no such request."))
    return found


def history(row: PrivacyRequest) -> list[PrivacyEvent]:
    """Newest first."""
    query = select(PrivacyEvent).where(PrivacyEvent.request_id == row.id).order_by(PrivacyEvent.seq.desc())
    return list(db.session.scalars(query))


def determine(actor: Actor, pk: int, case_ids: Collection[int]) -> None:
    """Keeps which cases are about the person, as a human has decided of those that they see; what another officer has
    decided of others stays. Raises ``Conflict`` once it is settled."""
    with write_transaction() as session:
        row = waiting(session, actor, pk)
        wanted = [case_id for case_id in case_ids if 0 < case_id <= LARGEST_KEY]
        chosen = session.scalars(select(Case.id).where(Case.id.in_(wanted), visible_cases(actor)))
        row.cases = sorted({*chosen, *unseen(actor, row)})
        _note(session, row, actor, "matched", cases=_numbers(session, row.cases))
        log.record(actor, "privacy.matched", _subject(row), cases=_numbers(session, row.cases))


def unseen(actor: Actor, row: PrivacyRequest) -> set[int]:
    """The cases of a request that ``actor`` does not see: another officer goes on with them."""
    found = select(Case.id).where(Case.id.in_(row.cases or []), visible_cases(actor))
    return {*(row.cases or ())} - {*db.session.scalars(found)}


def settle(actor: Actor, pk: int, answer: str, *, refused: bool, version: int | None = None) -> PrivacyRequest:
    """Answers a request, or refuses it, with what the person is told. Raises ``ValidationFailed`` without that,
    ``Conflict`` once it is settled or where somebody else has gone on with it."""
    said = answer.replace("\x00", "").strip()
    if not said:
        raise _lacks(_("Please write what the person is told."))
    if len(said) > LONGEST["details"]:
        raise _lacks(_("At most %(most)s letters.", most=LONGEST["details"]))
    state = REFUSED if refused else ANSWERED
    try:
        with write_transaction() as session:
            row = waiting(session, actor, pk, version)
            row.state, row.answer, row.answered_at, row.answered_by_id = state, said, clock.now(), actor.id
            in_time = row.answered_at <= row.due_at
            _note(session, row, actor, state, said, in_time=in_time)
            log.record(actor, f"privacy.{state}", _subject(row), right=row.right_key, in_time=in_time)
    except StaleDataError as error:
        raise Conflict(_("Somebody else has just done this.")) from error
    return row


def waiting(session: Session, actor: Actor, pk: int, version: int | None = None) -> PrivacyRequest:
    """The open request, locked. Raises ``Conflict``."""
    wanted = PrivacyRequest.id == min(max(pk, 0), LARGEST_KEY)
    session.execute(select(PrivacyRequest.id).where(wanted).with_for_update())
    row = one(actor, pk)
    if row.state != OPEN:
        raise Conflict(_("%(number)s is settled already.", number=row.number))
    if version not in (None, row.version):
        raise Conflict(_("Somebody else has gone on with %(number)s since you opened it.", number=row.number))
    return row


def _lacks(sentence: Any) -> ValidationFailed:
    return ValidationFailed(sentence, [FieldError("field", "answer", str(sentence))])


def note(session: Session, row: PrivacyRequest, actor: Actor, action: str, said: str = "", **detail: Any) -> None:
    """A line of its history, and the same in the audit log where that knows it."""
    _note(session, row, actor, action, said, **detail)
    log.record(actor, f"privacy.{action}", _subject(row), **detail)


def _note(
    session: Session, row: PrivacyRequest, actor: Actor, action: str, said: str = "", **detail: Any
) -> None:  # fmt: skip
    newest = select(func.max(PrivacyEvent.seq)).where(PrivacyEvent.request_id == row.id)
    session.add(
        PrivacyEvent(
            request_id=row.id, seq=int(session.scalar(newest) or 0) + 1, at=clock.now(), actor_id=actor.id,
            actor_name=actor.name, action=action, note=said, detail=detail or None,
        )
    )  # fmt: skip
    session.flush()


def _numbers(session: Session, ids: Collection[int]) -> list[str]:
    return list(session.scalars(select(Case.number).where(Case.id.in_(ids)).order_by(Case.id)))


def _subject(row: PrivacyRequest) -> tuple[str, object, str]:
    return ("privacy_request", row.id, row.number)
