"""Adding to a report that is there instead of making a second one: by which step, and what is carried over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.models import Case
from app.services.core.access import Actor
from app.sop import sop_of
from app.workflow.declaration import Sop, Transition


def repeat_step(case: Case, actor: Actor) -> Transition | None:
    """The step by which ``actor`` adds a row to the case without moving it: a repeat contact, for
    instance."""
    return next(
        (t for t in sop_of(case).transitions
         if t.records and t.optional and t.target is None
         and case.state in t.source and actor.roles & set(t.by)),
        None,
    )  # fmt: skip


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
