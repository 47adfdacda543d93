"""Filters by what happened to cases, read from query parameters: steps done, records added, clocks ended. Lists show
the cases, drilldowns the rows themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, select

from app.models import Clock, Event, Link, User
from app.models.derive import record_model
from app.services.core import conditions
from app.services.core.access import NOBODY, closed_columns
from app.services.core.formatting import day, who
from app.services.core.wording import COMMENTING, action_label, state_label
from app.workflow.days import read_day
from app.workflow.declaration import CONTINUED_AS, Field, Records, Sop

Args = Mapping[str, str]
#: The days between which something happened.
PERIOD = ("from", "to")
#: Longest value of a query parameter.
LONGEST = 200
#: In a query parameter: no state yet.
START = "start"


@dataclass(frozen=True)
class EventFilter:
    """``keys``: its query parameters; ``words``: its description for the user; ``case_id``: the column of its table
    with the case. ``records``: the kind of record, if it selects records."""

    keys: tuple[str, ...]
    words: str
    case_id: Any
    condition: ColumnElement[bool]
    records: Records | None = None


def event_filters(sop: Sop, args: Args) -> Iterator[EventFilter]:
    """Raises ``KeyError`` or ``ValueError`` for what can't be read."""
    for read in (_left, _moved, _continued, _recorded, _ended):
        yield from read(sop, args)


def _left(sop: Sop, args: Args) -> Iterator[EventFilter]:
    """Left a state, by a step, by somebody: as far as each is given."""
    if not (state := args.get("left")):
        return
    first, last = days(args)
    words = [_("Left “%(state)s”", state=sop.state_by_key[state].label)]
    events = [conditions.leaving(sop), Event.from_state == state, conditions.within(Event.at, first, last)]
    if step := args.get("step"):
        words.append(str(sop.known_transitions[step].label))
        events.append(Event.action == step)
    if name := args.get("by"):
        account = args.get("account", "")
        words.append(who(name, account))
        events.append(Event.actor_name == name)
        if account:
            events.append(Event.actor_id == select(User.id).where(User.username == account).scalar_subquery())
    keys = ("left", "step", "by", "account", *PERIOD)
    yield EventFilter(keys, describe(" · ".join(words), first, last), Event.case_id, and_(*events))


def moved(action: str, source: str | None, target: str) -> dict[str, str]:
    """The query parameter for a step from one state to another, declared or not."""
    return {"moved": f"{action}:{source or START}:{target}"}


def _moved(sop: Sop, args: Args) -> Iterator[EventFilter]:
    if not (value := args.get("moved")):
        return
    first, last = days(args)
    action, source, target = value.split(":")
    before = None if source == START else source
    words = f"{action_label(sop, action)}: {state_label(sop, before)} → {state_label(sop, target)}"
    events = [
        Event.action == action,
        Event.action.not_in(COMMENTING),
        Event.from_state.is_not_distinct_from(before),
        Event.to_state == target,
        conditions.within(Event.at, first, last),
    ]
    yield EventFilter(("moved", *PERIOD), describe(words, first, last), Event.case_id, and_(*events))


def _continued(sop: Sop, args: Args) -> Iterator[EventFilter]:
    """Closed, and continued as another case."""
    if args.get("mutated") == "1":
        first, last = days(args)
        condition = and_(Link.kind == CONTINUED_AS, conditions.within(Link.created_at, first, last))
        yield EventFilter(("mutated", *PERIOD), describe(_("Mutated"), first, last), Link.source_id, condition)


def _recorded(sop: Sop, args: Args) -> Iterator[EventFilter]:
    """Rows of a kind of record that count; the parameter ``said`` selects by values, as ``column:choice`` separated by
    commas."""
    if not (key := args.get("recorded")):
        return
    records, model = sop.records_by_key[key], record_model(sop.key, key)
    first, last = days(args)
    words = [str(records.label)]
    several = [conditions.counting(records, model), conditions.within(model.recorded_at, first, last)]
    columns = {one.key: one for one in open_choices(sop, records)}
    for value in filter(None, args.get("said", "").split(",")):
        name, _colon, choice = value.partition(":")
        words.append(choice_label(columns[name], choice))
        several.append(conditions.carried(model, name) == choice)
    keys = ("recorded", "said", *PERIOD)
    yield EventFilter(keys, describe(" · ".join(words), first, last), model.case_id, and_(*several), records)


def open_choices(sop: Sop, records: Records) -> list[Field]:
    """The columns of fixed choices by which rows may be counted and selected: to count what is confidential would tell
    it."""
    closed = closed_columns(NOBODY, sop, records.key)
    return [column for column in records.columns if column.choices and column.key not in closed]


def choice_label(column: Field, key: str) -> str:
    """Raises ``KeyError`` for a choice that the column does not have."""
    return str({choice.key: choice.label for choice in column.choices}[key])


def _ended(sop: Sop, args: Args) -> Iterator[EventFilter]:
    """Clocks that ended ``kept`` or ``missed``."""
    if not (key := args.get("clock")):
        return
    outcome = args.get("outcome", "")
    first, last = days(args)
    words = f"{sop.clock_label(key)} · {conditions.OUTCOMES[outcome]}"
    ended = and_(
        Clock.sop == sop.key, Clock.key == key, Clock.outcome == outcome, conditions.within(Clock.ended_at, first, last)
    )
    yield EventFilter(("clock", "outcome", *PERIOD), describe(words, first, last), Clock.case_id, ended)


def check(args: Args, keys: Iterable[str]) -> None:
    """Raises ``ValueError`` for values that no link of ours contains."""
    if any("\0" in args.get(key, "") or len(args.get(key, "")) > LONGEST for key in keys):
        raise ValueError("no address of ours says that")


def days(args: Args, keys: tuple[str, str] = PERIOD) -> tuple[date | None, date | None]:
    """The period in the parameters ``keys``; None: no end. Raises ``ValueError``."""
    first, last = (_day(args.get(key, "").strip()) for key in keys)
    return first, last


def _day(written: str) -> date | None:
    day = read_day(written)
    if written and day is None:
        raise ValueError("no day of any calendar of ours")
    return day


def describe(words: str, first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return words
    return f"{words}: {day(first) if first else '…'} – {day(last) if last else '…'}"
