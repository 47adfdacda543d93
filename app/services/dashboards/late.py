"""What is late now: by unit, SOP, state and who holds it; and what turned worse since last week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.extensions import db
from app.models import Case, Unit, User
from app.services.cases.list_filters import NONE
from app.services.core import clock, conditions
from app.services.core.formatting import who
from app.services.core.holders import holder
from app.services.core.lateness import was_late
from app.services.core.wording import state_label
from app.services.dashboards.figures import Cell, Part, Scope, count, sop_cell, span, text
from app.sop import SOPS
from app.workflow.declaration import Sop

#: How long ago the present is compared with.
BEFORE = timedelta(days=7)


@dataclass(frozen=True)
class Late:
    """How many cases of an SOP are late in a unit, in a state, with somebody (``name``, empty for nobody); ``since``:
    when the first of them was due."""

    sop: Sop
    unit_id: int | None
    unit: str
    state: str
    holder_id: int | None
    name: str
    cases: int
    since: datetime

    @property
    def asked(self) -> dict[str, str]:
        return {"open": "1", "due": "late", **_unit(self.unit_id)}


def late(scope: Scope) -> list[Late]:
    """The units with most first."""
    held, since = holder(scope.sops).label("held"), func.min(Case.due_at).label("since")
    groups = (
        select(Case.sop, Case.unit_id, Case.state, held, func.count().label("cases"), since)
        .where(scope.seen, conditions.is_open(), conditions.due("late"))
        .group_by(Case.sop, Case.unit_id, Case.state, held)
        .subquery()
    )
    found = db.session.execute(
        select(groups, Unit.name.label("unit"), User)
        .outerjoin(Unit, Unit.id == groups.c.unit_id)
        .outerjoin(User, User.id == groups.c.held)
    ).unique().all()  # fmt: skip
    names = _names(row.User for row in found if row.User)
    nowhere = str(_("Without a unit"))
    lines = [
        Late(SOPS[row.sop], row.unit_id, row.unit or nowhere, row.state, row.held, names.get(row.held, ""), row.cases,
             row.since)
        for row in found
    ]  # fmt: skip
    of_unit: Counter[int | None] = Counter()
    for line in lines:
        of_unit[line.unit_id] += line.cases
    return sorted(lines, key=lambda line: (-of_unit[line.unit_id], line.unit_id is None, line.unit, -line.cases,
                                           line.since, line.sop.key, line.state, line.name))  # fmt: skip


def _names(people: Iterable[Any]) -> dict[int | None, str]:
    """By id; with the account where two of them have one name."""
    known = {user.id: (user.get_full_name(), user.username) for user in people}
    often = Counter(name for name, _account in known.values())
    return {pk: who(name, account if often[name] > 1 else None) for pk, (name, account) in known.items()}


def _unit(pk: int | None) -> dict[str, str]:
    return {"unit": NONE if pk is None else str(pk)}


def by_unit(scope: Scope, found: Sequence[Late]) -> list[Part]:
    """Units by SOPs, or of one SOP by its states; only those with something late."""
    if not found:
        return []
    units = {line.unit_id: line.unit for line in found}
    across = _across(scope, found)
    numbers: Counter[tuple[int | None, str]] = Counter()
    for line in found:
        numbers[line.unit_id, line.state if scope.single else line.sop.key] += line.cases
    rows = []
    for pk, name in units.items():
        cells = [
            count(numbers[pk, key], sop, open="1", due="late", **({"state": key} if scope.single else {}), **_unit(pk))
            for key, _label, sop in across
        ]
        rows.append((text(name), *cells))
    return [Part((str(_("Unit")), *(label for _key, label, _sop in across)), rows)]


def _across(scope: Scope, found: Sequence[Late]) -> list[tuple[str, str, Sop]]:
    """Key and label of each column, and the SOP whose list is behind its numbers."""
    if scope.single:
        here = {line.state for line in found}
        return [(state, state_label(scope.single, state), scope.single)
                for state in dict.fromkeys([*scope.single.state_by_key, *sorted(here)]) if state in here]  # fmt: skip
    some = {line.sop.key for line in found}
    return [(sop.key, str(sop.label_plural), sop) for sop in scope.sops if sop.key in some]


def by_holder(scope: Scope, found: Sequence[Late]) -> list[Part]:
    """A line for each unit, SOP, state and holder, with how long the first of its cases has been late."""
    if not found:
        return []
    several, now = not scope.single, clock.now()
    columns = (_("Unit"), *([_("Procedure")] if several else []), _("Status"), _("Held by"), _("Late"),
               _("Longest"))  # fmt: skip
    rows = []
    for line in found:
        asked = {**line.asked, "state": line.state, "with": str(line.holder_id or NONE)}
        rows.append((
            text(line.unit), *([sop_cell(line.sop)] if several else []), text(state_label(line.sop, line.state)),
            text(line.name or _("Nobody yet")), count(line.cases, line.sop, **asked),
            span((now - line.since).total_seconds()),
        ))  # fmt: skip
    return [Part(tuple(map(str, columns)), rows)]


def before(scope: Scope) -> dict[tuple[str, int | None], int]:
    """How many cases were late ``BEFORE``, by SOP and by the unit that they have today."""
    found = db.session.execute(
        select(Case.sop, Case.unit_id, func.count())
        .where(scope.seen, was_late(clock.today() - BEFORE, scope.sops))
        .group_by(Case.sop, Case.unit_id)
    )
    return {(sop, unit_id): cases for sop, unit_id, cases in found}


def worse(scope: Scope, found: Sequence[Late], then: dict[tuple[str, int | None], int]) -> list[Part]:
    """Where more is late than a week ago, the most first."""
    now: Counter[tuple[str, int | None]] = Counter()
    for line in found:
        now[line.sop.key, line.unit_id] += line.cases
    units = {line.unit_id: line.unit for line in found}
    grown = sorted(
        ((key, then.get(key, 0), cases) for key, cases in now.items() if cases > then.get(key, 0)),
        key=lambda one: (one[1] - one[2], -one[2], one[0][0], units[one[0][1]]),
    )
    if not grown:
        return []
    day = (clock.today() - BEFORE).isoformat()
    rows: list[tuple[Cell, ...]] = []
    for (key, unit_id), was, cases in grown:
        sop, unit = SOPS[key], _unit(unit_id)
        rows.append((
            text(units[unit_id]), *([] if scope.single else [sop_cell(sop)]),
            count(was, sop, late_on=day, **unit), count(cases, sop, open="1", due="late", **unit),
            Cell(cases - was, "change"),
        ))  # fmt: skip
    columns = (_("Unit"), *([] if scope.single else [_("Procedure")]), _("A week ago"), _("Now"), _("Change"))
    return [Part(tuple(map(str, columns)), rows)]
