"""Performs transitions: the writer of ``Case.state``; one call, one transaction, all or nothing. Only a move to another
revision writes it besides (``revisions.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Case, Event
from app.services.cases import assignment, creation, facts, form_input
from app.services.cases.effects import TransitionWork
from app.services.core import clock, history
from app.services.core.access import NOTE_OPEN, Actor, sop_or_404, visible_or_404
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, FieldError, Forbidden, Malformed, NotVisible, refuse_void
from app.services.core.formatting import who
from app.services.core.locking import locked
from app.services.core.wording import action_label, describe_violation
from app.services.deadlines import clocks
from app.services.documents.documents import Incoming, Uploads, attach, decided_on, same_again, taken_in, versions
from app.services.notices import notify
from app.services.search.index import index, is_indexed
from app.sop import SOPS, in_effect, sop_of
from app.workflow.declaration import Sop, Transition
from app.workflow.engine import Violation, requirements


def create(
    actor: Actor,
    sop_key: str,
    raw: Mapping[str, Any],
    uploads: Uploads | None = None,
    note: str = "",
    submission: str | None = None,
    note_open: bool = False,
) -> Any:
    """Performs the create transition of an SOP; returns the new case.

    ``raw``: input by field key, as typed. ``submission``: an id of the form; the same form sent twice gives the same
    case. ``note_open``: everyone who sees the case may read the note, though the step keeps it confidential. Raises
    subclasses of ``Refused``, with everything that is missing or wrong.
    """
    sop = declared(sop_key)
    _permitted(actor, sop, sop.create)
    try:
        return _create(actor, sop, raw, _known(sop, sop.create, uploads), note, submission, note_open)
    except IntegrityError as error:
        # PostgreSQL lets the same form in twice at once; the second meets the first at the unique key.
        made = _made_before(db.session(), actor, sop, submission)
        if made is None:
            raise Conflict(_("Somebody else has just done this.")) from error
        return made


def _create(
    actor: Actor, sop: Sop, raw: Mapping[str, Any], files: Uploads, note: str, submission: str | None, note_open: bool
) -> Any:  # fmt: skip
    transition = sop.create
    with taken_in(sop, files) as incoming, write_transaction() as session:
        if made := _made_before(session, actor, sop, submission):
            return made
        values, unreadable = form_input.read(sop, transition, raw, actor)
        known = facts.facts_for_new(actor, {**values, "note": note})
        form_input.judge(sop, transition, known, unreadable, [i.type for i in incoming])
        now = clock.now()

        def effects(case: Case, changed: Mapping[str, Any]) -> dict[str, Any]:
            work = TransitionWork(session, actor, case, values, note, now)
            return _effects(session, sop, transition, case, work, changed)

        return creation.open_case(
            session, sop, actor, values, now, action=transition.key, note=note, incoming=incoming,
            submission=submission, effects=effects, changes=_opened(transition, note, note_open),
        )  # fmt: skip


def perform(
    actor: Actor,
    sop_key: str,
    pk: int,
    key: str,
    raw: Mapping[str, Any],
    uploads: Uploads | None = None,
    note: str = "",
    version: int | None = None,
    note_open: bool = False,
) -> Any:
    """Performs a transition on a case; returns the case.

    ``version``: what the user last saw; when the case has changed since, ``Conflict`` says by whom. ``note_open``: as
    for ``create``.
    """
    # What comes with files is refused before they are taken in, as far as the case tells; nothing else is read twice.
    seen = visible_or_404(actor, sop_key, pk) if uploads else None
    sop = sop_of(seen) if seen is not None else sop_or_404(actor, sop_key, pk)
    transition = sop.transition_by_key.get(key)
    if transition is None or transition.creates:
        raise NotVisible(_("This SOP has no such step."))
    _permitted(actor, sop, transition)
    if seen is not None:
        _in_time(sop, transition, seen, version)
    files = _known(sop, transition, uploads)
    with taken_in(sop, files) as incoming, write_transaction() as session:
        case = locked(session, actor, sop_key, pk)
        _same_revision(sop, case)
        _in_time(sop, transition, case, version)
        values, unreadable = form_input.read(sop, transition, raw, actor, case)
        known = facts.load_facts(actor, case, {**values, "note": note})
        revised = {key for one in requirements(transition, known) if one.fresh for key in one.any_of}
        repeated = same_again(sop, case, [i for i in incoming if i.type in revised], came_with=True)
        form_input.judge(sop, transition, known, unreadable, [i.type for i in incoming], repeated)
        _do(session, sop, transition, case, actor, values, note, incoming, note_open)
    return case


def declared(sop_key: str) -> Sop:
    """The revision of an SOP that takes new cases today. Raises ``NotVisible``."""
    if sop_key not in SOPS:
        raise NotVisible(_("There is no such SOP."))
    return in_effect(sop_key, clock.today())


def _do(
    session: Session, sop: Sop, transition: Transition, case: Case, actor: Actor, values: Mapping[str, Any], note: str,
    incoming: list[Incoming], note_open: bool,
) -> None:  # fmt: skip
    now = clock.now()
    before, since, indexed = case.state, case.state_since, is_indexed(case)
    after = transition.resolve_target(case, values)
    incoming_types = [i.type for i in incoming]
    decided = _decided(sop, transition, case)
    added = attach(session, case, actor, incoming, now)
    changes: dict[str, Any] = dict(creation.write_fields(sop, case, values))
    for records, rows in _rows(sop, transition, case, values).items():
        changes[records] = creation.write_records(session, sop, case, actor, records, rows, now)
    case.state = after
    case.changed_at = now
    if case.state != before:
        case.state_since = now
        case.requested_documents = []
        assignment.release(sop, case)
    else:
        case.requested_documents = [k for k in case.requested_documents if k not in incoming_types]
    work = TransitionWork(session, actor, case, values, note, now)
    changes = _effects(session, sop, transition, case, work, changes)
    if is_indexed(case) != indexed:
        index(session, case)
    changes |= clocks.keep(session, sop, case, now) | _opened(transition, note, note_open) | decided
    for document in added:
        document.round = case.round  # a step that opens a round brings its first documents
    event = history.append(
        session, case, actor, transition.key, now, from_state=before, note=note, changes=changes,
        documents=[*added, *work.attached], since=since if case.state != before else None,
    )  # fmt: skip
    notify.after_step(session, sop, case, event, actor)


def _opened(transition: Transition, note: str, note_open: bool) -> dict[str, list[Any]]:
    """The tick that opens a confidential note, as a change: so the chain of the history covers it."""
    return {NOTE_OPEN: [None, True]} if note_open and note.strip() and transition.confidential_to else {}


def _decided(sop: Sop, transition: Transition, case: Case) -> dict[str, list[Any]]:
    """The versions by document type on which a step decides, as a change; before it brings versions of its own. Of
    several files of a kind all numbers."""
    found = decided_on(sop, transition, case, versions(case)) if transition.decides_on else []
    numbers: dict[str, Any] = {d.type: d.version for d in found}
    numbers |= {key: [d.version for d in found if d.type == key] for key in numbers if sop.document_by_key[key].several}
    return {history.DECIDED_ON: [None, numbers]} if found else {}


def _effects(
    session: Session, sop: Sop, transition: Transition, case: Case, work: TransitionWork, changed: Mapping[str, Any]
) -> dict[str, Any]:
    """Runs the effects; returns what the answers have ``changed`` with what they did, and the links they made."""
    before = creation.kept(sop, case)
    try:
        for effect in transition.effects:
            effect(case, work)
        creation.refresh(sop, case)
        session.flush()
    except IntegrityError as error:
        raise Conflict(_("Somebody else has just done this.")) from error
    return creation.with_effects(changed, before, creation.kept(sop, case)) | work.linked


def _rows(
    sop: Sop, transition: Transition, case: Case, values: Mapping[str, Any]
) -> dict[str, list[Mapping[str, Any]]]:
    """The rows in the form, by kind of record; an empty list where the form removed all rows."""
    rows = {
        f.key: values[f.key] or []
        for f in transition.fields
        if f.is_rows and f.key in values and (values[f.key] or getattr(case, f.key))
    }
    if transition.records:
        columns = {c.key for one in sop.records if one.key == transition.records for c in one.columns}
        rows.setdefault(transition.records, []).append({k: v for k, v in values.items() if k in columns})
    return rows


def _permitted(actor: Actor, sop: Sop, transition: Transition) -> None:
    """Refuses a wrong role before any byte of a file is received."""
    if not actor.roles & set(transition.by):
        error = describe_violation(sop, transition, Violation("role", "|".join(transition.by)))
        raise Forbidden(error.message, [error])


def _same_revision(sop: Sop, case: Case) -> None:
    """Refuses what was judged by another revision than the one under which the case stands by now."""
    if case.revision != sop.revision:
        raise Conflict(_("The case was moved to another revision of the procedure just now; nothing was changed."))


def _in_time(sop: Sop, transition: Transition, case: Case, version: int | None) -> None:
    refuse_void(case)
    if case.state in transition.source and version in (None, case.version):
        return
    last, since = _last_step(sop, case), history.since(case, version)
    state = sop.state(case.state).label
    message = _("This step is not possible in the present state (%(state)s).", state=state)
    if last is not None:
        message = _(
            "Already handled by %(name)s at %(at)s: %(action)s. The case is now in “%(state)s”; nothing was changed.",
            name=who(last.actor_name, last.known_account), at=format_datetime(last.at),
            action=action_label(sop, last.action), state=state,
        )  # fmt: skip
    raise Conflict(message, [FieldError("state", case.state, message)], since, sop)


def _last_step(sop: Sop, case: Case) -> Event | None:
    """The last step of the case; other events (uploads, warnings, claims) have not moved it."""
    steps = Event.action.in_(sop.known_transitions)
    query = select(Event).where(Event.case_id == case.id, steps).order_by(Event.seq.desc()).limit(1)
    last: Event | None = db.session.scalars(query).one_or_none()
    return last


def _known(sop: Sop, transition: Transition, uploads: Uploads | None) -> Uploads:
    """The uploads, each of a kind that this step accepts."""
    wrong = [key for key in uploads or {} if key not in transition.accepts]
    if wrong:
        errors = [FieldError("document", key, _("This step takes no document “%(key)s”.", key=key)) for key in wrong]
        raise Malformed(" ".join(error.message for error in errors), errors)
    return uploads or {}


def _made_before(session: Session, actor: Actor, sop: Sop, submission: str | None) -> Any:
    """The case that the same form has already created, or None."""
    if not submission:
        return None
    pk = session.scalar(select(Case.id).where(Case.submission == submission))
    return visible_or_404(actor, sop.key, pk) if pk is not None else None
