"""A case as the API tells it: change here what its JSON looks like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from app.extensions import db
from app.models import Document, Event
from app.services.cases.creation import plain
from app.services.cases.links import linked
from app.services.core.access import Actor
from app.services.deadlines.clocks import running
from app.services.documents.documents import Item, checklist
from app.workflow.declaration import Facts, Field, Requirement, Sop
from app.workflow.engine import requirements

#: A case's own columns, in the order in which they are told, between its state and its SOP's fields.
OWN = ("round", "version", "title")
MOMENTS = ("created_at", "changed_at", "state_since", "due_at", "closed_at")


def reference(case: Any) -> dict[str, Any]:
    """What names a case among all SOPs."""
    return {"sop": case.sop, "id": case.id, "number": case.number, "state": case.state}


def row(sop: Sop, case: Any) -> dict[str, Any]:
    """A case as a line of a list: one flat object. References by code, moments in UTC, money in whole rupiah."""
    state = sop.state_by_key[case.state]
    told = reference(case) | {"state_label": str(state.label), "kind": state.kind}
    told |= {key: getattr(case, key) for key in OWN}
    told |= {
        "unit": case.unit.code if case.unit else None,
        "assignee": case.assignee.username if case.assignee else None,
        "holder": case.claimed_by.username if case.claimed_by else None,
    }
    told |= {key: moment(getattr(case, key)) for key in MOMENTS}
    told["requested_documents"] = list(case.requested_documents)
    told |= {f"{records.key}_count": getattr(case, f"{records.key}_count") for records in sop.records}
    return told | {key: plain(getattr(case, key)) for key in sop.fields}


def whole(actor: Actor, sop: Sop, case: Any) -> dict[str, Any]:
    """One case with its rows and its links."""
    told = row(sop, case)
    for records in sop.records:
        told[records.key] = [_record(entry, records.columns) for entry in getattr(case, records.key)]
    told["deadlines"] = [deadline(sop, clock) for clock in running(db.session(), [case.id])]
    told["links"] = [
        {"kind": link.kind, "sop": link.sop, "id": link.id, "number": link.number, "state": link.state}
        for link in linked(actor, case)
    ]
    return told


def deadline(sop: Sop, clock: Any) -> dict[str, Any]:
    """A clock that runs or stands still; ``used``: 0, 50, 80 or 100 per cent."""
    paused = bool(clock.pauses) and clock.pauses[-1][1] is None
    return {"key": clock.key, "label": str(sop.clock_label(clock.key)), "due": moment(clock.due_at),
            "paused_since": clock.pauses[-1][0] if paused else None, "used": clock.level}  # fmt: skip


def moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _record(entry: Any, columns: Iterable[Field]) -> dict[str, Any]:
    told = {"id": entry.id, "recorded_at": moment(entry.recorded_at), "recorded_by": entry.recorded_by}
    return told | {column.key: plain(getattr(entry, column.key)) for column in columns}


def event(entry: Event) -> dict[str, Any]:
    """A line of the history."""
    return {
        "at": moment(entry.at),
        "actor": entry.actor_name,
        "account": entry.account,
        "action": entry.action,
        "from": entry.from_state,
        "to": entry.to_state,
        "note": entry.note,
        "changes": entry.changes or {},
        "documents": entry.documents,
        "hash": entry.hash,
    }


def documents(actor: Actor, sop: Sop, case: Any, known: Facts, found: Sequence[Document]) -> list[dict[str, Any]]:
    """The checklist of a case."""
    lacking = {key for r in _asked_now(sop, known) if not _is_there(r, known) for key in r.any_of}
    return [_item(item, item.kind.key in lacking) for item in checklist(actor, case, found)]


def _item(item: Item, required_now: bool) -> dict[str, Any]:
    return {
        "type": item.kind.key,
        "label": str(item.kind.label),
        "required_now": required_now,
        "requested": item.requested,
        "confidential": bool(item.kind.confidential_to),
        "versions": [document(d, d.id in item.openable) for d in item.versions],
    }


def document(version: Document, openable: bool) -> dict[str, Any]:
    """One version of a document."""
    return {
        "id": version.id,
        "type": version.type,
        "version": version.version,
        "round": version.round,
        "filename": version.filename,
        "content_type": version.content_type,
        "size": version.size,
        "sha256": version.sha256,
        "uploaded_at": moment(version.uploaded_at),
        "uploaded_by": version.uploader_name,
        "openable": openable,
    }


def _asked_now(sop: Sop, known: Facts) -> Iterable[Requirement]:
    """What the steps that the state waits for can't be done without, whoever does them."""
    for transition in sop.transitions:
        if known.state in transition.source and not transition.optional:
            yield from (r for r in requirements(transition, known) if r.required)


def _is_there(requirement: Requirement, known: Facts) -> bool:
    return bool(set(requirement.any_of) & (known.fresh if requirement.fresh else known.attached))
