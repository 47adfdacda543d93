"""Reads, resolves and validates the input of a form; all errors are reported at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app.models import Case
from app.services.cases import masked_input
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.errors import Conflict, FieldError, Forbidden, Malformed, Refused, ValidationFailed
from app.services.core.references import resolve
from app.services.core.wording import describe_violation, invalid
from app.workflow import values as reading
from app.workflow.declaration import Facts, Field, Sop, Transition
from app.workflow.engine import missing
from app.workflow.parts import NOW, TODAY


def read(
    sop: Sop, transition: Transition, raw: Mapping[str, Any], actor: Actor, case: Case | None = None
) -> tuple[dict[str, Any], list[FieldError]]:
    """The values of ``raw`` by field key (references as rows), and what could not be read. A key that is not in ``raw``
    has no value: the case keeps what it has, unless a new round answers it anew. An empty one is None: the field is
    emptied. What comes back as it was masked keeps what it has as well."""
    raw, wrong_rows = masked_input.with_rows(actor, sop, transition, raw, case)
    answered, wrong = reading.parse_all(transition.fields, raw, clock.zone())
    values = sop.emptied_by(transition) | answered
    kept, masks = masked_input.kept(actor, sop, transition, raw, case)
    values, wrong = values | kept, {key: error for key, error in wrong.items() if key not in kept} | masks | wrong_rows
    wrong |= {key: reading.InvalidValue("unknown") for key in raw if transition.field(key) is None}
    for field in transition.fields:
        if values.get(field.key) is None or field.key in kept:
            continue
        try:
            values[field.key] = _resolved(field, values[field.key], sop, actor, case)
        except reading.InvalidValue as error:
            wrong[field.key] = error
    return values, [said for key, error in wrong.items() for said in invalid(transition, key, error)]


def _resolved(field: Field, value: Any, sop: Sop, actor: Actor, case: Case | None) -> Any:
    if field.type == "reference":
        return resolve(field, value, sop, actor, case)
    if field.is_rows:
        columns = [c for c in field.columns if c.type == "reference"]
        return [row | {c.key: resolve(c, row[c.key], sop, actor, case) for c in columns if row[c.key]} for row in value]
    return value


def begins_with(sop: Sop, transition: Transition, field: Field, case: Case | None) -> Any:
    """The initial value of a field in a step's form (``case`` is None before creation): what the case has, unless a new
    round answers it anew, else the default; an attestation always starts unticked."""
    if field.attests:
        return None
    kept = case is not None and field.key in sop.own_fields and field.key not in sop.emptied_by(transition)
    present = getattr(case, field.key) if kept else None
    return default_of(field) if present is None else present


def default_of(field: Field) -> Any:
    """What a form that nobody has filled in yet begins with."""
    if field.type == "datetime" and field.default == NOW:
        return clock.now()
    return clock.today() if field.type == "date" and field.default == TODAY else field.default


def judge(
    sop: Sop, transition: Transition, facts: Facts, unreadable: list[FieldError], handed_in: Collection[str],
    repeated: Sequence[FieldError] = (),
) -> None:  # fmt: skip
    """Returns when the transition can be done; otherwise raises the refusal that fits, with everything listed.

    ``repeated``: errors for files submitted as a revision that are unchanged.
    """
    errors = [describe_violation(sop, transition, violation) for violation in missing(transition, facts, handed_in)]
    kinds = {error.kind for error in errors}
    if "role" in kinds:
        raise Forbidden(_("Your role may not do this step."), [g for g in errors if g.kind == "role"])
    if "state" in kinds:
        raise Conflict(_("This step is not possible in the present state."), errors)
    # An input that could not be read is not also missing.
    unread = {error.key for error in unreadable}
    legible = (error for error in errors if not (error.kind == "field" and error.key in unread))
    errors = [*unreadable, *legible, *repeated]
    if "four_eyes" in kinds:
        raise Forbidden(next(g.message for g in errors if g.kind == "four_eyes"), errors)
    if errors:
        raise _refusal(unreadable)(" ".join(error.message for error in errors), errors)


def _refusal(unreadable: list[FieldError]) -> type[Refused]:
    return Malformed if unreadable else ValidationFailed
