"""Claiming of cases: taken, put back, handed over. A claim bars nobody from doing a step."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from flask_appbuilder.security.sqla.models import Group, Role
from flask_babel import gettext as _
from sqlalchemy import select, union, update
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Case, User
from app.services.core import clock, history
from app.services.core.access import READ_ALL, Actor, sees, users_with, viewers
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, FieldError, Forbidden, Malformed, refuse_void
from app.services.core.locking import locked
from app.services.core.turns import waits_for
from app.services.core.wording import HANDED_OVER, PUT_BACK, TAKEN
from app.services.notices import notify
from app.sop import sop_of
from app.workflow.declaration import Sop

LONGEST_NOTE = 20_000


def take(actor: Actor, sop_key: str, pk: int) -> Any:
    """Claims the case for ``actor``, which takes it off everybody else's worklist; returns the case.

    Raises ``Forbidden`` when the case does not wait for one of their roles, ``Conflict`` naming whoever was first.
    """
    with write_transaction() as session:
        case = locked(session, actor, sop_key, pk)
        sop = sop_of(case)
        _awaited(sop, case)
        if not _in_turn(actor, sop, case):
            raise Forbidden(_("Only %(roles)s may do this.", roles=", ".join(waits_for(sop, case))))
        if case.claimed_by_id == actor.id:
            return case
        if claimed_by_other(actor, sop, case):
            raise Conflict(_("%(name)s has taken this case already.", name=case.claimed_by.get_full_name()))
        _write(session, case, actor, TAKEN, session.get(User, actor.id))
    return case


def put_back(actor: Actor, sop_key: str, pk: int) -> Any:
    """Ends the claim on the case; does nothing when there is none."""
    with write_transaction() as session:
        case = locked(session, actor, sop_key, pk)
        if case.claimed_by_id is not None:
            _may_give(actor, sop_of(case), case)
            _write(session, case, actor, PUT_BACK, None)
    return case


def hand_over(actor: Actor, sop_key: str, pk: int, username: str, note: str = "") -> Any:
    """Passes the claim to somebody else and notifies them; done by the claimant or by who directs the procedure.

    Raises ``Malformed`` when ``username`` is not among ``people``, so that nobody learns who else exists.
    """
    with write_transaction() as session:
        case = locked(session, actor, sop_key, pk)
        sop = sop_of(case)
        _awaited(sop, case)
        _may_give(actor, sop, case)
        successor = next((user for user in people(sop, case) if user.username == username), None)
        if successor is None:
            sentence = _("Please choose one of the people offered.")
            raise Malformed(sentence, [FieldError("invalid", "username", sentence)])
        if successor.id != case.claimed_by_id:
            _write(session, case, actor, HANDED_OVER, successor, note.replace("\x00", "").strip()[:LONGEST_NOTE])
            if successor.id != actor.id:
                notify.handed_over(session, sop, case, actor, successor.id)
    return case


def people(sop: Sop, case: Case) -> list[Any]:
    """The active users who see the case and have a role that it waits for, by name."""
    turn = users_with(waits_for(sop, case))
    found = select(User).where(User.active, turn, viewers(sop, case)).order_by(User.first_name, User.last_name, User.id)
    return list(db.session.scalars(found).unique())


def successors(actor: Actor, sop: Sop, case: Case) -> list[Any]:
    """Those to whom ``actor`` may hand the case over; raises the same refusals as ``hand_over``."""
    _awaited(sop, case)
    _may_give(actor, sop, case)
    return [user for user in people(sop, case) if user.id != case.claimed_by_id]


def successors_of_all(actor: Actor, cases: Iterable[Case]) -> list[Any]:
    """Those to whom ``actor`` may hand over every one of these cases that they may hand over at all, by name."""
    kinds = {_waiting(case): case for case in cases if may_hand_over(actor, sop_of(case), case)}
    offers = [people(sop_of(case), case) for case in kinds.values()]
    common = set.intersection(*({user.id for user in offer} for offer in offers)) if offers else set()
    return [user for user in offers[0] if user.id in common] if offers else []


def may_take(actor: Actor, sop: Sop, case: Case) -> bool:
    """Whether the case waits for one of ``actor``'s roles and nobody has claimed it."""
    return _in_turn(actor, sop, case) and case.claimed_by_id != actor.id and not claimed_by_other(actor, sop, case)


def may_put_back(actor: Actor, sop: Sop, case: Case) -> bool:
    return case.claimed_by_id is not None and _gives(actor, sop, case)


def may_hand_over(actor: Actor, sop: Sop, case: Case) -> bool:
    return bool(waits_for(sop, case)) and _gives(actor, sop, case)


def claimed_by_other(actor: Actor, sop: Sop, case: Case) -> bool:
    """Whether the case is claimed by somebody else who can still do its next step. The claim of a user who was
    deactivated or lost the role does not count."""
    return case.claimed_by_id not in (None, actor.id) and _stands(sop, case)


def shared(actor: Actor, cases: Iterable[Any]) -> frozenset[int]:
    """The ids of those that ``actor`` may take and that wait for others as well; one query."""
    free = [c for c in cases if c.claimed_by_id is None and _in_turn(actor, sop_of(c), c) and not _assigned(c)]
    turns = {role for case in free for role in waits_for(sop_of(case), case)}
    candidates = _people_with(turns) if turns else []
    several: dict[tuple[str, int, str, int | None], bool] = {}
    for case in free:
        sop, key = sop_of(case), _waiting(case)
        if key not in several:
            waited = (one for one in candidates if _in_turn(one, sop, case) and sees(one, sop, case.unit_id))
            several[key] = len(list(islice(waited, 2))) == 2
    return frozenset(case.id for case in free if several[_waiting(case)])


def _waiting(case: Case) -> tuple[str, int, str, int | None]:
    """What decides for whom a case waits."""
    return case.sop, case.revision, case.state, case.unit_id


def _assigned(case: Case) -> bool:
    """Whether it is on its assignee's worklist alone."""
    sop = sop_of(case)
    return case.assignee_id is not None and set(waits_for(sop, case)) <= set(sop.assignee_roles)


def _people_with(roles: Collection[str]) -> list[Actor]:
    """The active users with one of ``roles``, each with those of them that they have."""
    columns = select(User.id, User.unit_id, Role.name).where(User.active, Role.name.in_(roles))
    found: dict[int, tuple[int | None, set[str]]] = {}
    own, by_group = columns.join(User.roles), columns.join(User.groups).join(Group.roles)
    for pk, unit_id, role in db.session.execute(union(own, by_group)):
        found.setdefault(pk, (unit_id, set()))[1].add(role)
    return [Actor(pk, "", frozenset(names), unit_id) for pk, (unit_id, names) in found.items()]


def release(sop: Sop, case: Case) -> None:
    """Ends the claim of a user for whom the case's new state does not wait; called by ``transitions`` as part of the
    step."""
    if case.claimed_by_id is None:
        return
    with db.session.no_autoflush:
        if not _stands(sop, case):
            case.claimed_by_id = None


def directs(actor: Actor, sop: Sop) -> bool:
    """Whether ``actor`` may put back and hand over what others have claimed."""
    return bool(actor.roles & (READ_ALL | set(sop.overseers)))


def _stands(sop: Sop, case: Case) -> bool:
    holder = Actor.of(case.claimed_by)
    return bool(case.claimed_by.active) and _in_turn(holder, sop, case) and sees(holder, sop, case.unit_id)


def _in_turn(actor: Actor, sop: Sop, case: Case) -> bool:
    return bool(actor.roles & set(waits_for(sop, case)))


def _gives(actor: Actor, sop: Sop, case: Case) -> bool:
    return directs(actor, sop) or (actor.id is not None and case.claimed_by_id == actor.id)


def _awaited(sop: Sop, case: Case) -> None:
    refuse_void(case)
    if not waits_for(sop, case):
        raise Conflict(_("This case waits for nobody."))


def _may_give(actor: Actor, sop: Sop, case: Case) -> None:
    if _gives(actor, sop, case):
        return
    if case.claimed_by_id is None:
        raise Forbidden(_("Take the case first."))
    raise Forbidden(_("%(name)s has claimed this case.", name=case.claimed_by.get_full_name()))


def _write(session: Session, case: Case, actor: Actor, action: str, holder: Any, note: str = "") -> None:
    """Leaves the case's version as it is, so that open forms can still be sent."""
    names = [user.get_full_name() if user is not None else None for user in (case.claimed_by, holder)]
    table = Case.__table__
    pk = holder.id if holder is not None else None
    session.execute(update(table).where(table.c.id == case.id).values(claimed_by_id=pk))
    session.expire(case, ["claimed_by_id", "claimed_by"])
    history.append(
        session, case, actor, action, clock.now(), from_state=case.state, note=note, changes={"holder": names}
    )
