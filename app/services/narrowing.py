"""What a list of cases can be narrowed to by its address, beside its columns: change here how that is written and what
the user reads of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, false, select, true

from app.extensions import db
from app.models import Case, Clock, Event, Link, Unit
from app.models.derive import record_model
from app.services import slices
from app.services.access import LARGEST_KEY
from app.services.mutations import MUTATION
from app.services.shown import day
from app.workflow.declaration import Field, Sop
from app.workflow.values import LAST_YEAR

Args = Mapping[str, str]
#: The days between which something happened, for all that is asked about the past of a case.
PERIOD = ("from", "to")
#: In addresses and buttons: no unit.
NONE = "none"
#: No name, key or date is longer.
LONGEST = 200


@dataclass(frozen=True)
class Slice:
    """``keys``: what it is asked by; without them the list is wider. ``words``: what the user reads."""

    keys: tuple[str, ...]
    words: str
    condition: ColumnElement[bool]


def asked(sop: Sop, args: Args) -> Iterator[Slice]:
    """The parts of ``sop``'s cases that ``args`` ask for. What can't be read leaves nothing in the list, and says so:
    a list that is wider than asked would be believed."""
    try:
        if any("\0" in args.get(key, "") or len(args.get(key, "")) > LONGEST for key in KEYS):
            raise ValueError("no address of ours says that")
        for read in (_open, _due, _age, _came_in, _closed, _unit, _left, _mutated, _recorded, _ended):
            yield from read(sop, args)
    except (KeyError, ValueError):
        yield Slice(KEYS, _("Something in the address can't be read"), false())


def _open(sop: Sop, args: Args) -> Iterator[Slice]:
    if args.get("open") == "1":
        yield Slice(("open",), _("Open"), slices.is_open())


def _due(sop: Sop, args: Args) -> Iterator[Slice]:
    """Late and near have buttons of their own above the list."""
    if (level := args.get("due")) in ("ok", "none"):
        yield Slice(("due",), str(slices.DUE[level]), slices.due(level))


def _age(sop: Sop, args: Args) -> Iterator[Slice]:
    if age := args.get("age"):
        yield Slice(("age",), age_words(age), slices.aged(age))


def age_words(age: str) -> str:
    low, high = slices.AGES[age]
    if high is None:
        return str(_("More than %(days)s days old", days=low - 1))
    return str(_("%(low)s to %(high)s days old", low=low, high=high))


def _came_in(sop: Sop, args: Args) -> Iterator[Slice]:
    yield from _between(args, "created", _("Came in"), Case.created_at)


def _closed(sop: Sop, args: Args) -> Iterator[Slice]:
    yield from _between(args, "closed", _("Closed"), Case.closed_at)


def _between(args: Args, name: str, words: str, column: Any) -> Iterator[Slice]:
    keys = (f"{name}_from", f"{name}_to")
    first, last = _days(args, keys)
    if first or last:
        yield Slice(keys, _told(words, first, last), slices.within(column, first, last))


def _unit(sop: Sop, args: Args) -> Iterator[Slice]:
    if not (unit := args.get("unit")):
        return
    if unit == NONE:
        yield Slice(("unit",), _("Without a unit"), Case.unit_id.is_(None))
        return
    row = db.session.get(Unit, min(int(unit), LARGEST_KEY))
    if row is None:
        raise KeyError(unit)
    yield Slice(("unit",), _("Unit") + f": {row.name}", Case.unit_id == row.id)


def _left(sop: Sop, args: Args) -> Iterator[Slice]:
    """Left a state, by a step, by somebody: as far as each is named."""
    if not (state := args.get("left")):
        return
    first, last = _days(args, PERIOD)
    words = [_("Left “%(state)s”", state=sop.state_by_key[state].label)]
    events = [slices.leaving(sop), Event.from_state == state, slices.within(Event.at, first, last)]
    if step := args.get("step"):
        words.append(str(sop.transition_by_key[step].label))
        events.append(Event.action == step)
    if name := args.get("by"):
        words.append(name)
        events.append(Event.actor_name == name)
    yield Slice(("left", "step", "by", *PERIOD), _told(" · ".join(words), first, last),
                Case.id.in_(select(Event.case_id).where(*events)))  # fmt: skip


def _mutated(sop: Sop, args: Args) -> Iterator[Slice]:
    if args.get("mutated") == "1":
        first, last = _days(args, PERIOD)
        links = select(Link.source_id).where(Link.kind == MUTATION, slices.within(Link.created_at, first, last))
        yield Slice(("mutated", *PERIOD), _told(_("Mutated"), first, last), Case.id.in_(links))


def _recorded(sop: Sop, args: Args) -> Iterator[Slice]:
    """Rows of a kind of record that count; ``said``: the answer that holds for them, written ``column:choice``."""
    if not (key := args.get("recorded")):
        return
    records, model = sop.records_by_key[key], record_model(sop.key, key)
    first, last = _days(args, PERIOD)
    words = str(records.label)
    condition: ColumnElement[bool] = true()
    if said := args.get("said"):
        name, _colon, choice = said.partition(":")
        column = {one.key: one for one in records.columns if one.choices}[name]
        words += f" · {choice_label(column, choice)}"
        condition = slices.carried(model, name) == choice
    rows = select(model.case_id).where(
        slices.counting(records, model), slices.within(model.recorded_at, first, last), condition
    )
    yield Slice(("recorded", "said", *PERIOD), _told(words, first, last), Case.id.in_(rows))


def choice_label(column: Field, key: str) -> str:
    """Raises ``KeyError`` for an answer that the column does not have."""
    return str({choice.key: choice.label for choice in column.choices}[key])


def _ended(sop: Sop, args: Args) -> Iterator[Slice]:
    """Clocks that ended ``kept`` or ``missed``."""
    if not (key := args.get("clock")):
        return
    outcome = args.get("outcome", "")
    first, last = _days(args, PERIOD)
    words = f"{sop.clock_label(key)} · {slices.OUTCOMES[outcome]}"
    ended = select(Clock.case_id).where(
        and_(Clock.sop == sop.key, Clock.key == key, Clock.outcome == outcome),
        slices.within(Clock.ended_at, first, last),
    )
    yield Slice(("clock", "outcome", *PERIOD), _told(words, first, last), Case.id.in_(ended))


def _days(args: Args, keys: tuple[str, str]) -> tuple[date | None, date | None]:
    first, last = (date.fromisoformat(args[key]) if args.get(key) else None for key in keys)
    if any(one is not None and not 1900 <= one.year <= LAST_YEAR for one in (first, last)):
        raise ValueError("no calendar of ours goes that far")
    return first, last


def _told(words: str, first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return words
    return f"{words}: {day(first) if first else '…'} – {day(last) if last else '…'}"


#: Everything above that an address can say.
KEYS = (
    "open", "due", "age", "created_from", "created_to", "closed_from", "closed_to", "unit", "left", "step", "by",
    "mutated", "recorded", "said", "clock", "outcome", *PERIOD,
)  # fmt: skip


def written(found: Iterable[Slice], args: Args) -> list[tuple[str, str]]:
    """The names and values by which these parts are asked for, each once; nothing of what could not be read."""
    keys = dict.fromkeys(key for one in found if one.keys != KEYS for key in one.keys)
    return [(key, args[key]) for key in keys if args.get(key)]
