"""The history of a case: append-only, chained by hashes, verifiable."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from blinker import Signal
from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from app.extensions import db
from app.models import Case, Document, Event, User
from app.services.core.access import Actor
from app.services.core.wording import COMMENTING, MAIL_CAME

#: Among the changes of a step: the versions that it decided on, ``[None, {document type: version}]``.
DECIDED_ON = "decided_on"
#: Among the changes of a purge: the keys of what it has emptied.
EMPTIED = "emptied"
#: Sent for the case, with ``event`` and ``session``, in the transaction of every event.
appended = Signal()
#: Characters of a hash that are printed: nobody finds another history that begins so.
HEAD = 16
TRUNCATED = "the newest event is not the one that the case remembers"
#: What is done beside the steps: nobody comes too late by it.
BESIDE = ("upload", MAIL_CAME, *COMMENTING)


def append(
    session: Session,
    case: Case,
    actor: Actor,
    action: str,
    at: datetime,
    *,
    from_state: str | None,
    note: str = "",
    changes: Mapping[str, Any] | None = None,
    documents: Sequence[Document] = (),
    since: datetime | None = None,
    first: bool = False,
) -> Event:
    """Adds an event to ``case``'s history and stores its hash on the case (without touching its version).

    ``since``: when the case had entered ``from_state``, of a step that left it. ``first``: the case has no event yet.
    """
    session.flush()  # the case's version counts once its row is written
    newest = select(Event.seq, Event.hash).where(Event.case_id == case.id).order_by(Event.seq.desc()).limit(1)
    last = None if first else session.execute(newest).one_or_none()
    event = Event(
        case_id=case.id,
        seq=last.seq + 1 if last else 1,
        at=at,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action,
        from_state=from_state,
        to_state=case.state,
        round=case.round,
        note=note or None,
        changes=dict(changes or {}),
        documents=[_named(document) for document in documents],
        salt=secrets.token_hex(16),
        version=case.version,
        since=since,
        account=actor.account or _account(session, actor),
    )
    event.digest = digest_of(event)
    event.hash = hash_of(event, last.hash if last else "")
    session.add(event)
    session.flush()
    session.execute(update(Case.__table__).where(Case.__table__.c.id == case.id).values(history_hash=event.hash))
    appended.send(case, event=event, session=session)
    return event


def _account(session: Session, actor: Actor) -> str:
    """The user name of an actor who was made without it; empty for the system."""
    return session.scalar(select(User.username).where(User.id == actor.id)) or "" if actor.id is not None else ""


def _named(document: Document) -> dict[str, Any]:
    """What the history keeps of a document; ``replaces``: the number of the one whose place it takes."""
    kept = {"type": document.type, "version": document.version, "sha256": document.sha256}
    return kept | ({"replaces": document.replaces.version} if document.replaces else {})


def head_of(event: Any) -> str:
    """The end of a history as it is printed: its number and the beginning of its hash. Paper in somebody's hands says
    what the history was, whatever the database says later."""
    return f"{event.seq}-{event.hash[:HEAD]}"


def since(case: Case, version: int | None) -> list[Event]:
    """The events since somebody saw ``version`` of the case, but for uploads and comments, which conflict with
    nothing."""
    if version is None or version >= case.version:
        return []
    later = (Event.case_id == case.id, Event.version > max(version, 0), Event.action.not_in(BESIDE))
    events = list(
        db.session.scalars(select(Event).where(*later).order_by(Event.seq).options(undefer(Event.known_account)))
    )
    for event in events:
        db.session.expunge(event)  # the rollback of the refused transaction would expire what it has read
    return events


def verify(session: Session) -> Iterator[tuple[int, str]]:
    """``(case id, what is wrong)`` for every case whose history was tampered with; nothing when all is well."""
    heads = dict(session.execute(select(Case.id, Case.history_hash)).tuples().all())
    chain, seen = Chain(), dict[int, str]()
    for event in session.scalars(select(Event).order_by(Event.case_id, Event.seq)).yield_per(500):
        if wrong := chain.follow(event):
            yield event.case_id, wrong
        seen[event.case_id] = event.hash
    for case_id, head in heads.items():
        if seen.get(case_id, "") != head:
            yield case_id, TRUNCATED


class Chain:
    """Follows events, each after the one before it of its case."""

    def __init__(self) -> None:
        self._case, self._before, self._seq = 0, "", 0

    def follow(self, event: Any) -> str:
        """What is wrong with an event; nothing when all is well."""
        if event.case_id != self._case:
            self._case, self._before, self._seq = event.case_id, "", 0
        self._seq += 1
        before, expected, self._before, self._seq = self._before, self._seq, event.hash, event.seq
        if event.seq != expected:
            return f"event {expected} is missing"
        if event.hash != hash_of(event, before):
            return f"event {expected} does not follow from the one before it"
        if event.salt is not None and event.digest != digest_of(event):
            return f"note or changes of event {expected} were altered"
        return ""


def digest_of(event: Any) -> str:
    """What represents the note and the changes of an event in the chain."""
    return _sha([event.salt, event.note, event.changes])


def hash_of(event: Any, before: str) -> str:
    """The hash of an event that follows one with the hash ``before`` (empty: none). The account stands last, in those
    that keep it: what was written before has the hash of its day."""
    parts = [
        before, event.case_id, event.seq, event.at.astimezone(UTC).isoformat(), event.actor_id, event.actor_name,
        event.action, event.from_state, event.to_state, event.round, event.documents, event.digest,
    ]  # fmt: skip
    return _sha(parts if event.account is None else [*parts, event.account])


def _sha(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
