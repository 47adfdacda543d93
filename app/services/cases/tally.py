"""How many cases of a list there are, by what people look for; counted in one query, and none of it beyond a cap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, literal, literal_column, select, union_all

from app.extensions import db
from app.models import Case
from app.services.cases.worklist import counting_mine, is_open_of
from app.services.core import capped, clock
from app.services.core.access import Actor, visible_rows
from app.services.core.capped import MOST
from app.services.core.conditions import NEAR
from app.workflow.declaration import Sop

#: Before anything can be due.
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


class Count(int):
    """A number up to ``MOST``; one more stands for all that are beyond."""

    def __str__(self) -> str:
        return f"{MOST}+" if self > MOST else f"{int(self)}"

    @property
    def whole(self) -> bool:
        """Whether it is the number itself."""
        return self <= MOST


@dataclass(frozen=True)
class Tally:
    """Of the open cases that somebody may see: ``states`` by key, without those that have none; ``late``, ``near``,
    ``mine``, ``untaken``. ``void``: declared void; ``found``: of the list as it is filtered."""

    states: Mapping[str, Count]
    open: Count
    late: Count
    near: Count
    mine: Count
    untaken: Count
    void: Count
    found: Count


def tally(actor: Actor, sop: Sop, found: Select[Any]) -> Tally:
    """``found``: selects the cases of the list as it is filtered, in its order."""
    is_open, most, now = [is_open_of(sop, actor)], MOST + 1, clock.now()
    state, due = capped.keys(sop.open_states), capped.spans([("late", LONG_AGO, now), ("near", now, now + NEAR)])
    within = Case.due_at >= due.c.begin, Case.due_at < due.c.end
    void = [Case.sop == sop.key, visible_rows(actor, sop), Case.voided_at.is_not(None)]
    stopped = found.limit(literal_column(str(most))).subquery()
    numbers = {
        "open": capped.counted(is_open, most),
        "untaken": capped.counted([*is_open, Case.claimed_by_id.is_(None)], most, (Case.claimed_by_id, *capped.URGENT)),
        "void": capped.counted(void, most, (Case.id,)),
        "found": select(func.count()).select_from(stopped).scalar_subquery(),
    }
    rows = union_all(
        select(literal("state:") + state.c.key, capped.counted([*is_open, Case.state == state.c.key], most, of=state)),
        select(due.c.key, capped.counted([*is_open, *within], most, of=due)),
        *(select(literal("mine"), *part.selected_columns).select_from(*part.get_final_froms())
          for part in counting_mine(actor, sop, most)),
        *(select(literal(key), number) for key, number in numbers.items()),
    )  # fmt: skip
    return _tally(db.session.execute(rows).tuples())


def _tally(rows: Iterable[tuple[str, int]]) -> Tally:
    sums = Counter[str]()
    for key, number in rows:
        sums[key] += number
    counts = {key: Count(min(number, MOST + 1)) for key, number in sums.items()}
    states = {key.removeprefix("state:"): n for key, n in counts.items() if n and key.startswith("state:")}
    return Tally(states, **{key: counts.get(key, Count(0)) for key in KEYS})


KEYS = ("open", "late", "near", "mine", "untaken", "void", "found")
