"""The ways that whole cases took, from the first step to the last."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import and_, func, select

from app.extensions import db
from app.models import Case, Event
from app.services.dashboards.figures import Scope
from app.workflow.declaration import Sop

#: The one action beside the steps with which a way can begin.
IMPORT = "import"
#: Whole paths are read case by case: the newest so many, and the most frequent of them are shown.
MOST_CASES, MOST_SHOWN = 20_000, 10


@dataclass(frozen=True)
class Variant:
    """A whole path: keys of steps with how often each was done in a row. ``example``: id of the newest such case."""

    path: tuple[tuple[str, int], ...]
    cases: int
    share: float
    example: int


@dataclass(frozen=True)
class Variants:
    """``closed``: how many cases were closed in the period; ``read``: over how many of them it is counted."""

    found: list[Variant]
    different: int
    read: int
    closed: int


def variants(scope: Scope, sop: Sop) -> Variants:
    """The ways of the cases of ``scope`` that were closed in its days, most frequent first: read in one query, the
    newest ``MOST_CASES`` of them."""
    closed = and_(scope.seen, scope.within(Case.closed_at))
    newest = select(Case.id).where(closed).order_by(Case.closed_at.desc(), Case.id.desc()).limit(MOST_CASES)
    steps = db.session.execute(
        select(Event.case_id, Event.action)
        .where(Event.case_id.in_(newest), Event.action.in_([*sop.known_transitions, IMPORT]))
        .order_by(Event.case_id, Event.seq)
    ).tuples()
    cases: Counter[tuple[str, ...]] = Counter()
    examples: dict[tuple[str, ...], int] = {}
    for case_id, done in groupby(steps, key=lambda row: row[0]):
        path = tuple(action for _case, action in done)
        cases[path] += 1
        examples[path] = case_id
    read = cases.total()
    total = read if read < MOST_CASES else db.session.scalar(select(func.count()).select_from(Case).where(closed))
    found = [
        Variant(_folded(path), count, count / read, examples[path])
        for path, count in sorted(cases.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_SHOWN]
    ]
    return Variants(found, len(cases), read, total or 0)


def _folded(path: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((key, len(list(again))) for key, again in groupby(path))
