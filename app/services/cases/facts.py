"""Loads the facts of a decision, for one case or for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.extensions import db
from app.models import COMMENT_FILE, Case, Document, Event
from app.services.core import clock, masking
from app.services.core.access import Actor
from app.services.documents.documents import in_force
from app.sop import sop_of
from app.workflow.declaration import Facts
from app.workflow.engine import AvailableAction, available


def events_of(case_ids: Iterable[int]) -> dict[int, list[Event]]:
    """The events of several cases, oldest first."""
    found: dict[int, list[Event]] = {pk: [] for pk in case_ids}
    query = select(Event).where(Event.case_id.in_(found)).order_by(Event.case_id, Event.seq)
    for event in db.session.scalars(query.options(undefer(Event.known_account), undefer(Event.withdrawn))):
        found[event.case_id].append(event)
    return found


def documents_of(case_ids: Iterable[int]) -> dict[int, list[Document]]:
    """The documents of several cases, oldest first."""
    found: dict[int, list[Document]] = {pk: [] for pk in case_ids}
    for document in db.session.scalars(select(Document).where(Document.case_id.in_(found)).order_by(Document.id)):
        found[document.case_id].append(document)
    return found


def gather(
    actor: Actor,
    case: Case,
    documents: Sequence[Document],
    events: Sequence[Event],
    values: Mapping[str, Any] | None = None,
) -> Facts:
    """The facts on a case that is loaded already; what counts is the case's present round."""
    mine = [d for d in documents if d.round == case.round and d.type != COMMENT_FILE]
    # What came with the step into this state has the time of that step, and is not fresh.
    sop = sop_of(case)
    counting, brought = in_force(sop, mine), in_force(sop, [d for d in mine if d.uploaded_at <= case.state_since])
    zone = clock.zone()
    last: dict[str, tuple[datetime, int | None]] = {
        e.action: (e.at.astimezone(zone), e.actor_id) for e in events if e.round == case.round
    }
    return Facts(
        user_id=actor.id,
        roles=actor.roles,
        now=clock.now(),
        case=case,
        # On a case that was declared void no step is possible: it is in no state.
        state=case.state if case.voided_at is None else None,
        attached=frozenset(counting),
        fresh=frozenset(key for key, found in counting.items() if _differ(found, brought.get(key, ()))),
        requested=frozenset(case.requested_documents),
        last=last,
        done=frozenset((e.action, e.actor_id) for e in events if e.round == case.round),
        counts={r.key: len(getattr(case, r.key)) for r in sop.records},
        values=values or {},
        made={key: _makers(found) for key, found in counting.items()},
        brought={key: _makers(found) for key, found in brought.items()},
        hidden=masking.hidden(sop) if masking.masked_now(actor, case) else frozenset(),
    )


def _differ(counting: Iterable[Document], brought: Iterable[Document]) -> bool:
    """Whether a document differs from those with which the case came, even if there were others in between."""
    return bool({document.sha256 for document in counting} - {document.sha256 for document in brought})


def _makers(found: Iterable[Document]) -> frozenset[int | None]:
    return frozenset(document.uploader_id for document in found)


def load_facts(actor: Actor, case: Case, values: Mapping[str, Any] | None = None) -> Facts:
    """The facts on a case, with its documents and events read for it."""
    return gather(actor, case, documents_of([case.id])[case.id], events_of([case.id])[case.id], values)


def facts_for_new(actor: Actor, values: Mapping[str, Any] | None = None) -> Facts:
    """The facts before there is a case."""
    return Facts(user_id=actor.id, roles=actor.roles, now=clock.now(), values=values or {})


def offers(actor: Actor, case: Case) -> tuple[AvailableAction, ...]:
    """The buttons of this user on this case."""
    return available(sop_of(case), load_facts(actor, case))
