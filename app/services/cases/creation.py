"""Creation of a case, with number, unit, assignee, deadlines and first event; writing of fields and records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.models import Case
from app.models.derive import case_model, record_model
from app.services.cases.numbering import next_number
from app.services.core import history, phones
from app.services.core.access import Actor
from app.services.deadlines import clocks
from app.services.documents.documents import Incoming, attach
from app.services.notices import notify
from app.services.search.index import begin
from app.workflow.declaration import Field, Sop


def open_case(
    session: Session,
    sop: Sop,
    actor: Actor,
    values: Mapping[str, Any],
    now: datetime,
    *,
    action: str,
    code: str | None = None,
    note: str = "",
    incoming: Sequence[Incoming] = (),
    changes: Mapping[str, Any] | None = None,
    submission: str | None = None,
    effects: Callable[[Any, Mapping[str, Any]], dict[str, Any]] | None = None,
    number: str | None = None,
    state: str | None = None,
    created_at: datetime | None = None,
) -> Any:
    """Adds a case under the revision ``sop``; the caller has checked that this may be done. ``effects`` runs the
    effects of the step and returns what it has changed with them.

    It gets the next number and the initial state of its SOP, now; an import overrides this by ``number``, ``state`` and
    ``created_at``.
    """
    case: Case = case_model(sop.key)(
        number=number or next_number(session, sop, now, code),
        revision=sop.revision,
        state=state or sop.create.target_from(None),
        created_at=created_at or now,
        state_since=created_at or now,
        changed_at=now,
        requested_documents=[],
        round=1,
        submission=submission,
    )
    changed = write_fields(sop, case, values)
    refresh(sop, case)
    session.add(case)
    session.flush()
    added = attach(session, case, actor, incoming, now)
    changed = effects(case, changed) if effects else changed
    begin(session, case)
    changed |= clocks.keep(session, sop, case, now)
    event = history.append(
        session, case, actor, action, now, from_state=None, note=note, changes=changed | dict(changes or {}),
        documents=added, first=True,
    )  # fmt: skip
    notify.after_step(session, sop, case, event, actor)
    return case


def write_fields(sop: Sop, case: Case, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Sets the case's own fields; returns ``{field: [before, after]}`` for those that changed, as the history stores
    them. None empties a field; one that is not among ``values`` stays as it is."""
    changed = {}
    for key, value in values.items():
        field = sop.own_fields.get(key)
        if field is None:
            if value is not None and not any(key in (r.key, *(c.key for c in r.columns)) for r in sop.records):
                changed[key] = [None, plain(value)]
            continue
        before = getattr(case, key)
        if value != before and not (value is None and is_empty(before)):
            setattr(case, key, value)
            changed[key] = [plain(before), plain(value)]
    return changed


def is_empty(value: Any) -> bool:
    """Whether a form shows it as empty; an amount of 0 is shown."""
    return value is None or value is False or value == "" or value == []


def kept(sop: Sop, case: Case) -> dict[str, Any]:
    """What the case's own fields hold, as the history stores it."""
    return {key: plain(getattr(case, key)) for key in sop.own_fields}


def with_effects(changed: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The changes by the answers of a step, and those by its effects, which led from the fields ``before`` to those
    ``after``: of a field that both have changed, from what it was at first to what it has become."""
    moved = {key: [changed.get(key, [before[key]])[0], now] for key, now in after.items() if now != before[key]}
    return {key: change for key, change in {**changed, **moved}.items() if key not in moved or change[0] != change[1]}


def write_records(session: Session, sop: Sop, case: Case, actor: Actor, records: str, rows: Sequence[Mapping[str, Any]],
                  now: datetime) -> list[dict[str, Any]]:  # fmt: skip
    """Adds rows of a kind of record; returns them as the history stores them."""
    columns: tuple[Field, ...] = next(one.columns for one in sop.records if one.key == records)
    model = record_model(sop.key, records)
    if records in sop.replaced:
        session.execute(delete(model).where(model.case_id == case.id))
    written = []
    for row in rows:
        known = {column.key: row.get(column.key) for column in columns}
        session.add(model(case_id=case.id, recorded_at=now, recorded_by=actor.name, **known))
        written.append({key: plain(value) for key, value in known.items() if value is not None})
    session.flush()
    session.expire(case, [records])
    return written


def plain(value: Any) -> Any:
    """A value for JSON: a reference by its code, a moment in ISO 8601."""
    if hasattr(value, "code"):
        return value.code
    return value.isoformat() if hasattr(value, "isoformat") else value


def refresh(sop: Sop, case: Case) -> None:
    """Updates the columns that copy the case's own fields for lists over all SOPs."""
    case.title = " ".join(str(getattr(case, sop.subject) or "").split())[:255]
    if sop.reporter:
        name, phone = sop.reporter
        case.reporter_name = getattr(case, name) or ""
        case.reporter_phone = phones.normalised(getattr(case, phone))
    if sop.unit_field:
        row = getattr(case, sop.unit_field)
        case.unit_id = row.unit_id if row else None
    if sop.assignee:
        row = getattr(case, sop.assignee)
        case.assignee_id = row.user_id if row is not None else None
    final = sop.state(case.state).is_final or case.voided_at is not None
    case.closed_at = (case.closed_at or case.voided_at or case.state_since) if final else None
