"""The OpenAPI components of what is sent to an SOP: a body per step, as JSON and as a form with files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from apispec import APISpec
from flask_babel import gettext as _

from app.services.cases.bulk import MOST
from app.services.core.access import NOTE_OPEN
from app.services.procedures.wording import answer_in_words, comparisons_in_words, when_in_words
from app.workflow.declaration import Field, Sop, Transition
from app.workflow.kinds import Schema as Kind
from app.workflow.outline import rules
from app.workflow.values import LARGEST, LONGTEXT_LIMIT, TEXT_LIMIT

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
FILES: Schema = {"type": "array", "items": {"type": "string", "format": "binary"}}
#: What every answer keeps to, by how it is stored; a field's own limits are narrower.
BOUNDS: dict[str, Schema] = {
    "string": {"maxLength": TEXT_LIMIT},
    "text": {"maxLength": LONGTEXT_LIMIT},
    "whole": {"minimum": 0, "maximum": LARGEST},
}
#: Limits that JSON schema knows by the same name.
LIMITS = frozenset({"minimum", "maximum"})


def describe(spec: APISpec, sop: Sop, resource: str) -> None:
    """The components of the bodies of an SOP's steps, in the reader's language."""
    spec.components.schema(f"{resource}.correction", _correction(sop))
    spec.components.schema(f"{resource}.claims", _object(_cases() | {"username": TEXT, "note": TEXT}, ["ids"]))
    for step in sop.known_transitions.values():
        if not step.creates:
            spec.components.schema(f"{resource}.{step.key}.many", _for_many(step))
    for step in sop.transitions:
        plain = _body(step)
        papers = {key: FILES | {"description": str(sop.document_by_key[key].label)} for key in step.accepts}
        spec.components.schema(_name(resource, step), plain)
        form = plain | {"properties": plain["properties"] | papers}
        spec.components.schema(_name(resource, step, form=True), form)


def of_steps(steps: Iterable[Transition], resource: str) -> Schema:
    """The request body of a route that takes any of these steps."""
    known = list(steps)
    content = {
        "application/json": {"schema": _any([_name(resource, step) for step in known])},
        "multipart/form-data": {"schema": _any([_name(resource, step, form=True) for step in known])},
    }
    return {"content": content, "required": any(_required(step) for step in known)}


def of_many(steps: Iterable[Transition], resource: str) -> Schema:
    """The request body of a route that does any of these steps, or what there is to do to a claim, on many cases."""
    schema = _any([*(f"{resource}.{step.key}.many" for step in steps), f"{resource}.claims"])
    return {"content": {"application/json": {"schema": schema}}, "required": True}


def _for_many(step: Transition) -> Schema:
    one = _body(step)
    answers = {key: said for key, said in one["properties"].items() if key != "version"}
    return one | {"properties": _cases() | answers, "required": ["ids", *one.get("required", ())]}


def _cases() -> Schema:
    """Those on which a step is done."""
    versions = {"type": "object", "additionalProperties": WHOLE, "description": _("The version of a case by its id")}
    return {"ids": {"type": "array", "items": WHOLE, "minItems": 1, "maxItems": MOST}, "versions": versions}


def of_correction(resource: str) -> Schema:
    """The request body of a correction."""
    schema = {"$ref": f"#/components/schemas/{resource}.correction"}
    return {"content": {"application/json": {"schema": schema}}, "required": True}


def _correction(sop: Sop) -> Schema:
    """Any of the case's own fields, and rows by their id."""
    computed = {field.key for field in sop.computed_fields}
    own = {key: _correctable(field) for key, field in sop.fields.items() if key not in computed}
    rows = {kind.key: _rows(kind.columns) for kind in sop.records_by_key.values()}
    of_own = {"reason": TEXT | {"description": _("Reason")}, "version": WHOLE | {"nullable": True}}
    return _object({"fields": _object(own, []), **own, **rows, **of_own}, ["reason"])


def _rows(columns: Iterable[Field]) -> Schema:
    known = {column.key: _correctable(column) for column in columns}
    return {"type": "array", "items": _object({"id": WHOLE, **known}, ["id"])}


def _correctable(field: Field) -> Schema:
    return _field(replace(field, required=False))


def _name(resource: str, step: Transition, form: bool = False) -> str:
    return f"{resource}.{step.key}.{'form' if form else 'body'}"


def _any(names: list[str]) -> Schema:
    found = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    return found[0] if len(found) == 1 else {"anyOf": found}


def _required(step: Transition) -> list[str]:
    """What is asked of every case."""
    keys = [field.key for field in step.fields if field.required and field.needed is None]
    return [*keys, "note"] if step.note == "required" else keys


def _body(step: Transition) -> Schema:
    note = TEXT | {"description": _("Note"), "nullable": step.note != "required"}
    own: Schema = {"note": note, "version": WHOLE | {"nullable": True}}
    if step.confidential_to:
        own[NOTE_OPEN] = {
            "type": "boolean",
            "nullable": True,
            "description": _("Everyone who sees the case may read it"),
        }
    body = _object({field.key: _field(field) for field in step.fields} | own, _required(step))
    return {"title": str(step.label)} | body


def _object(properties: Schema, required: list[str]) -> Schema:
    """An object that takes nothing else: an unknown key is refused."""
    known = {"type": "object", "properties": properties, "additionalProperties": False}
    return known | {"required": required} if required else known


def _field(field: Field) -> Schema:
    always = field.required and field.needed is None
    return _value(field, field.kind.schema) | {
        # Null empties a field, and what is always required is never empty; without a type its enum has the null.
        **({} if field.ticked else {"nullable": not always}),
        "description": _description(field),
        **{rule.rule: rule.value for rule in rules(field) if rule.rule in LIMITS},
        **_offered(field, empty=not always),
    }


def _value(field: Field, kind: Kind) -> Schema:
    # A former tick takes true as well as a text, and OpenAPI 3.0 has no type of two.
    left_out = {"description", *(("type", "nullable") if field.ticked else ())}
    value = {key: said for key, said in kind.items() if key not in left_out}
    if field.columns:
        required = [column.key for column in field.columns if column.required]
        value["items"] = _object({column.key: _field(column) for column in field.columns}, required)
    elif field.type == "list":
        value["items"] = TEXT | {"enum": [choice.key for choice in field.choices]}
    return value | BOUNDS.get(field.kind.storage, {}) | ({"format": field.format} if field.format else {})


def _offered(field: Field, empty: bool) -> Schema:
    """The only values that it takes; ``empty``: null among them."""
    if field.type == "choice":
        ticks = [True, False] if field.ticked else []
        return {"enum": [*(choice.key for choice in field.choices), *ticks, *([None] if empty else [])]}
    return {"enum": [True]} if field.attests and not empty else {}


def _description(field: Field) -> str:
    """Label, what the answer looks like, when it is required, help, what it is compared with."""
    when = [_("required: %(when)s", when=one) for one in when_in_words(field.needed)] if field.required else []
    said = [f"{field.label}", *filter(None, (answer_in_words(field), *when))]
    sentences = " ".join(filter(None, (str(field.help), *comparisons_in_words(field))))
    return ". ".join(filter(None, ("; ".join(said), sentences)))
