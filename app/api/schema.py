"""The OpenAPI components of the resources, generated from the SOPs' declarations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from apispec import APISpec

from app.api import bodies
from app.api.cases.filters import OWN
from app.api.spec import PK
from app.services.cases.bulk import CLAIMS
from app.services.cases.comments import LONGEST
from app.workflow.declaration import Field, Measure, Sop, Transition

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
MAYBE: Schema = {"type": "string", "nullable": True}
MOMENT: Schema = {"type": "string", "format": "date-time", "nullable": True}
WHOLE: Schema = {"type": "integer"}
TICK: Schema = {"type": "boolean"}
FREE: Schema = {"type": "object"}
FILE: Schema = {"type": "string", "format": "binary"}

QUERY: Schema = {
    "in": "query",
    "name": "q",
    "description": "Rison or JSON: filters, order, page, page size (at most 100), columns. References go by code.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/get_list_schema"}}},
}
IDEMPOTENCY: Schema = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "The same key sent twice by the same user creates one case.",
    "schema": {"type": "string", "maxLength": 255},
}
SEQ: Schema = {"in": "path", "name": "seq", "required": True, "schema": WHOLE}
STEP: Schema = {"in": "path", "name": "key", "required": True, "schema": TEXT}
BULK_STEP: Schema = STEP | {"name": "step"}
DOC: Schema = {
    "in": "path",
    "name": "doc",
    "required": True,
    "description": "The id of a version, or a kind of document for its newest version.",
    "schema": TEXT,
}
RANGE: Schema = {"in": "header", "name": "Range", "schema": TEXT, "example": "bytes=0-1023"}
BYTES: Schema = {"*/*": {"schema": FILE}}
PARTS: dict[int, Schema] = {
    206: {"description": "The range asked for", "content": BYTES},
    304: {"description": "Unchanged since the ETag that was sent"},
    416: {"description": "There is no such range"},
}


def listed(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def thing(**properties: Schema) -> Schema:
    """An object of which every property is always there."""
    return {"type": "object", "required": sorted(properties), "properties": properties}


def named(schema: str) -> Schema:
    return {"$ref": f"#/components/schemas/{schema}"}


REFUSAL = {
    "type": "object",
    "required": ["message"],
    "properties": {"message": TEXT, "missing": listed(named("Gap")), "changes": listed(named("Event"))},
}
CHOICES = listed(thing(key=TEXT, label=TEXT))
RULE = thing(rule=TEXT, value={"nullable": True}, message=TEXT)
FIELD = thing(key=TEXT, label=TEXT, type=TEXT, required=TICK, rules=listed(RULE), confidential_to=listed(TEXT))
FIELD["properties"] |= {
    "format": TEXT,
    "group": thing(key=TEXT, label=TEXT),
    "ticked": TEXT,
    "choices": CHOICES,
    "columns": listed(named("Field")),
    "value": {"nullable": True},
}
DAY: Schema = {"type": "string", "format": "date", "nullable": True}
SHEET = thing(
    code=TEXT, revision=WHOLE, effective=DAY, prepared_by=TEXT, checked_by=TEXT, approved_by=TEXT,
    changes=listed(thing(revision=WHOLE, what=TEXT, on=DAY)),
)  # fmt: skip
LIMIT = thing(**{
    "amount": WHOLE, "measure": {"type": "string", "enum": list(get_args(Measure))}, "channels": listed(TEXT),
    "from": DAY, "extension": {"type": "integer", "nullable": True}, "citation": TEXT, "law": TEXT,
})  # fmt: skip
DEADLINE = thing(**{
    "key": TEXT, "label": TEXT, "limits": listed(LIMIT), "states": listed(TEXT), "citation": TEXT, "from": TEXT,
})  # fmt: skip
DOCUMENTS = {
    "type": "object",
    "required": ["any_of", "required"],
    "properties": {"any_of": listed(TEXT), "required": TICK, "fresh": TICK},
}
REFERENCE = {"sop": TEXT, "id": {"type": "integer", "nullable": True}, "number": TEXT, "state": MAYBE}
VERSION = thing(
    id=WHOLE, type=TEXT, version=WHOLE, round=WHOLE, filename=TEXT, content_type=TEXT, size=WHOLE, sha256=TEXT,
    uploaded_at=MOMENT, uploaded_by=TEXT, openable=TICK, replaces={"type": "integer", "nullable": True},
    warnings=listed(thing(key=TEXT, label=TEXT)),
)  # fmt: skip
TASK = thing(**REFERENCE, next=listed(TEXT), due=MOMENT, missing=listed(named("Gap")))
#: The body of a change of claim.
HOLDER: Schema = thing(username=MAYBE) | {"properties": {"username": MAYBE, "note": TEXT}}
#: The body of a comment; without “to” everybody who sees the case reads it.
COMMENT: Schema = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": TEXT | {"maxLength": LONGEST}, "to": listed(TEXT)},
}
COMMENT_FORM: Schema = COMMENT | {"properties": COMMENT["properties"] | {"files": listed(FILE)}}
#: The body of a declaration that a case is void.
VOID: Schema = thing(reason=TEXT) | {"properties": {"reason": TEXT, "decline": TICK, "version": WHOLE}}
#: The body of a request for masked data.
REVEAL: Schema = {
    "type": "object",
    "properties": {"reason": TEXT, "fields": listed(TEXT) | {"nullable": True}},
    "additionalProperties": False,
}
NOTICE = thing(
    id=WHOLE, kind=TEXT, action=TEXT, message=TEXT, by=MAYBE, at=MOMENT, read_at=MOMENT,
    case={"allOf": [named("Reference")], "nullable": True},
)  # fmt: skip
#: What no SOP changes.
COMMON: dict[str, Schema] = {
    "Revealed": thing(
        until=MOMENT, values=FREE | {"additionalProperties": {"nullable": True}},
        records=FREE | {"additionalProperties": listed(FREE)},
    ),
    "Gap": {
        "type": "object",
        "required": ["kind", "key", "message"],
        "properties": {"kind": TEXT, "key": TEXT, "message": TEXT, "action": TEXT},
    },
    "Refusal": REFUSAL,
    "Field": FIELD,
    "Documents": DOCUMENTS,
    "Reference": thing(**REFERENCE),
    "Link": thing(kind=TEXT, **REFERENCE),
    "Action": thing(
        key=TEXT, label=TEXT, allowed=TICK, missing=listed(named("Gap")), documents=listed(named("Documents")),
        fields=listed(named("Field")), note=TEXT, confidential_to=listed(TEXT),
    ),
    "DocumentVersion": VERSION,
    "ChecklistItem": thing(
        type=TEXT, label=TEXT, required_now=TICK, requested=TICK, confidential=TICK, several=TICK,
        versions=listed(named("DocumentVersion")),
    ),
    "Event": {
        "type": "object",
        "required": ["at", "actor", "account", "action", "from", "to", "note", "changes", "documents", "hash"],
        "properties": {
            "at": MOMENT, "actor": TEXT, "account": MAYBE, "action": TEXT, "from": MAYBE, "to": TEXT, "note": MAYBE,
            "changes": FREE, "documents": listed(FREE), "hash": TEXT,
        },
    },
    "Comment": thing(
        seq=WHOLE, at=MOMENT, actor=TEXT, account=MAYBE, text=MAYBE, to=listed(TEXT),
        files=listed(named("DocumentVersion")), withdrawn_at=MOMENT,
    ),
    "Declaration": thing(
        key=TEXT, label=TEXT, roles=listed(TEXT), states=listed(thing(key=TEXT, label=TEXT, kind=TEXT)),
        documents=listed(thing(key=TEXT, label=TEXT, accept=listed(TEXT), confidential_to=listed(TEXT), several=TICK)),
        records=listed(thing(key=TEXT, label=TEXT, recorded_in=TEXT, columns=listed(named("Field")))),
        transitions=listed(named("Transition")), deadlines=listed(DEADLINE), revision=WHOLE, sheet=SHEET,
    ),
    "Transition": {
        "type": "object",
        "required": [
            "key", "label", "source_step", "from", "to", "branches", "roles", "note", "documents", "fields",
            "four_eyes", "works_from", "guards", "confidential_to",
        ],
        "properties": {
            "key": TEXT, "label": TEXT, "source_step": TEXT, "from": listed(TEXT), "to": MAYBE,
            "branches": listed(TEXT), "four_eyes": listed(TEXT), "works_from": listed(TEXT),
            "confidential_to": listed(TEXT),
            "guards": listed(thing(key=TEXT, message=TEXT)),
            "roles": listed(TEXT), "note": {"type": "string", "enum": ["required", "optional", "none"]},
            "documents": listed(named("Documents")), "fields": listed(named("Field")),
        },
    },
    "Task": TASK,
    "Worklist": thing(mine=listed(named("Task")), waiting=listed(named("Task")), followed=listed(named("Task"))),
    "Notice": NOTICE,
    "Notices": thing(count=WHOLE, page=WHOLE, pages=WHOLE, unread=WHOLE, result=listed(named("Notice"))),
    "ReadNotices": {"type": "object", "properties": {"ids": listed(WHOLE), "all": TICK}},
    "NoticesRead": thing(read=WHOLE, unread=WHOLE),
    "ApiKeyWanted": {
        "type": "object", "required": ["name"], "properties": {"name": TEXT, "scopes": MAYBE, "expires_on": MAYBE},
    },
    "ApiKeyTold": thing(result=named("ApiKey")),
    "NewApiKey": thing(result=named("ApiKey")),
    "ApiKeys": thing(result=listed(named("ApiKey"))),
    "ApiKey": {
        "type": "object",
        "required": ["uuid", "name", "key_prefix", "scopes", "created_on", "expires_on"],
        "properties": {
            "uuid": TEXT, "name": TEXT, "key": TEXT, "key_prefix": TEXT, "scopes": MAYBE, "active": TICK,
            "created_on": MAYBE, "expires_on": MAYBE, "revoked_on": MAYBE, "last_used_on": MAYBE,
        },
    },
    "Message": thing(message=TEXT),
    "Customers": thing(count=WHOLE, page=WHOLE, pages=WHOLE, result=listed(named("Customer"))),
    "Customer": thing(
        order_id=TEXT, name=TEXT, phone=TEXT, email=TEXT, product=TEXT, bill=WHOLE | {"nullable": True}, due_date=DAY,
        application_status=TEXT,
    ),
    "Audit": thing(count=WHOLE, ids=listed(WHOLE), result=listed(named("AuditEntry"))),
    "AuditEntry": thing(
        seq=WHOLE, at=MOMENT, actor=MAYBE, account=MAYBE, address=MAYBE, request=MAYBE, action=TEXT, label=TEXT,
        subject=thing(type=MAYBE, key=MAYBE, name=MAYBE), detail=FREE, hash=TEXT,
    ),
    "Found": thing(**REFERENCE, label=TEXT, void=TICK, related=listed(named("Reference"))),
    "Bulk": thing(
        done=listed(thing(id=WHOLE, number=TEXT, state=TEXT, version=WHOLE)), refused=listed(named("NotDone")),
    ),
    "NotDone": {
        "type": "object",
        "required": ["id", "status", "message"],
        "properties": {"id": WHOLE, "status": WHOLE, "message": TEXT, "missing": listed(named("Gap"))},
    },
    "Deadline": thing(key=TEXT, label=TEXT, due=MOMENT, paused_since=MOMENT, used=WHOLE),
    "Report": thing(key=TEXT, label=TEXT, formats=listed(TEXT)),
    "Export": thing(
        id=WHOLE, report=TEXT, format=TEXT, state=TEXT, message=TEXT, rows=WHOLE, ready=TICK,
        expected={"type": "integer", "nullable": True},
    ),
}  # fmt: skip
STATUSES = {
    400: "Malformed", 401: "Not signed in", 403: "Not your role", 404: "Not there, or not visible",
    409: "Wrong state or stale version", 413: "Too large", 415: "Wrong content", 422: "Something is lacking",
    429: "Too many attempts", 503: "The database is busy",
}  # fmt: skip


def describe_common(spec: APISpec) -> None:
    """Components that all resources share; before any resource's, so that its refusals are ours."""
    for name, schema in COMMON.items():
        spec.components.schema(name, schema)
    for status, description in STATUSES.items():
        content = {"application/json": {"schema": named("Refusal")}}
        spec.components.response(str(status), {"description": description, "content": content})


def describe(spec: APISpec, sop: Sop, resource: str) -> None:
    """The components of one SOP's resource."""
    row = _row(sop)
    spec.components.schema(f"{resource}.row", row)
    spec.components.schema(f"{resource}.list", thing(count=WHOLE, ids=listed(WHOLE), result=listed(_some(row))))
    rows = {r.key: listed(_record(r.columns)) for r in sop.records_by_key.values()}
    whole = {**row["properties"], **rows, "links": listed(named("Link")), "similar": listed(named("Reference"))}
    whole |= {"deadlines": listed(named("Deadline")), "void_asked_by": MAYBE}
    answers = {key: _value(sop.fields[key]) for key in sop.known_round_fields}
    whole["rounds"] = listed(
        thing(number=WHOLE, opened_at=MOMENT, **answers, documents=listed(named("DocumentVersion")))
    )
    spec.components.schema(f"{resource}.case", {"type": "object", "required": row["required"], "properties": whole})
    bodies.describe(spec, sop, resource)


def operations(sop: Sop, resource: str) -> dict[str, Any]:
    """What the declaration says of the routes that write, by method of the resource."""
    steps = [t for t in sop.known_transitions.values() if not t.creates]
    step = STEP | {"schema": {"type": "string", "enum": [t.key for t in steps]}}
    kinds = {"enum": list(sop.document_by_key)} if sop.document_by_key else {}
    upload = thing(type=TEXT | kinds, file=FILE)
    upload["properties"] |= {"replaces": WHOLE}
    return {
        "create": {"post": {"requestBody": bodies.of_steps([sop.create], resource)}},
        "act": {"post": {"requestBody": bodies.of_steps(steps, resource), "parameters": [PK, step]}},
        "bulk": {"post": {"requestBody": bodies.of_many(steps, resource), "parameters": [_bulk_step(steps)]}},
        "hold": {"post": {"requestBody": {"content": {"application/json": {"schema": HOLDER}}, "required": True}}},
        "comment": {"post": {"requestBody": {"content": _comment(sop), "required": True}}},
        "void": {"post": {"requestBody": {"content": {"application/json": {"schema": VOID}}, "required": True}}},
        "reveal": {"post": {"requestBody": {"content": {"application/json": {"schema": REVEAL}}, "required": True}}},
        "correct": {"post": {"requestBody": bodies.of_correction(resource)}},
        "upload": {"post": {"requestBody": {"content": {"multipart/form-data": {"schema": upload}}, "required": True}}},
    }


def _bulk_step(steps: Iterable[Transition]) -> Schema:
    return BULK_STEP | {"schema": {"type": "string", "enum": [*(step.key for step in steps), *CLAIMS]}}


def _comment(sop: Sop) -> Schema:
    to = {"to": listed(TEXT | {"enum": list(sop.roles)}) | {"minItems": 1, "nullable": True}}
    return {
        kind: {"schema": body | {"properties": body["properties"] | to}}
        for kind, body in (("application/json", COMMENT), ("multipart/form-data", COMMENT_FORM))
    }


def _row(sop: Sop) -> Schema:
    own: dict[str, Schema] = {key: WHOLE if kind == "integer" else MOMENT if kind == "datetime" else TEXT
                              for key, kind in OWN.items()}  # fmt: skip
    own |= {"sop": TEXT, "state_label": TEXT, "kind": TEXT, "unit": MAYBE, "assignee": MAYBE, "holder": MAYBE}
    own |= {"requested_documents": listed(TEXT)} | {f"{r.key}_count": WHOLE for r in sop.records_by_key.values()}
    return thing(**own, **{key: _value(field) for key, field in sop.fields.items()})


def _some(row: Schema) -> Schema:
    """A row of a list, which holds the columns asked for."""
    return {"type": "object", "properties": row["properties"]}


def _value(field: Field) -> Schema:
    return dict(field.kind.schema)


def _record(columns: Iterable[Field]) -> Schema:
    own = {"id": WHOLE, "recorded_at": MOMENT, "recorded_by": TEXT, "recorded_in": MAYBE}
    own["documents"] = listed(named("DocumentVersion"))
    return thing(**own, **{c.key: _value(c) for c in columns})
