"""Corrections: what a case has is put right, with a reason; both values stay in the history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.models import Case
from app.services.cases import assignment, creation, facts, form_input
from app.services.cases.correctable import Target, target
from app.services.core import clock, history
from app.services.core.access import Actor, correction_readers
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, FieldError, Forbidden, Malformed, ValidationFailed
from app.services.core.locking import locked
from app.services.core.wording import CORRECTED
from app.services.deadlines import clocks
from app.services.notices import notify
from app.services.search.index import index
from app.sop import sop_of
from app.workflow.declaration import Sop
from app.workflow.engine import missing

#: By which a row of records is named.
ID = "id"


def correct(
    actor: Actor, sop_key: str, pk: int, raw: Mapping[str, Any], reason: str, version: int | None = None
) -> Any:
    """Corrects fields of a case, by key, and rows of its records: a list of ``{id, column: value}`` each. Returns the
    case.

    ``version``: what the user last saw. Raises subclasses of ``Refused``, among them ``ValidationFailed`` when nothing
    would change.
    """
    with write_transaction() as session:
        case = locked(session, actor, sop_key, pk)
        sop, events = sop_of(case), facts.events_of([pk])[pk]
        _seen(sop, case, version)
        kinds = {one.key for one in sop.records if one.key in raw}
        own = {key: value for key, value in raw.items() if key not in kinds}
        targets: list[tuple[str | None, Target, Mapping[str, Any]]] = []
        if own or not kinds:
            targets.append((None, target(actor, case, events), own))
        for kind in sorted(kinds):
            for sent in _rows(raw[kind], kind):
                row = target(actor, case, events, kind, sent.get(ID))
                targets.append((kind, row, {key: value for key, value in sent.items() if key != ID}))
        settled = [(kind, one, _settled(actor, sop, case, one, sent, reason)) for kind, one, sent in targets]
        _write(session, sop, case, actor, settled, reason)
    return case


def _seen(sop: Sop, case: Case, version: int | None) -> None:
    if version not in (None, case.version):
        message = _("The case was changed since you opened it; nothing was corrected.")
        raise Conflict(message, [FieldError("state", case.state, message)], history.since(case, version), sop)


def _rows(sent: Any, kind: str) -> list[Mapping[str, Any]]:
    if not isinstance(sent, list) or not all(isinstance(one, Mapping) and type(one.get(ID)) is int for one in sent):
        sentence = _("Rows are corrected by their “id”: a list of objects.")
        raise Malformed(sentence, [FieldError("invalid", kind, sentence)])
    if len({one[ID] for one in sent}) < len(sent):
        raise Malformed(_("A row is corrected once at a time."))
    return sent


def _settled(
    actor: Actor, sop: Sop, case: Case, one: Target, raw: Mapping[str, Any], reason: str
) -> dict[str, Any]:  # fmt: skip
    """The values that differ from what is there, judged; raises the refusal that fits."""
    present = one.present
    _theirs(one, raw)
    raw = {key: value for key, value in raw.items() if key not in present or not _repeats(present[key], value)}
    values, unreadable = form_input.read(sop, one.step, raw, actor, case)
    changed = {key: value for key, value in values.items() if _differs(present[key], value)}
    before = facts.load_facts(actor, case, present | {"note": reason})
    unsound = {lack.key for lack in missing(replace(one.step, fields=one.asked), before) if lack.kind == "field"}
    # What has become wrong by itself, such as a day that was to come, is not to be answered for by this correction.
    judged = tuple(field for field in one.asked if field.key in changed or field.key not in unsound)
    after = replace(before, values={**present, **changed, "note": reason})
    form_input.judge(sop, replace(one.step, fields=judged), after, unreadable, ())
    return changed


def _theirs(one: Target, raw: Mapping[str, Any]) -> None:
    """Refuses a correction of what others have answered."""
    mine = {field.key for field in one.step.fields}
    errors = [
        FieldError("role", field.key, _("Your role may not correct “%(field)s”.", field=field.label))
        for field in one.asked
        if field.key in raw and field.key not in mine
    ]
    if errors:
        raise Forbidden(" ".join(error.message for error in errors), errors)


def _repeats(present: Any, sent: Any) -> bool:
    """Whether an answer repeats the row or the choice that is there, offered to this user or not."""
    return present is not None and isinstance(sent, str) and sent == creation.plain(present)


def _differs(before: Any, value: Any) -> bool:
    if isinstance(before, datetime) and isinstance(value, datetime) and not (value.second or value.microsecond):
        # A form's control knows no seconds.
        return before.replace(second=0, microsecond=0) != value
    if isinstance(before, list) and isinstance(value, list):
        return sorted(map(str, before)) != sorted(map(str, value))
    return bool(value != before) and not (value is None and creation.is_empty(before))


def _write(
    session: Session, sop: Sop, case: Case, actor: Actor, settled: list[tuple[str | None, Target, dict[str, Any]]],
    reason: str,
) -> None:  # fmt: skip
    now = clock.now()
    rules = clocks.rules_of(session, sop, case, now)
    changes: dict[str, Any] = {}
    for kind, one, values in settled:
        told = _written(one.holder, values)
        if kind is None:
            changes |= told
        elif told:
            changes.setdefault(kind, []).append({ID: one.holder.id} | told)
    if not changes:
        raise ValidationFailed(_("Nothing differs from what the case has already."))
    case.changed_at = now
    creation.refresh(sop, case)
    session.flush()
    assignment.release(sop, case)
    index(session, case)
    changes |= clocks.keep(session, sop, case, now, before=rules)
    event = history.append(
        session, case, actor, CORRECTED, now, from_state=case.state, note=reason, changes=changes
    )  # fmt: skip
    notify.corrected(session, sop, case, event, actor, correction_readers(sop, changes))


def _written(holder: Any, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Writes the values; returns each with the one before, as the history stores them."""
    told = {}
    for key, value in values.items():
        told[key] = [creation.plain(getattr(holder, key)), creation.plain(value)]
        setattr(holder, key, value)
    return told
