"""What of a case may be corrected, and by whom: by who may do the step that asked for it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.models import Case, Event
from app.services.core import masking, personal
from app.services.core.access import Actor, closed_columns
from app.services.core.errors import Conflict, Forbidden, NotVisible, refuse_void
from app.services.core.wording import CORRECTED, IMPORTED, describe_violation
from app.sop import sop_of
from app.workflow.declaration import Choice, Field, Sop, Transition
from app.workflow.engine import Violation

LABEL = _l("Correct the data")
SECRET = _l("Whoever may not read a confidential answer does not read the reason for its correction either.")


@dataclass(frozen=True)
class Target:
    """What a correction is about: the case itself, or a row of its records (``holder``). ``step``: its fields are those
    that the actor may correct; ``asked``: all that steps have asked for, which must stay as sound as it is."""

    step: Transition
    asked: tuple[Field, ...]
    holder: Any

    @property
    def present(self) -> dict[str, Any]:
        return {field.key: getattr(self.holder, field.key) for field in self.asked}


def correctable(actor: Actor, case: Case, events: Sequence[Event]) -> frozenset[str | None]:
    """What of the case ``actor`` may correct: None for its own fields, and the keys of the records of which a row."""
    sop = sop_of(case)
    settled = case.voided_at is not None or _purged(events)
    steps = [] if settled else _mine(actor, sop, case, _done(sop, case, events))
    kinds = (None, *(one.key for one in sop.records if getattr(case, one.key)))
    return frozenset(kind for kind in kinds if _open(actor, sop, _asked(sop, steps, kind), kind))


def target(actor: Actor, case: Case, events: Sequence[Event], records: str | None = None, row: Any = None) -> Target:
    """The case, or its row with the id ``row``, as ``actor`` may correct it. Raises ``Forbidden`` or ``Conflict`` where
    they may not, ``NotVisible`` where there is no such row."""
    sop = sop_of(case)
    done = _done(sop, case, events)
    holder = case if records is None else _row(sop, case, records, row)
    by = _roles(sop, case, done)
    _permitted(actor, sop, case, events, by)
    mine = _open(actor, sop, _asked(sop, _mine(actor, sop, case, done), records), records)
    if not mine:
        raise Forbidden(_("None of the steps that you may do has asked for what could be corrected here."))
    fields = tuple(_with_present(field, holder) for field in mine.values())
    step = Transition(
        CORRECTED, LABEL, (case.state,), by=by, fields=fields, note="required", style="default",
        help=SECRET if any(field.confidential_to for field in fields) else "",
    )  # fmt: skip
    return Target(step, tuple(_asked(sop, done, records).values()), holder)


def _permitted(actor: Actor, sop: Sop, case: Case, events: Sequence[Event], by: tuple[str, ...]) -> None:
    refuse_void(case)
    if _purged(events):
        raise Conflict(_("The personal data of this case were removed after their retention; nothing is corrected."))
    if case.closed_at is not None and not by:
        raise Forbidden(_("This procedure lets nobody correct a closed case."))
    if not actor.roles & set(by):
        error = describe_violation(sop, Transition(CORRECTED, LABEL, by=by), Violation("role", "|".join(by)))
        raise Forbidden(error.message, [error])


def _purged(events: Sequence[Event]) -> bool:
    """Whether the personal data are gone: a purge takes the salts of the history with them."""
    return bool(events) and events[0].salt is None


def _done(sop: Sop, case: Case, events: Sequence[Event]) -> list[Transition]:
    """The steps that have been done on the case, the one done last at the end. An import stands for those of whose
    answers it brought some."""
    last = {event.action: at for at, event in enumerate(events)}
    done = sorted((step for step in sop.transitions if step.key in last), key=lambda step: last[step.key])
    if IMPORTED not in last:
        return done
    keys = {step.key for step in done}
    brought = (step for step in sop.transitions if step.key not in keys and (step.creates or _answered(step, case)))
    return [*brought, *done]


def _answered(step: Transition, case: Case) -> bool:
    return any(getattr(case, field.key, None) not in (None, "", []) for field in step.fields)


def _roles(sop: Sop, case: Case, done: Iterable[Transition]) -> tuple[str, ...]:
    if case.closed_at is not None:
        return sop.corrected_when_closed_by
    return tuple(dict.fromkeys(role for step in done for role in step.by))


def _mine(actor: Actor, sop: Sop, case: Case, done: list[Transition]) -> list[Transition]:
    """Those of the steps for whose answers the actor answers: a closed case is corrected as a whole, by some."""
    if case.closed_at is not None:
        return done if actor.roles & set(sop.corrected_when_closed_by) else []
    return [step for step in done if actor.roles & set(step.by)]


def _asked(sop: Sop, steps: Iterable[Transition], records: str | None) -> dict[str, Field]:
    """What the steps have asked for, each as the last of them did: fields of the case, or columns of a kind of records.
    What an effect writes, and what somebody attests, is no matter of correction."""
    found: dict[str, Field] = {}
    for step in steps:
        rows = next((one for one in sop.records if one.key == step.records), None)
        columns = {column.key for column in rows.columns} if rows else set[str]()
        for field in step.fields:
            if field.is_rows:
                found |= {column.key: column for column in field.columns} if field.key == records else {}
            elif (records == step.records if field.key in columns else records is None) and _kept(sop, field, columns):
                found[field.key] = field
    return found


def _kept(sop: Sop, field: Field, columns: Collection[str]) -> bool:
    computed = {one.key for one in sop.computed_fields}
    return not field.attests and (field.key in columns or (field.key in sop.own_fields and field.key not in computed))


def _open(actor: Actor, sop: Sop, asked: Mapping[str, Field], records: str | None) -> dict[str, Field]:
    """Without what ``actor`` may not read, or gets masked."""
    if records is None:
        closed = masking.hidden_from(actor, sop)
    else:
        kind = sop.records_by_key[records]
        hide = {column.key for column in personal.of_rows(sop, kind)} if masking.masked(actor, sop) else set[str]()
        closed = closed_columns(actor, sop, records) | hide
    return {key: field for key, field in asked.items() if key not in closed}


def _with_present(field: Field, holder: Any) -> Field:
    """With the answer that is there among those offered, so that a form which does not touch it keeps it."""
    present = getattr(holder, field.key)
    many = present if isinstance(present, list) else [present]
    known = {choice.key for choice in field.choices}
    lost = tuple(Choice(key, key) for key in many if field.choices and key is not None and key not in known)
    return replace(field, choices=field.choices + lost) if lost else field


def _row(sop: Sop, case: Case, records: str, row: Any) -> Any:
    found = getattr(case, records) if any(one.key == records for one in sop.records) else []
    for one in found:
        if one.id == row:
            return one
    raise NotVisible(_("There is no such row."))
