"""What the filter bar above a list of cases offers, with what it says at present."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.models import REFERENCES, Unit, User
from app.models.people import full_name
from app.services.cases.event_filters import Args
from app.services.cases.list_filters import ME, NONE, OPEN, WHICH, offered_fields, which
from app.services.cases.tally import Count, Tally
from app.services.core import conditions
from app.services.core.access import Actor, sees_all_units, users_with
from app.workflow.declaration import Field, Sop

#: Periods are two parameters, from and until; the first of them is the key of the offer.
CREATED = ("created_from", "created_to")


@dataclass(frozen=True)
class Option:
    """``count``: how many cases it would leave of those that one may see, where that is counted."""

    value: str
    label: str
    count: Count | None = None


@dataclass(frozen=True)
class Offer:
    """A control of the bar: a choice where it has ``options``, else the days of ``keys``. ``values``: what the address
    says at present, by key; an empty text is no filter. ``empty``: what no filter is called."""

    key: str
    label: str
    options: Sequence[Option]
    values: dict[str, str]
    empty: str = ""

    @property
    def value(self) -> str:
        return self.values[self.key]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.values)


def offers(actor: Actor, sop: Sop, args: Args, tally: Tally) -> list[Offer]:
    """In the order of the bar; what has nothing to choose from is left out."""
    found = [
        _which(sop, args, tally),
        _choice("state", _("Status"), _states(sop, args, tally), args),
        _choice("due", _("Due"), _due(tally), args),
        *_units(actor, sop, args),
        *(_of_field(key, field, args) for key, field in offered_fields(sop, actor).items() if key != _unit_key(sop)),
        _choice("holder", _("Taken by"), _holders(actor, sop, tally), args),
        Offer(CREATED[0], _("Came in"), (), {key: args.get(key, "") for key in CREATED}),
    ]
    return [offer for offer in found if offer.options or len(offer.keys) > 1]


def _choice(key: str, label: str, options: Sequence[Option], args: Args) -> Offer:
    value = args.get(key, "")
    return Offer(key, label, options, {key: value if any(one.value == value for one in options) else ""}, _("All"))


def _which(sop: Sop, args: Args, tally: Tally) -> Offer:
    options = [Option(key, str(label), tally.open if key == OPEN else None) for key, label in WHICH.items()]
    return Offer("which", _("Cases"), options, {"which": which(sop, args)})


def _states(sop: Sop, args: Args, tally: Tally) -> list[Option]:
    """Those of another revision only as long as some case is in them."""
    now = {state.key for state in sop.states}
    return [
        Option(state.key, str(state.label), None if state.is_final else tally.states.get(state.key, Count(0)))
        for state in sop.state_by_key.values()
        if state.key in now or state.key in tally.states or args.get("state") == state.key
    ]


def _due(tally: Tally) -> list[Option]:
    counts = {"late": tally.late, "near": tally.near}
    return [Option(key, str(label), counts.get(key)) for key, label in conditions.DUE.items()]


def _unit_key(sop: Sop) -> str:
    """Nothing is offered twice: a unit that a field refers to is the case's own."""
    unit = sop.fields.get(sop.unit_field or "")
    return f"of_{unit.key}" if unit is not None and unit.reference == "unit" else ""


def _units(actor: Actor, sop: Sop, args: Args) -> Iterator[Offer]:
    """To those who see more than one."""
    if sop.unit_field and sees_all_units(actor, sop):
        rows = _rows(Unit, args.get("unit", ""))
        yield _choice("unit", _("Unit"), [*rows, Option(NONE, _("Without a unit"))] if rows else [], args)


def _of_field(key: str, field: Field, args: Args) -> Offer:
    if not field.reference:
        return _choice(key, str(field.label), [Option(one.key, str(one.label)) for one in field.choices], args)
    return _choice(key, str(field.label), _rows(REFERENCES[field.reference], args.get(key, "")), args)


def _rows(table: Any, present: str) -> list[Option]:
    """Those that forms offer, and the one that is chosen."""
    chosen = [table.id == int(present)] if present.isascii() and present.isdecimal() and len(present) < 10 else []
    wanted = select(table.id, table.name).where(table.active if not chosen else table.active | chosen[0])
    return [Option(str(pk), name) for pk, name in db.session.execute(wanted.order_by(table.name, table.id))]


def _holders(actor: Actor, sop: Sop, tally: Tally) -> list[Option]:
    """Oneself, nobody, and everybody who takes part in the SOP, of those whose cases one sees."""
    return [Option(ME, _("Me")), Option(NONE, _("Nobody"), tally.untaken), *_others(actor, sop)]


def _others(actor: Actor, sop: Sop) -> Iterator[Option]:
    people = select(User.id, User.first_name, User.last_name).where(User.active, User.id != actor.id)
    people = people.where(users_with(sop.roles))
    if not sees_all_units(actor, sop):
        people = people.where(User.unit_id == actor.unit_id)
    for user in db.session.execute(people.order_by(User.first_name, User.last_name, User.id)):
        yield Option(str(user.id), full_name(user))
