"""Deadlines, documents, records and control sheet of a procedure in words."""

from __future__ import annotations

from flask_babel import gettext as _

from app.services.core.access import openers
from app.services.core.formatting import day, length
from app.services.core.wording import state_label
from app.services.deadlines import policies
from app.services.deadlines.laws import limit_law
from app.services.deadlines.policies import Declared
from app.services.documents.sniff import endings
from app.services.procedures.steps import asked
from app.services.procedures.table import Cell, Column, Line, Table, lines, table
from app.services.procedures.wording import kept_in_words, since_in_words, start_in_words
from app.services.retention.retention import periods
from app.workflow.declaration import Records, Sop
from app.workflow.outline import condition_in_words, pauses_in, runs_in


def sheet(sop: Sop) -> list[tuple[str, str]]:
    """What the control sheet says, by label; nothing where the SOP has none."""
    has = sop.sheet
    said = [
        (_("Document code"), has.code),
        (_("Revision"), str(has.revision)),
        (_("Effective from"), day(has.effective) if has.effective else ""),
        (_("Prepared by"), has.prepared_by),
        (_("Checked by"), has.checked_by),
        (_("Approved by"), has.approved_by),
    ]
    return [(label, text) for label, text in said if text] if has != type(has)() else []


def changes(sop: Sop) -> Table:
    columns = (Column(_("Revision")), Column(_("Date"), 2), Column(_("What changed"), 8))
    rows = ((lines(one.revision), lines(day(one.on) if one.on else ""), lines(one.what)) for one in sop.sheet.changes)
    return table("changes", _("Changes"), columns, rows)


def deadlines(sop: Sop) -> Table:
    columns = (
        Column(_("Deadline"), 4), Column(_("Limit"), 4), Column(_("Counted"), 4), Column(_("In the statuses"), 5),
        Column(_("Pauses in"), 3), Column(_("Policy that overrides it"), 3), Column(_("Based on"), 3),
    )  # fmt: skip
    limits: dict[str, list[Declared]] = {}
    for one in policies.declared([sop]):
        limits.setdefault(one.deadline.key, []).append(one)
    return table("deadlines", _("Deadlines"), columns, (_deadline(sop, found) for found in limits.values()))


def _deadline(sop: Sop, limits: list[Declared]) -> tuple[Cell, ...]:
    """``limits``: everything that is declared of one deadline."""
    deadline = limits[0].deadline
    states = [state_label(sop, state) for state in runs_in(sop, deadline)]
    return (
        (Line(str(deadline.label), since_in_words(deadline.opened_from), strong=True),),
        lines(*(_limit(one) for one in limits)),
        lines(start_in_words(deadline)),
        lines(*(states if deadline.states else [_("every open one")])),
        lines(*(state_label(sop, state) for state in pauses_in(sop, deadline))),
        lines(*dict.fromkeys(policies.in_short(policy) for one in limits for policy in one.policies)),
        lines(deadline.citation),
    )


def _limit(one: Declared) -> str:
    if one.limit is None:
        return ""
    limit = length(one.limit.amount, one.limit.measure)
    law = limit_law(one.deadline, one.limit)
    limit = f"{limit} ({law})" if law else limit
    return f"{', '.join(str(channel) for channel in one.channels)}: {limit}" if one.channels else limit


def documents(sop: Sop) -> Table:
    columns = (
        Column(_("Document"), 5), Column(_("Accepted"), 5), Column(_("Confidential until released: open to"), 4),
        Column(_("Kept for"), 3),
    )  # fmt: skip
    kept = periods(sop).documents
    rows = (
        (
            (Line(str(one.label), (_("several files"),) if one.several else (), strong=True),),
            lines(", ".join(ending.removeprefix(".") for ending in endings(one.accept))),
            lines(*openers(one)),
            lines(kept_in_words(kept.get(one.key))),
        )
        for one in sop.documents
    )
    return table("documents", _("Documents"), columns, rows)


def indicators(sop: Sop) -> Table:
    columns = (Column(_("Indicator"), 4), Column(_("Kind"), 3), Column(_("What is measured"), 8))
    kinds = {"share": _("share of the closed cases"), "duration": _("how long it took")}
    rows = (
        ((Line(str(one.label), strong=True),), lines(kinds[one.kind]), lines(condition_in_words(one.of)))
        for one in sop.indicators
    )
    return table("indicators", _("Indicators"), columns, rows)


def records(sop: Sop) -> Table:
    columns = (Column(_("Records"), 3), Column(_("Columns"), 8))
    rows = (
        ((Line(str(one.label), strong=True),), (*_recorded_in(one), *(asked(column) for column in one.columns)))
        for one in sop.records
    )
    return table("records", _("Records"), columns, rows)


def mending(sop: Sop) -> Table:
    """Who puts right what is wrong in a case."""
    columns = (Column(_("What is put right"), 6), Column(_("Roles"), 6))
    closed = sop.corrected_when_closed_by or (_("nobody"),)
    voids = lines(*(sop.voided_by or (_("nobody"),)))
    if sop.void_four_eyes:
        voids += lines(_("Four eyes: once somebody else has asked for it."))
    rows = (
        ((Line(_("Data of an open case"), strong=True),), lines(_("whoever may do the step that asked for them"))),
        ((Line(_("Data of a closed case"), strong=True),), lines(*closed)),
        ((Line(_("A case is declared void"), strong=True),), voids),
    )
    return table("mending", _("Corrections"), columns, rows)


def _recorded_in(records: Records) -> Cell:
    return (Line(str(records.recorded_in), (_("the status in which it is recorded"),)),) if records.recorded_in else ()
