"""A form's answers, read, resolved and judged; all that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from app.models import Case
from app.services.core import clock
from app.services.core.access import Actor
from app.services.core.errors import Conflict, FieldError, Forbidden, Malformed, Refused, ValidationFailed
from app.services.core.references import resolve
from app.services.core.wording import describe_violation, invalid
from app.workflow import values as reading
from app.workflow.declaration import Facts, Field, Sop, Transition
from app.workflow.engine import missing


def read(
    sop: Sop, transition: Transition, raw: Mapping[str, Any], actor: Actor, case: Case | None = None
) -> tuple[dict[str, Any], list[FieldError]]:
    """The values of ``raw`` by field key (references as rows), and what could not be read. A key that is not in ``raw``
    has no value: the case keeps what it has. One that is there without an answer has None: it is emptied."""
    values, wrong = reading.parse_all(transition.fields, raw, clock.zone())
    wrong |= {key: "unknown" for key in raw if transition.field(key) is None}
    for asked in transition.fields:
        if values.get(asked.key) is None:
            continue
        try:
            values[asked.key] = _resolved(asked, values[asked.key], sop, actor, case)
        except reading.InvalidValue as error:
            wrong[asked.key] = error.reason
    return values, [invalid(transition, key, reason) for key, reason in wrong.items()]


def _resolved(asked: Field, value: Any, sop: Sop, actor: Actor, case: Case | None) -> Any:
    if asked.type == "reference":
        return resolve(asked, value, sop, actor, case)
    if asked.is_rows:
        columns = [c for c in asked.columns if c.type == "reference"]
        return [row | {c.key: resolve(c, row[c.key], sop, actor, case) for c in columns if row[c.key]} for row in value]
    return value


def begins_with(sop: Sop, asked: Field, case: Case) -> Any:
    """What a step's form has in a field before anybody fills it in (``case`` is None while there is none): what the
    case has, else the default; never a tick that must be given."""
    if asked.attests:
        return None
    present = getattr(case, asked.key) if case is not None and asked.key in sop.fields else None
    return asked.default if present is None else present


def judge(
    sop: Sop, transition: Transition, facts: Facts, unreadable: list[FieldError], handed_in: Collection[str],
    repeated: Sequence[FieldError] = (),
) -> None:  # fmt: skip
    """Returns when the transition can be done; otherwise raises the refusal that fits, with everything listed.

    ``repeated``: what was handed in as a revision and is none.
    """
    gaps = [describe_violation(sop, transition, lack) for lack in missing(transition, facts, handed_in)]
    kinds = {gap.kind for gap in gaps}
    if "role" in kinds:
        raise Forbidden(_("Your role may not do this step."), [g for g in gaps if g.kind == "role"])
    if "state" in kinds:
        raise Conflict(_("This step is not possible in the present state."), gaps)
    # An answer that could not be read is not lacking as well.
    unread = {gap.key for gap in unreadable}
    gaps = [*unreadable, *(gap for gap in gaps if not (gap.kind == "field" and gap.key in unread)), *repeated]
    if "four_eyes" in kinds:
        raise Forbidden(next(g.message for g in gaps if g.kind == "four_eyes"), gaps)
    if gaps:
        raise _refusal(unreadable)(" ".join(gap.message for gap in gaps), gaps)


def _refusal(unreadable: list[FieldError]) -> type[Refused]:
    return Malformed if unreadable else ValidationFailed
