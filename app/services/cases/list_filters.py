"""Filters of a list of cases from query parameters, besides its columns, each with its description for the user.

Which cases a list is over: ``which`` says it (``WHICH``). An address that filters nothing is the list that people work
on, the open cases; one that filters without saying ``which`` comes from a figure or is an older one, and is over all
cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, false, or_, select

from app.extensions import db
from app.models import REFERENCES, Case, Unit, User
from app.models.derive import case_model, column_of, is_narrowing
from app.services.cases.event_filters import PERIOD, Args, check, days, describe, event_filters
from app.services.core import conditions, masking
from app.services.core.access import LARGEST_KEY, NOBODY, Actor, users_with
from app.services.core.formatting import day
from app.services.core.holders import holder
from app.services.core.lateness import was_late
from app.workflow.declaration import Field, Sop, Text

#: In query parameters and buttons: no unit, nobody.
NONE = "none"
#: In a query parameter: who is signed in.
ME = "me"
#: The parameter of a field's filter begins so: ``of_posko=12`` for a row of master data, ``of_channel=email``.
OF = "of_"
OPEN = "open"
#: What a list can be over.
WHICH: dict[str, Text] = {"open": _l("Open"), "closed": _l("Closed"), "all": _l("All")}


@dataclass(frozen=True)
class ListFilter:
    """``keys``: its query parameters; without them the list is wider. ``words``: its description for the user. ``own``:
    whether its condition is on the table of the SOP."""

    keys: tuple[str, ...]
    words: str
    condition: ColumnElement[bool]
    own: bool = False


def list_filters(sop: Sop, args: Args, actor: Actor = NOBODY) -> Iterator[ListFilter]:
    """The filters in ``args``, for ``actor``, who is ``ME`` in them. An unreadable one empties the list and says so: a
    list wider than requested would be taken for the right one."""
    fields = offered_fields(sop, actor)
    try:
        check(args, (*KEYS, *fields))
        for read in (_void, _open, _due, _late_on, _age, _created, _closed, _unit, _with, _happened):
            yield from read(sop, args)
        yield from _holder(sop, args, actor)
        for key, field in fields.items():
            yield from _of_field(sop, key, field, args)
    except (KeyError, ValueError):
        yield ListFilter(KEYS, _("Something in the address can't be read"), false())


def which(sop: Sop, args: Args) -> str:
    """What the list is over, one of ``WHICH``. A state tells by itself, and so does a day of closing."""
    if (said := args.get("which")) in WHICH:
        return str(said)
    if args.get("closed_from") or args.get("closed_to"):
        return "closed"
    state = sop.state_by_key.get(args.get("state", ""))
    if state is not None:
        return "all" if state.is_final else "open"
    if args.get("due") in conditions.DUE or args.get("mine") == "1" or args.get("open") == "1":
        return "open"
    narrowed = any(args.get(key) for key in OVER_ALL) or any(key.startswith("_flt_") for key in args)
    return "all" if narrowed else "open"


def over(wanted: str) -> list[ColumnElement[bool]]:
    """The conditions of ``which``; what is open has not been declared void, and no list shows what has."""
    if wanted == "open":
        return [conditions.is_open()]
    return [conditions.counts(), *([Case.closed_at.is_not(None)] if wanted == "closed" else [])]


def offered_fields(sop: Sop, actor: Actor) -> dict[str, Field]:
    """The fields by whose value ``actor`` may filter a list, by query parameter: those that refer to a short table of
    master data, and the channel by which cases come in."""
    hide = masking.hidden_from(actor, sop)
    return {OF + key: field for key, field in sop.fields.items() if is_narrowing(field) and key not in hide}


def _of_field(sop: Sop, key: str, field: Field, args: Args) -> Iterator[ListFilter]:
    if not (value := args.get(key)):
        return
    column = case_model(sop.key).__table__.c[column_of(field)]
    if value == NONE:
        yield ListFilter((key,), f"{field.label}: –", column.is_(None), own=True)
    elif field.reference:
        row = db.session.get(REFERENCES[field.reference], _number(value))
        if row is None:
            raise KeyError(value)
        yield ListFilter((key,), f"{field.label}: {row.name}", column == row.id, own=True)
    else:
        label = {choice.key: choice.label for choice in field.choices}[value]
        yield ListFilter((key,), f"{field.label}: {label}", column == value, own=True)


def _holder(sop: Sop, args: Args, actor: Actor) -> Iterator[ListFilter]:
    """Who has taken the case."""
    if not (said := args.get("holder")):
        return
    if said == NONE:
        yield ListFilter(("holder",), _("Taken by nobody"), Case.claimed_by_id.is_(None))
    elif said == ME:
        yield ListFilter(("holder",), _("Taken by me"), Case.claimed_by_id == actor.id)
    else:
        user = _colleague(sop, _number(said))
        yield ListFilter(("holder",), _("Taken by %(name)s", name=user.get_full_name()), Case.claimed_by_id == user.id)


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
    row = db.session.get(Unit, _number(unit))
    if row is None:
        raise KeyError(unit)
    yield ListFilter(("unit",), _("Unit") + f": {row.name}", Case.unit_id == row.id)


def _number(written: str) -> int:
    return min(int(written), LARGEST_KEY)


def _with(sop: Sop, args: Args) -> Iterator[ListFilter]:
    """Who has the case: whoever has claimed it, else its assignee while the step is theirs alone."""
    if not (written := args.get("with")):
        return
    held = holder([sop])
    if written == NONE:
        yield ListFilter(("with",), _("With nobody"), held.is_(None))
        return
    user = _colleague(sop, _number(written))
    yield ListFilter(("with",), _("With %(name)s", name=user.get_full_name()), held == user.id)


def _colleague(sop: Sop, pk: int) -> User:
    """Only who takes part in the SOP, or has or had one of its cases: nobody learns from a list who else there is.
    Raises ``KeyError``."""
    theirs = select(Case.id).where(Case.sop == sop.key, or_(Case.claimed_by_id == User.id, Case.assignee_id == User.id))
    known = or_(users_with(role for one in sop.revisions for role in one.roles), theirs.exists())
    user = db.session.scalars(select(User).where(User.id == pk, known)).unique().first()
    if user is None:
        raise KeyError(pk)
    return user


def _happened(sop: Sop, args: Args) -> Iterator[ListFilter]:
    for one in event_filters(sop, args):
        yield ListFilter(one.keys, one.words, Case.id.in_(select(one.case_id).where(one.condition)))


#: Query parameters of links that came before ``which``: their lists are over all cases.
OVER_ALL = (
    "q", "void", "late_on", "age", "created_from", "created_to", "unit", "left", "step", "by", "account", "moved",
    "mutated", "recorded", "said", "clock", "outcome", *PERIOD,
)  # fmt: skip
#: All query parameters of the filters above, but for those of fields.
KEYS = (*OVER_ALL, "open", "due", "closed_from", "closed_to", "holder", "with")


def written(found: Iterable[ListFilter], args: Args) -> list[tuple[str, str]]:
    """The query parameters of these filters with their values, each once, without unreadable ones."""
    keys = dict.fromkeys(key for one in found if one.keys != KEYS for key in one.keys)
    return [(key, args[key]) for key in keys if args.get(key)]
