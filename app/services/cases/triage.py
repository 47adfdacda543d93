"""The worklist as triage: mine, not taken by anybody, mine but waiting for others, and all else that waits for others.

Each group is the most urgent first, counted as far as people care, and goes on from a row (``core/keyset.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, not_, or_, select, union, union_all

from app.extensions import db
from app.models import Case, Follow
from app.services.cases.tally import Count
from app.services.cases.worklist import Task, count_mine, others_in, tasks_of, turn_of, turns_in
from app.services.core.access import Actor, sops_of, visible_cases
from app.services.core.capped import MOST
from app.services.core.keyset import URGENT

MINE, FREE, LATER, WAITING = "mine", "free", "later", "waiting"
GROUPS = (MINE, FREE, LATER, WAITING)
#: Those whose next step is the user's.
TURN = frozenset({MINE, FREE})
#: Rows of a page; on the overview, where the others have one too, of what waits for others.
SIZE, FEW = 25, 5


@dataclass(frozen=True)
class Group:
    """``later``: the token by which the next page is asked for; None on the last."""

    key: str
    tasks: Sequence[Task]
    count: Count
    later: str | None = None


def overview(actor: Actor) -> list[Group]:
    """The beginning of every group."""
    return _loaded(actor, {key: ("", SIZE if key in TURN else FEW) for key in GROUPS})


def page(actor: Actor, key: str, after: str = "") -> list[Group]:
    """All groups, of which the one named ``key`` has the rows after a token; the first for what is no token of ours."""
    return _loaded(actor, {one: (after, SIZE) if one == key else ("", 0) for one in GROUPS})


def _loaded(actor: Actor, wanted: dict[str, tuple[str, int]]) -> list[Group]:
    """The cases of all groups at once, so that the number of queries does not grow with them."""
    counts = _counts(actor)
    found = {
        key: _page(_parts(actor, key), after, size) if size else ([], None) for key, (after, size) in wanted.items()
    }
    ids = {key: [row.id for row in rows] for key, (rows, _later) in found.items()}
    tasks = tasks_of(actor, {pk for key in TURN for pk in ids[key]})
    tasks |= tasks_of(actor, {pk for key in GROUPS if key not in TURN for pk in ids[key]} - tasks.keys(), steps=False)
    return [Group(key, [tasks[pk] for pk in ids[key]], counts[key], found[key][1]) for key in GROUPS]


def _parts(actor: Actor, key: str) -> list[Select[Any]]:
    """The queries that a group consists of; those of many cases one for each SOP, as the indexes are."""
    columns = select(Case.id, Case.due_at, Case.created_at)
    turn = turn_of(actor)
    if key == MINE:
        # What is claimed and what is assigned have an index each, by which no more is read than there is.
        mine = [part for sop in sops_of(actor) for part in turns_in(actor, sop)]
        assigned = and_(Case.claimed_by_id.is_(None), Case.assignee_id == actor.id)
        return [columns.where(part, held) for part in mine for held in (Case.claimed_by_id == actor.id, assigned)]
    if key == LATER:
        return [columns.where(visible_cases(actor), not_(turn), Case.id.in_(_kept(actor)))]
    if key == FREE:
        return [columns.where(part, not_(_held(actor))) for sop in sops_of(actor) for part in turns_in(actor, sop)]
    # Cases that others use (reply templates, say) wait for nobody.
    busy = [sop for sop in sops_of(actor) if not sop.offered_with]
    return [columns.where(part, Case.id.not_in(_kept(actor))) for sop in busy for part in others_in(actor, sop)]


def _held(actor: Actor) -> ColumnElement[bool]:
    """Claimed by or assigned to ``actor``; never NULL, so that its opposite holds for all the others."""
    claimed = and_(Case.claimed_by_id.is_not(None), Case.claimed_by_id == actor.id)
    return or_(claimed, and_(Case.assignee_id.is_not(None), Case.assignee_id == actor.id))


def _kept(actor: Actor) -> Any:
    """The ids of what is the user's whoever does the next step: cases they follow, and open ones assigned to them."""
    assigned = select(Case.id).where(Case.assignee_id == actor.id, Case.closed_at.is_(None))
    return union(select(Follow.case_id).where(Follow.user_id == actor.id), assigned)


def _page(parts: Sequence[Select[Any]], after: str, size: int) -> tuple[list[Any], str | None]:
    """The rows after a token, and the token of the page behind them."""
    place = URGENT.place(after) if after else None
    rows: list[Any] = []
    for stretch in zip(*(URGENT.stretches(part, place, False) for part in parts), strict=True):
        some = [select(part.limit(size + 1 - len(rows)).subquery()) for part in stretch]
        rows += sorted(db.session.execute(union_all(*some)).all(), key=_urgency)[: size + 1 - len(rows)]
        if len(rows) > size:
            break
    if not rows and place is not None:
        return _page(parts, "", size)
    return rows[:size], URGENT.token(rows[size - 1]) if len(rows) > size else None


def _urgency(row: Any) -> tuple[Any, ...]:
    """Within a stretch all have a deadline or none has."""
    return (row.due_at, row.created_at, row.id) if row.due_at else (row.created_at, row.id)


def _counts(actor: Actor) -> dict[str, Count]:
    turn = count_mine(actor, MOST + 1)
    numbers = {key: Count(_capped(_parts(actor, key))) for key in (MINE, LATER, WAITING)}
    return numbers | {FREE: Count(turn if turn > MOST else turn - numbers[MINE])}


def _capped(parts: Sequence[Select[Any]]) -> int:
    if not parts:
        return 0
    most: Any = literal_column(str(MOST + 1))
    # In the order of the indexes, so that no more is read than is counted.
    ordered = (part.order_by(*URGENT.columns).limit(most).subquery() for part in parts)
    some = union_all(*(select(one.c.id) for one in ordered)).limit(most)
    return int(db.session.scalar(select(func.count()).select_from(some.subquery())) or 0)
