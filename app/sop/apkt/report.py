"""The report on mutations: which complaint continued as which outage report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select

from app.extensions import db
from app.models import Case, Link, Unit
from app.models.derive import case_model
from app.services.core import conditions
from app.services.core.access import Actor, reads, visible_rows
from app.services.reports.parts import CASES, Report, ReportParams
from app.services.tables import csv_writing
from app.services.tables.csv_writing import BATCH, Row
from app.sop.apkt.mutations import GANGGUAN, KELUHAN
from app.workflow.declaration import CONTINUED_AS

REASON = "mutation_reason"


def _seen(actor: Actor, sop: Any) -> Any:
    return select(Case.id).where(Case.sop == sop.key, visible_rows(actor, sop), conditions.counts())


def _chosen(query: Select[Any], outage: Any, actor: Actor, params: ReportParams) -> Select[Any]:
    return (
        query.select_from(Link)
        .join(outage, outage.c.id == Link.target_id)
        .where(Link.kind == CONTINUED_AS, params.within(outage.c.created_at))
        .where(Link.source_id.in_(_seen(actor, KELUHAN)), Link.target_id.in_(_seen(actor, GANGGUAN)))
    )


def _count(actor: Actor, params: ReportParams) -> int:
    outage = Case.__table__.alias("outage")
    return db.session.scalar(_chosen(select(func.count(Link.id)), outage, actor, params)) or 0


def _rows(actor: Actor, params: ReportParams) -> Iterator[Row]:
    # The tables themselves: the models would load every SOP's columns for a row.
    complaint, outage = Case.__table__.alias("complaint"), Case.__table__.alias("outage")
    keluhan = case_model(KELUHAN.key).__table__.alias("told")
    query = (
        _chosen(
            select(complaint.c.number, outage.c.number.label("outage"), complaint.c.created_at,
                   outage.c.created_at.label("mutated_at"), outage.c.state, outage.c.closed_at, Unit.name,
                   keluhan.c[REASON]),
            outage, actor, params,
        )
        .join(complaint, complaint.c.id == Link.source_id)
        .join(keluhan, keluhan.c.id == complaint.c.id)
        .outerjoin(Unit, Unit.id == outage.c.unit_id)
        .order_by(Link.id)
    )  # fmt: skip
    for pair in db.session.execute(query, execution_options={"yield_per": BATCH}):
        yield [
            pair.number, pair.outage, csv_writing.moment(pair.created_at), csv_writing.moment(pair.mutated_at),
            csv_writing.cell(GANGGUAN, "state", pair.state), csv_writing.moment(pair.closed_at), pair.name or "",
            csv_writing.cell(KELUHAN, REASON, pair[-1]),
        ]  # fmt: skip


#: The pairs whose outage report was opened in the period; only those of which both can be seen.
REPORTS = (
    Report(
        key="mutations",
        label=_l("Mutations"),
        period=_l("Outage reports opened in the period"),
        columns=(_l("Complaint (keluhan)"), _l("Outage (gangguan)"), _l("Complaint created"), _l("Mutated at"),
                 _l("Status of the outage"), _l("Outage closed"), _l("Unit"), KELUHAN.fields[REASON].label),
        rows=_rows,
        may=lambda actor: reads(actor, KELUHAN) and reads(actor, GANGGUAN),
        kind=CASES,
        of=KELUHAN,
        estimate=_count,
        before="retention",
    ),
)  # fmt: skip
