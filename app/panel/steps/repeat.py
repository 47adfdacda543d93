"""Adding to a report that is there instead of making a second one: by which step, in one line, what is carried over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.models import Case
from app.services.cases.form_input import default_of
from app.services.cases.proposals import proposed
from app.services.core.access import Actor
from app.sop import sop_of
from app.workflow.declaration import Field, Sop, Transition


def repeat_step(case: Case, actor: Actor) -> Transition | None:
    """The step by which ``actor`` adds a row to the case without moving it: a repeat contact, for
    instance."""
    if case.voided_at is not None:
        return None
    return next(
        (t for t in sop_of(case).transitions
         if t.records and t.optional and t.target is None
         and case.state in t.source and actor.roles & set(t.by)),
        None,
    )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A step that one line of text does. ``said``: the field that takes it; ``chosen``: fields with few answers beside
    it, each with the one that it begins with."""

    step: Transition
    said: Field
    chosen: tuple[tuple[Field, str], ...]


def line_of(actor: Actor, case: Case, known: dict[str, Mapping[str, Any]]) -> Line | None:
    """The line by which the case is added to; None where its step needs more than one text. ``known``: what is
    proposed by SOP, since the lines of a page begin alike."""
    step = repeat_step(case, actor)
    if step is None or step.note == "required" or any(one.required for one in step.documents):
        return None
    asked = [field for field in step.fields if field.required and default_of(field) is None]
    chosen = [field for field in asked if field.type == "choice"]
    said = [field for field in asked if field.kind.control in ("line", "lines")]
    if len(said) != 1 or len(said) + len(chosen) != len(asked):
        return None
    sop = sop_of(case)
    if sop.key not in known:
        known[sop.key] = proposed(actor, sop, step)
    return Line(step, said[0], tuple((field, _begins(sop, case, field, known[sop.key])) for field in chosen))


def _begins(sop: Sop, case: Case, field: Field, begins: Mapping[str, Any]) -> str:
    """What its user has chosen last, else what the case has in the field with the same answers, or begins with."""
    if field.key in begins:
        return str(begins[field.key])
    alike = next((f for f in sop.create.fields if f.choices == field.choices and f.key in sop.own_fields), None)
    return str(getattr(case, alike.key) or alike.default or "") if alike else ""


def carried_over(sop: Sop, step: Transition | None, raw: Mapping[str, Any]) -> dict[str, str]:
    """What was typed for the new report, as far as ``step`` has fields for it: the same field, a field with
    the same choices, and for its long text the subject of the new report."""
    answers: dict[str, str] = {}
    for field in step.fields if step else ():
        alike = (f.key for f in sop.create.fields if f.choices and f.choices == field.choices)
        source = field.key if field.key in raw else next(alike, sop.subject if field.type == "longtext" else "")
        if value := raw.get(source):
            answers[field.key] = str(value)
    return answers
