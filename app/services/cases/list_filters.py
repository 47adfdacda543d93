"""Filters of a list of cases from query parameters, besides its columns, each with its description for the user."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, false, or_, select

from app.extensions import db
from app.models import Case, Unit, User
from app.services.cases.event_filters import PERIOD, Args, check, days, describe, event_filters
from app.services.core import conditions
from app.services.core.access import LARGEST_KEY
from app.services.core.formatting import day
from app.services.core.holders import holder
from app.services.core.lateness import was_late
from app.workflow.declaration import Sop

#: In query parameters and buttons: no unit.
NONE = "none"


@dataclass(frozen=True)
class ListFilter:
    """``keys``: its query parameters; without them the list is wider. ``words``: its description for the user."""

    keys: tuple[str, ...]
    words: str
    condition: ColumnElement[bool]


def list_filters(sop: Sop, args: Args) -> Iterator[ListFilter]:
    """The filters in ``args``. An unreadable one empties the list and says so: a list wider than requested would be
    taken for the right one."""
    try:
        check(args, KEYS)
        for read in (_void, _open, _due, _late_on, _age, _created, _closed, _unit, _holder, _happened):
            yield from read(sop, args)
    except (KeyError, ValueError):
        yield ListFilter(KEYS, _("Something in the address can't be read"), false())


def _open(sop: Sop, args: Args) -> Iterator[ListFilter]:
    if args.get("open") == "1":
        yield ListFilter(("open",), _("Open"), conditions.is_open())


def _void(sop: Sop, args: Args) -> Iterator[ListFilter]:
    if args.get("void") == "1":
        yield ListFilter(("void",), _("Declared void"), Case.voided_at.is_not(None))


def _due(sop: Sop, args: Args) -> Iterator[ListFilter]:
    """Late and near have buttons of their own above the list."""
    if (level := args.get("due")) in ("ok", "none"):
        yield ListFilter(("due",), str(conditions.DUE[level]), conditions.due(level))


def _late_on(sop: Sop, args: Args) -> Iterator[ListFilter]:
    on, _end = days(args, ("late_on", "late_on"))
    if on:
        yield ListFilter(("late_on",), _("Late on %(day)s", day=day(on)), was_late(on, [sop]))


def _age(sop: Sop, args: Args) -> Iterator[ListFilter]:
    if age := args.get("age"):
        yield ListFilter(("age",), age_words(age), conditions.aged(age))


def age_words(age: str) -> str:
    low, high = conditions.AGES[age]
    if high is None:
        return str(_("More than %(days)s days old", days=low - 1))
    return str(_("%(low)s to %(high)s days old", low=low, high=high))


def _created(sop: Sop, args: Args) -> Iterator[ListFilter]:
    yield from _between(args, "created", _("Came in"), Case.created_at)


def _closed(sop: Sop, args: Args) -> Iterator[ListFilter]:
    yield from _between(args, "closed", _("Closed"), Case.closed_at)


def _between(args: Args, name: str, words: str, column: Any) -> Iterator[ListFilter]:
    keys = (f"{name}_from", f"{name}_to")
    first, last = days(args, keys)
    if first or last:
        yield ListFilter(keys, describe(words, first, last), conditions.within(column, first, last))


def _unit(sop: Sop, args: Args) -> Iterator[ListFilter]:
    if not (unit := args.get("unit")):
        return
    if unit == NONE:
        yield ListFilter(("unit",), _("Without a unit"), Case.unit_id.is_(None))
        return
    row = db.session.get(Unit, min(int(unit), LARGEST_KEY))
    if row is None:
        raise KeyError(unit)
    yield ListFilter(("unit",), _("Unit") + f": {row.name}", Case.unit_id == row.id)


def _holder(sop: Sop, args: Args) -> Iterator[ListFilter]:
    if not (pk := args.get("holder")):
        return
    held = holder([sop])
    if pk == NONE:
        yield ListFilter(("holder",), _("Taken by nobody"), held.is_(None))
        return
    # Only of who has or had one of them: nobody learns from a list who else there is.
    theirs = select(Case.id).where(Case.sop == sop.key, or_(Case.claimed_by_id == User.id, Case.assignee_id == User.id))
    user = (
        db.session.scalars(select(User).where(User.id == min(int(pk), LARGEST_KEY), theirs.exists())).unique().first()
    )
    if user is None:
        raise KeyError(pk)
    yield ListFilter(("holder",), _("With %(name)s", name=user.get_full_name()), held == user.id)


def _happened(sop: Sop, args: Args) -> Iterator[ListFilter]:
    for one in event_filters(sop, args):
        yield ListFilter(one.keys, one.words, Case.id.in_(select(one.case_id).where(one.condition)))


#: All query parameters of the filters above.
KEYS = (
    "void", "open", "due", "late_on", "age", "created_from", "created_to", "closed_from", "closed_to", "unit", "holder",
    "left", "step", "by", "account", "moved", "mutated", "recorded", "said", "clock", "outcome", *PERIOD,
)  # fmt: skip


def written(found: Iterable[ListFilter], args: Args) -> list[tuple[str, str]]:
    """The query parameters of these filters with their values, each once, without unreadable ones."""
    keys = dict.fromkeys(key for one in found if one.keys != KEYS for key in one.keys)
    return [(key, args[key]) for key in keys if args.get(key)]
