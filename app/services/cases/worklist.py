"""The worklist (*Tugas saya*): cases that wait for the user, cases that wait for others, followed cases."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, false, not_, or_, select, true, union_all
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Case, Follow
from app.services.cases import assignment, facts
from app.services.core import capped
from app.services.core.access import Actor, sops_of, visible_cases, visible_or_404, visible_rows
from app.services.core.capped import MOST
from app.services.core.database import write_transaction
from app.services.core.revisions import under
from app.services.core.turns import waits_for
from app.services.deadlines import clocks
from app.sop import sop_of
from app.workflow.declaration import Sop
from app.workflow.engine import AvailableAction, available, main_action

#: Length of each list; its count links to the full one, and goes no further than ``MOST``.
LIMIT = 50
LAST = (Case.due_at.is_(None), *capped.URGENT)
#: Of the states of a role: whoever is in charge of the case.
ANY = true()


@dataclass(frozen=True)
class Task:
    """A case and this user's actions on it; ``next``: without optional ones. ``takeable``: the user may claim it, which
    takes it off the worklists of others. ``paused``: a deadline of the case is paused while it waits for somebody
    outside."""

    case: Case
    sop: Sop
    offers: tuple[AvailableAction, ...]
    takeable: bool = False
    paused: bool = False

    @property
    def turn(self) -> tuple[str, ...]:
        return waits_for(self.sop, self.case)

    @property
    def main(self) -> AvailableAction | None:
        """What the user would do as a rule; None while nothing can be done."""
        return main_action(self.offers)

    @property
    def next(self) -> tuple[AvailableAction, ...]:
        return tuple(offer for offer in self.offers if not offer.transition.optional)


@dataclass(frozen=True)
class Worklist:
    """The counts go no further than one more than ``MOST``."""

    mine: list[Task]
    waiting: list[Task]
    followed: list[Task]
    mine_count: int
    waiting_count: int


def worklist(actor: Actor) -> Worklist:
    """Most urgent first: what is due soonest, then what came in first."""
    sops = sops_of(actor)
    followed = Case.id.in_(select(Follow.case_id).where(Follow.user_id == actor.id))
    mine = [part for sop in sops for part in turns_in(actor, sop)]
    # Cases that others use (reply templates, say) wait for nobody.
    others = [part for sop in sops if not sop.offered_with for part in others_in(actor, sop)]
    follow = db.session.scalars(
        select(Case.id).where(visible_cases(actor), followed).order_by(*LAST).limit(LIMIT)
    ).all()
    lists = [_most_urgent(mine), _most_urgent(others), follow]
    tasks = tasks_of(actor, {pk for ids in lists for pk in ids})
    mine_tasks, waiting, followed_tasks = ([tasks[pk] for pk in ids] for ids in lists)
    return Worklist(mine_tasks, waiting, followed_tasks, count_mine(actor, MOST + 1), _count(others))


def turns_in(actor: Actor, sop: Sop) -> Iterator[ColumnElement[bool]]:
    """Conditions that together are ``actor``'s turn in one SOP; no case meets two of them."""
    for one in sop.revisions:
        for states, condition in _waiting(actor, one):
            yield and_(is_open_of(sop, actor), under(one), Case.state.in_(states), condition, _free_for(actor))


def others_in(actor: Actor, sop: Sop) -> Iterator[ColumnElement[bool]]:
    """The same of the open cases that are not ``actor``'s turn: those in other states, and in states that may be theirs
    what others have taken or are in charge of. So a part that is empty is found empty at once."""
    for one in sop.revisions:
        is_open = and_(is_open_of(sop, actor), under(one))
        waiting = list(_waiting(actor, one))
        mine = [state for states, _condition in waiting for state in states]
        if rest := [state.key for state in sop.state_by_key.values() if not state.is_final and state.key not in mine]:
            yield and_(is_open, Case.state.in_(rest))
        if mine:
            taken = and_(Case.claimed_by_id.is_not(None), Case.claimed_by_id != actor.id)
            yield and_(is_open, Case.state.in_(mine), taken)
        for states, condition in waiting:
            if condition is not ANY:
                yield and_(is_open, Case.state.in_(states), Case.claimed_by_id.is_(None), not_(condition))


def _most_urgent(parts: Sequence[ColumnElement[bool]]) -> Sequence[int]:
    """The ids of the first cases of several conditions together; each is read from an index, and no further."""
    columns = (Case.id, Case.due_at, Case.created_at)
    first = [
        select(select(*columns).where(part, empty).order_by(*capped.URGENT).limit(LIMIT).subquery())
        for part in parts
        for empty in (Case.due_at.is_not(None), Case.due_at.is_(None))
    ]
    if not first:
        return []
    found = union_all(*first).subquery()
    order = (found.c.due_at.is_(None), found.c.due_at, found.c.created_at, found.c.id)
    ids: Sequence[int] = db.session.scalars(select(found.c.id).order_by(*order).limit(LIMIT)).all()
    return ids


def _count(parts: Sequence[ColumnElement[bool]]) -> int:
    """Together, no further than the cap."""
    counts = [select(capped.counted([part], MOST + 1)) for part in parts]
    return min(sum(db.session.scalars(union_all(*counts))), MOST + 1) if counts else 0


def count_mine(actor: Actor, most: int | None = None) -> int:
    """How many cases wait for ``actor``; counted no further than ``most``."""
    parts = [part for sop in sops_of(actor) for part in counting_mine(actor, sop, most)]
    found = sum(db.session.scalars(union_all(*parts))) if parts else 0
    return found if most is None else min(found, most)


def counting_mine(actor: Actor, sop: Sop, most: int | None = None) -> Iterator[Select[Any]]:
    """Queries whose rows together are that number in one SOP, none of them more than ``most``: state by state, each
    from its place in the index of open cases."""
    for one in sop.revisions:
        for states, condition in _waiting(actor, one):
            state = capped.keys(states)
            where = [is_open_of(sop, actor), under(one), Case.state == state.c.key, condition, _free_for(actor)]
            yield select(capped.counted(where, most, of=state)).select_from(state)


def is_open_of(sop: Sop, actor: Actor) -> ColumnElement[bool]:
    """The open cases of an SOP that ``actor`` sees."""
    return and_(Case.sop == sop.key, Case.closed_at.is_(None), visible_rows(actor, sop))


def visible_open(actor: Actor) -> ColumnElement[bool]:
    """Cases that ``actor`` sees and that are not in a final state."""
    return and_(visible_cases(actor), Case.closed_at.is_(None))


def turn_of(actor: Actor) -> ColumnElement[bool]:
    """Cases whose state waits for one of ``actor``'s roles and that nobody else has claimed; an assignee's step is on
    their worklist alone, as long as nobody has claimed the case."""
    turns = [
        and_(Case.sop == one.key, under(one), Case.state.in_(states), condition)
        for sop in sops_of(actor)
        for one in sop.revisions
        for states, condition in _waiting(actor, one)
    ]
    # Their states imply that they are open; stated explicitly, it lets the database use the index of open cases.
    return and_(Case.closed_at.is_(None), or_(false(), *turns), _free_for(actor))


def _free_for(actor: Actor) -> ColumnElement[bool]:
    """Nobody has claimed it, or ``actor`` has."""
    return or_(Case.claimed_by_id.is_(None), _claimed(actor))


def _claimed(actor: Actor) -> ColumnElement[bool]:
    # Never NULL, so that its opposite holds for all the others.
    return and_(Case.claimed_by_id.is_not(None), Case.claimed_by_id == actor.id)


def _waiting(actor: Actor, sop: Sop) -> Iterator[tuple[list[str], ColumnElement[bool]]]:
    """The states of one revision that wait for ``actor``: those in which any case does, and those in which only a case
    that nobody else is in charge of does; each kind with that condition, if there are any."""
    wait = {state: actor.roles & set(sop.responsible_roles(state)) for state in sop.open_states}
    of_assignee = [state for state, roles in wait.items() if roles and roles <= set(sop.assignee_roles)]
    if free := [state for state, roles in wait.items() if roles and state not in of_assignee]:
        yield free, ANY
    if of_assignee:
        mine = or_(Case.assignee_id.is_(None), Case.assignee_id == actor.id, _claimed(actor))
        yield of_assignee, mine


def is_turn_of(actor: Actor, case: Case) -> bool:
    """The same for a case that is loaded."""
    sop = sop_of(case)
    mine = actor.roles & set(waits_for(sop, case))
    if not mine or case.claimed_by_id is not None:
        return bool(mine) and case.claimed_by_id == actor.id
    return not mine <= set(sop.assignee_roles) or case.assignee_id in (None, actor.id)


def follow(actor: Actor, sop: str, pk: int, wanted: bool) -> None:
    """Puts a case on the user's list of followed ones, or takes it off; twice is the same as once."""
    case = visible_or_404(actor, sop, pk)
    case_id = case.id
    try:
        with write_transaction() as session:
            if wanted:
                session.add(Follow(user_id=actor.id, case_id=case_id))
            else:
                session.execute(delete(Follow).where(Follow.user_id == actor.id, Follow.case_id == case_id))
    except IntegrityError:
        return


def follows(actor: Actor, case: Case) -> bool:
    return bool(db.session.scalar(select(Follow.id).where(Follow.user_id == actor.id, Follow.case_id == case.id)))


def tasks_of(actor: Actor, ids: Collection[int], steps: bool = True) -> dict[int, Task]:
    """The tasks of several cases, by id, in a number of queries that does not grow with them. ``steps``: with what the
    user may do, which takes documents and history to tell."""
    if not ids:
        return {}
    cases = db.session.scalars(select(Case).where(Case.id.in_(ids))).unique().all()
    paused = clocks.paused(db.session(), ids)
    if not steps:
        return {case.id: Task(case, sop_of(case), (), paused=case.id in paused) for case in cases}
    shared = assignment.shared(actor, cases)
    documents, events = facts.documents_of(ids), facts.events_of(ids)
    return {
        case.id: Task(
            case,
            sop_of(case),
            available(sop_of(case), facts.gather(actor, case, documents[case.id], events[case.id])),
            case.id in shared,
            case.id in paused,
        )
        for case in cases
    }
