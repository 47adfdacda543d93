"""The dashboard figure on mutations: per unit, how many complaints continued as outage reports."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.extensions import db
from app.models import Case, Link, Unit
from app.services.cases.list_filters import NONE
from app.services.dashboards.figures import Cell, Chart, Part, Scope, Series, count, text
from app.sop.apkt.mutations import KELUHAN
from app.workflow.declaration import CONTINUED_AS

#: More bars than this are no picture any more.
MOST_BARS = 20


def mutations(scope: Scope) -> list[Part]:
    """Complaints per unit, and how many were mutated to an outage report."""
    if KELUHAN not in scope.sops:
        return []
    ours = (scope.seen, Case.sop == KELUHAN.key)
    came = dict(db.session.execute(
        select(Case.unit_id, func.count()).where(*ours, scope.within(Case.created_at)).group_by(Case.unit_id)
    ).tuples().all())  # fmt: skip
    mutated = dict(db.session.execute(
        select(Case.unit_id, func.count()).join(Link, Link.source_id == Case.id)
        .where(*ours, Link.kind == CONTINUED_AS, scope.within(Link.created_at)).group_by(Case.unit_id)
    ).tuples().all())  # fmt: skip
    units = {key for key in (*came, *mutated) if key is not None}
    names: list[tuple[int | None, str]] = list(
        db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units)).order_by(Unit.name)).tuples().all()
    )
    if None in came or None in mutated:
        names.append((None, _("Without a unit")))
    if not names:
        return []
    rows = [_unit(scope, unit, name, came.get(unit, 0), mutated.get(unit, 0)) for unit, name in names]
    columns = (_("Unit"), _("Complaints that came in"), _("Mutated to an outage"))
    series = [
        Series(columns[1], [came.get(unit, 0) for unit, _name in names], "blue"),
        Series(columns[2], [mutated.get(unit, 0) for unit, _name in names], "amber"),
    ]
    chart = Chart([name for _unit, name in names], series, across=True) if len(names) <= MOST_BARS else None
    return [Part(columns, rows, chart, KELUHAN)]


def _unit(scope: Scope, unit: int | None, name: str, came: int, mutated: int) -> tuple[Cell, ...]:
    of = NONE if unit is None else str(unit)
    first, last = scope.period.values()
    return (
        text(name),
        count(came, KELUHAN, unit=of, created_from=first, created_to=last),
        count(mutated, KELUHAN, unit=of, mutated="1", **scope.period),
    )


FIGURES = {
    "mutations": (_l("Mutations per unit"), _l("In the period, by the unit of the complaint."), mutations),
}
