"""Recipients of notices: those whose turn it is, those of a role, those who are named; only users who may see the
case."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from app.models import Case, Event, User
from app.services.core.access import users_with, viewers
from app.services.core.turns import waits_for
from app.workflow.declaration import Sop, Transition

#: ``@name`` in a note; not within an e-mail address.
MENTION = re.compile(r"(?<![\w.@-])@([\w.-]{1,128})")
#: Names in one note that count; notifying everybody is what roles are for.
MOST_MENTIONS = 20


@dataclass(frozen=True)
class Person:
    """``turn``: whether the case waits for this person. ``language``: of mails to them, empty for the deployment's."""

    id: int
    username: str
    email: str
    turn: bool
    language: str = ""


def people(
    session: Session, sop: Sop, case: Case, *, but: int | None, ids: Collection[int] = (), names: Collection[str] = (),
    turn: bool = False, role: str | None = None, readers: Collection[str] = (),
) -> list[Person]:  # fmt: skip
    """Active users who see ``case``, without the user ``but``: those with these ids, these user names (in lower case),
    whose turn it is, or who have ``role``. ``readers``: of those named only who has one of these roles (none: all). One
    query."""
    waited_for = turn_of(sop, case) if turn else false()
    called = and_(func.lower(User.username).in_(names), users_with(readers) if readers else true())
    named = or_(User.id.in_(ids), called, users_with((role,)) if role else false())
    found = (
        select(User.id, User.username, User.email, waited_for, User.mail_language)
        .where(User.active, viewers(sop, case), or_(waited_for, named))
        .order_by(User.id)
    )
    if but is not None:
        found = found.where(User.id != but)
    return [
        Person(pk, username, email or "", bool(is_turn), language)
        for pk, username, email, is_turn, language in session.execute(found)
    ]


def turn_of(sop: Sop, case: Case) -> ColumnElement[bool]:
    """The users for whom a case waits: the worklist's rule, for one case (``services/cases/worklist.py``)."""
    if sop.state(case.state).is_final:
        return false()
    roles = set(waits_for(sop, case))
    if case.claimed_by_id is not None:
        return and_(User.id == case.claimed_by_id, users_with(roles))
    own = roles & set(sop.assignee_roles)
    standing_for = true() if case.assignee_id is None else User.id == case.assignee_id
    return or_(users_with(roles - own), and_(users_with(own), standing_for))


def mentioned(note: str | None) -> frozenset[str]:
    """The user names that a note may mean, in lower case: a dot or dash at the end can belong to the sentence."""
    return frozenset(name for found in MENTION.findall(note or "")[:MOST_MENTIONS] for name in _meant(found))


def _meant(written: str) -> frozenset[str]:
    return frozenset(name.lower() for name in (written, written.rstrip(".-")) if name)


def mentions_nobody(session: Session, sop: Sop, case: Case, text: str, readers: Collection[str]) -> list[str]:
    """The names in a text by which nobody is called who sees the case and has one of ``readers``' roles (none: all), as
    they were written."""
    written = dict.fromkeys(MENTION.findall(text)[:MOST_MENTIONS])
    called = people(session, sop, case, but=None, names=mentioned(text), readers=readers) if written else []
    there = {person.username.lower() for person in called}
    return [name for name in written if there.isdisjoint(_meant(name))]


def too_many_mentions(text: str) -> bool:
    return len(MENTION.findall(text)) > MOST_MENTIONS


def sent_back_to(session: Session, sop: Sop, case: Case, event: Event) -> frozenset[int]:
    """Who did the last step out of the state to which ``event`` has sent the case back, in this round; whoever created
    it where nobody did one."""
    into = and_(Event.action == sop.create.key, Event.to_state == case.state)
    out = and_(Event.from_state == case.state, Event.to_state != case.state)
    latest = (
        _before(session, event, or_(into, out))
        .where(Event.action.in_(sop.known_transitions))
        .order_by(Event.seq.desc())
        .limit(1)
    )
    return _ids(session, latest)


def decided_on(session: Session, event: Event, transition: Transition) -> frozenset[int]:
    """Who did, in this round, the steps on which ``transition`` decides."""
    return _ids(session, _before(session, event, Event.action.in_(transition.four_eyes)))


def _before(session: Session, event: Event, condition: ColumnElement[bool]) -> Any:
    return select(Event.actor_id).where(
        Event.case_id == event.case_id, Event.round == event.round, Event.seq < event.seq, condition
    )


def _ids(session: Session, found: Any) -> frozenset[int]:
    return frozenset(pk for pk in session.scalars(found) if pk is not None)
