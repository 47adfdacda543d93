"""How many cases of a list there are, by what people look for; counted in one query, and none of it beyond a cap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, not_, select, union_all

from app.extensions import db
from app.models import Case
from app.services.cases.worklist import counting_mine, is_open_of
from app.services.core import conditions
from app.services.core.access import Actor, visible_rows
from app.workflow.declaration import Sop

#: Counted no further: what lies beyond is shown as “999+”.
MOST = 999


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
    """Of the cases that somebody may see: ``states`` by key, without those that have none; ``due`` by level of
    ``conditions.DUE``, of the open ones, as ``mine`` and ``untaken`` are; ``found``: of the list as it is filtered."""

    states: Mapping[str, Count]
    due: Mapping[str, Count]
    which: Mapping[str, Count]
    mine: Count
    untaken: Count
    void: Count
    found: Count

    @property
    def late(self) -> Count:
        return self.due["late"]

    @property
    def near(self) -> Count:
        return self.due["near"]

    @property
    def all(self) -> Count:
        return self.which["all"]


def tally(actor: Actor, sop: Sop, found: Select[Any]) -> Tally:
    """``found``: selects the cases of the list as it is filtered."""
    seen, is_open = [Case.sop == sop.key, visible_rows(actor, sop)], [is_open_of(sop, actor)]
    counted = [*seen, conditions.counts()]
    parts = {
        "which:open": _capped(is_open),
        "which:closed": _capped([*counted, Case.closed_at.is_not(None)]),
        "which:all": _capped(counted),
        "mine": counting_mine(actor, [sop], MOST + 1),
        "untaken": _capped([*is_open, Case.claimed_by_id.is_(None)]),
        "void": _capped([*seen, not_(conditions.counts())]),
        "found": select(func.count()).select_from(found.limit(MOST + 1).subquery()),
    }
    parts |= {f"due:{level}": _capped([*is_open, conditions.due(level)]) for level in conditions.DUE}
    for state in sop.state_by_key.values():
        of_state = counted if state.is_final else is_open
        parts[f"state:{state.key}"] = _capped([*of_state, Case.state == state.key])
    numbers = _counted(parts)
    return Tally(
        {key: number for key, number in _under(numbers, "state:").items() if number}, _under(numbers, "due:"),
        _under(numbers, "which:"), numbers["mine"], numbers["untaken"], numbers["void"], numbers["found"],
    )  # fmt: skip


def _capped(where: Sequence[ColumnElement[bool]]) -> Select[Any]:
    some = select(Case.id).where(*where).limit(MOST + 1).subquery()
    return select(func.count()).select_from(some)


def _counted(parts: Mapping[str, Select[Any]]) -> dict[str, Count]:
    lines = [select(literal(key), part.scalar_subquery()) for key, part in parts.items()]
    return {key: Count(number) for key, number in db.session.execute(union_all(*lines)).tuples()}


def _under(numbers: Mapping[str, Count], prefix: str) -> dict[str, Count]:
    return {key.removeprefix(prefix): number for key, number in numbers.items() if key.startswith(prefix)}
