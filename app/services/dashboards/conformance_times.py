"""How long cases had been in a state when a step took them out of it, by step and by pair of states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.extensions import db
from app.models import Event
from app.services.dashboards.flow import seconds_between

#: (action, state before, state after), or the two states alone.
ByStep = Mapping[tuple[str, str | None, str], "Times"]
ByStates = Mapping[tuple[str | None, str], "Times"]


@dataclass(frozen=True)
class Times:
    """``p90``: by nearest rank."""

    median: timedelta
    p90: timedelta


def times(events: Select[Any]) -> tuple[ByStep, ByStates]:
    """``events``: a select of ``Event`` without columns, of steps that left a state (they have ``since``). The
    database ranks them; no more than the rows in the middle and at the 90th percentile are read."""
    spent = events.add_columns(
        Event.action, Event.from_state, Event.to_state, seconds_between(Event.since, Event.at).label("seconds")
    ).cte("spent")
    c = spent.c
    windows = ((c.action, c.from_state, c.to_state), (c.from_state, c.to_state))
    ranked = select(
        spent,
        *(
            column.label(f"{name}{nth}")
            for nth, window in enumerate(windows)
            for name, column in (
                ("place", func.row_number().over(partition_by=window, order_by=c.seconds)),
                ("size", func.count().over(partition_by=window)),
            )
        ),
    ).cte("ranked")
    r = ranked.c
    wanted = or_(*(_wanted(r[f"place{nth}"], r[f"size{nth}"]) for nth in range(len(windows))))
    rows = db.session.execute(
        select(r.action, r.from_state, r.to_state, r.seconds, r.place0, r.size0, r.place1, r.size1).where(wanted)
    ).all()
    by_step = _read(((action, a, b), seconds, place, size) for action, a, b, seconds, place, size, *_rest in rows)
    by_states = _read(((a, b), seconds, place, size) for _action, a, b, seconds, *_rest, place, size in rows)
    return by_step, by_states


def _wanted(place: Any, size: Any) -> Any:
    """The one in the middle or the two of an even number, and the smallest that 90 of 100 do not exceed; in whole
    numbers, since databases divide differently."""
    middle = place * 2 == size, place * 2 == size + 1, place * 2 == size + 2
    p90 = (place * 10 >= size * 9) & ((place - 1) * 10 < size * 9)
    return or_(*middle, p90)


def _read(rows: Iterable[tuple[Any, float, int, int]]) -> dict[Any, Times]:
    middle: dict[Hashable, list[float]] = defaultdict(list)
    most: dict[Hashable, float] = {}
    for key, seconds, place, size in rows:
        if size <= place * 2 <= size + 2:
            middle[key].append(seconds)
        if (place - 1) * 10 < size * 9 <= place * 10:
            most[key] = seconds
    return {
        key: Times(timedelta(seconds=sum(found) / len(found)), timedelta(seconds=most[key]))
        for key, found in middle.items()
    }
