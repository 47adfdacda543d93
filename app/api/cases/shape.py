"""A case as JSON.

Everything here is for one actor: personal data come masked where ``services/core/masking.py`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.extensions import db
from app.models import Case, Document
from app.services.cases.comments import Said
from app.services.cases.creation import plain
from app.services.cases.facts import documents_of, events_of
from app.services.cases.links import linked
from app.services.cases.recorded import Origin, origins
from app.services.cases.rounds import Round, rounds
from app.services.core import masking
from app.services.core.access import Actor, closed_fields
from app.services.core.opening import may_open
from app.services.deadlines.clocks import running
from app.services.documents.documents import Item, checklist
from app.services.documents.inspection import warnings
from app.sop import sop_of
from app.web.events import moment, person
from app.workflow.declaration import Facts, Records, Requirement, Sop
from app.workflow.engine import requirements

#: A case's own columns, in their order, between its state and its SOP's fields.
OWN = ("revision", "round", "version", "title")
MOMENTS = ("created_at", "changed_at", "state_since", "due_at", "closed_at", "voided_at")


def reference(case: Case) -> dict[str, Any]:
    """What names a case among all SOPs."""
    return {"sop": case.sop, "id": case.id, "number": case.number, "state": case.state}


def row(actor: Actor, sop: Sop, case: Case) -> dict[str, Any]:
    """A case as a line of a list: one flat object. References by code, moments in UTC, money in whole rupiah."""
    return _for_reader(actor, sop, _whole_row(sop, case))


def _for_reader(actor: Actor, sop: Sop, result: dict[str, Any]) -> dict[str, Any]:
    """Answers by field key without what the reader may not read, and masked for whom they are."""
    hide = masking.hidden_from(actor, sop) & result.keys()
    shown = {key: masking.as_json(result[key], masking.field_of(sop, key)) for key in hide}
    return result | shown | dict.fromkeys(closed_fields(actor, sop) & result.keys())


def _whole_row(sop: Sop, case: Case) -> dict[str, Any]:
    state = sop.state(case.state)
    result = reference(case) | {"state_label": str(state.label), "kind": state.kind}
    result |= {key: getattr(case, key) for key in OWN}
    result |= {
        "unit": case.unit.code if case.unit else None,
        "assignee": case.assignee.username if case.assignee else None,
        "holder": case.claimed_by.username if case.claimed_by else None,
    }
    result |= {key: moment(getattr(case, key)) for key in MOMENTS}
    result["requested_documents"] = list(case.requested_documents)
    result |= {f"{records.key}_count": getattr(case, f"{records.key}_count") for records in sop.records_by_key.values()}
    return result | {key: plain(getattr(case, key)) for key in sop.fields}


def whole(actor: Actor, sop: Sop, case: Case) -> dict[str, Any]:
    """One case with its rows and its links."""
    result = row(actor, sop, case)
    found, events = documents_of([case.id])[case.id], events_of([case.id])[case.id]
    came = origins(case, events, found)
    for records in sop.records_by_key.values():
        result[records.key] = [
            _record(actor, sop, records, entry, came[records.key, entry.id]) for entry in getattr(case, records.key)
        ]
    result["void_asked_by"] = (case.void_request or {}).get("by")
    result["rounds"] = [_round(actor, sop, one) for one in rounds(actor, case, events, found)]
    result["deadlines"] = [deadline(sop, clock) for clock in running(db.session(), [case.id])]
    result["links"] = [
        {"kind": link.kind, "sop": link.sop, "id": link.id, "number": link.number, "state": link.state}
        for link in linked(actor, case)
    ]
    return result


def deadline(sop: Sop, clock: Any) -> dict[str, Any]:
    """A clock that runs or is paused; ``used``: 0, 50, 80 or 100 per cent."""
    paused = bool(clock.pauses) and clock.pauses[-1][1] is None
    return {"key": clock.key, "label": str(sop.clock_label(clock.key)), "due": moment(clock.due_at),
            "paused_since": clock.pauses[-1][0] if paused else None, "used": clock.level}  # fmt: skip


def _round(actor: Actor, sop: Sop, one: Round) -> dict[str, Any]:
    """A round with its own answers, and the documents that came in it."""
    answers = {key: one.answers.get(key) for key in sop.known_round_fields}
    own = {"number": one.number, "opened_at": moment(one.opened_at)}
    papers = [document(actor, sop, version) for version in one.documents]
    return own | _for_reader(actor, sop, answers) | {"documents": papers}


def label(actor: Actor, case: Case) -> str:
    """A case in a line: who reported what."""
    shown = [getattr(case, key) for key in ("reporter_name", "title")]
    if masking.masked(actor, sop_of(case)):
        shown = [masking.mask(value) for value in shown]
    return " · ".join(filter(None, shown))


def _record(actor: Actor, sop: Sop, records: Records, entry: Any, origin: Origin) -> dict[str, Any]:
    """A row of a record, with the documents that were handed in with it."""
    result = {column.key: plain(getattr(entry, column.key)) for column in records.columns}
    by = person(entry.recorded_by, masking.masked(actor, sop))
    shown = masking.row_for(actor, sop, records, result)
    own = {"id": entry.id, "recorded_at": moment(entry.recorded_at), "recorded_by": by, "recorded_in": origin.state}
    return own | shown | {"documents": [document(actor, sop, version) for version in origin.documents]}


def documents(actor: Actor, sop: Sop, case: Case, known: Facts, found: Sequence[Document]) -> list[dict[str, Any]]:
    """The checklist of a case."""
    lacking = {key for r in _asked_now(sop, known) if not _is_there(r, known) for key in r.any_of}
    masked = masking.masked(actor, sop)
    return [_item(item, item.kind.key in lacking, masked) for item in checklist(actor, case, found)]


def _item(item: Item, required_now: bool, masked: bool) -> dict[str, Any]:
    return {
        "type": item.kind.key,
        "label": str(item.kind.label),
        "required_now": required_now,
        "requested": item.requested,
        "confidential": bool(item.kind.confidential_to),
        "several": item.kind.several,
        "versions": [_version(d, d.id in item.openable, masked) for d in item.versions],
    }


def document(actor: Actor, sop: Sop, version: Document) -> dict[str, Any]:
    """One version of a document."""
    return _version(version, may_open(actor, sop, version), masking.masked(actor, sop))


def comment(actor: Actor, sop: Sop, said: Said) -> dict[str, Any]:
    """A comment; of a withdrawn one the text is null."""
    event, masked = said.event, masking.masked(actor, sop)
    return {
        "seq": event.seq,
        "at": moment(event.at),
        "actor": person(event.actor_name, masked),
        "account": person(event.known_account, masked),
        "text": masking.note_of(actor, sop, event),
        "to": said.readers,
        "files": [document(actor, sop, file) for file in said.files],
        "withdrawn_at": moment(event.withdrawn),
    }


def file_name(actor: Actor, sop: Sop, version: Document) -> str:
    """Masked even for who may open the document: a list of names gives personal data away without opening any."""
    return masking.file_name(version.filename) if masking.masked(actor, sop) else version.filename


def _version(version: Document, openable: bool, masked: bool) -> dict[str, Any]:
    return {
        "id": version.id,
        "type": version.type,
        "version": version.version,
        "round": version.round,
        "filename": masking.file_name(version.filename) if masked else version.filename,
        "content_type": version.content_type,
        "size": version.size,
        "sha256": version.sha256,
        "uploaded_at": moment(version.uploaded_at),
        "uploaded_by": person(version.uploader_name, masked),
        "openable": openable,
        "replaces": version.replaces_id,
        "warnings": [{"key": key, "label": str(label)} for key, label in warnings(version)],
    }


def _asked_now(sop: Sop, known: Facts) -> Iterable[Requirement]:
    """What the steps that the state waits for can't be done without, whoever does them."""
    for transition in sop.transitions:
        if known.state in transition.source and not transition.optional:
            yield from (r for r in requirements(transition, known) if r.required)


def _is_there(requirement: Requirement, known: Facts) -> bool:
    return bool(set(requirement.any_of) & (known.fresh if requirement.fresh else known.attached))
