"""Writing the audit log.

Entries form one chain, so whoever writes one waits for the one before it. They are therefore gathered while a
transaction does its work and written as the last thing before it commits; with its rollback they are gone.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC
from typing import Any

import click
from flask import current_app, g, has_request_context, request
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import AuditEntry, User
from app.services.audit.actions import ACTIONS
from app.services.core import clock
from app.services.core.access import SYSTEM, Actor
from app.services.core.database import aside_transaction, in_write_transaction, write_transaction, writes_expected

#: What an entry is about: its kind, its key, and what people call it.
Subject = tuple[str, object, str]
NOTHING: Subject = ("", "", "")
#: Under this name a session's ``info`` keeps the entries of the transaction that is open.
GATHERED = "audit"
#: And those of them that nobody has recorded, but that follow from what was written.
NOTICED = "audit_noticed"
#: PostgreSQL's advisory lock of the chain's end; SQLite's writers come one after the other anyway.
LOCK = 0x7475_6E74_6175
#: Under this name an app answers on whose behalf the present request is.
WHO = "tuntas_who"
LONGEST = {"subject": 128, "subject_name": 255, "address": 64, "request": 64}


def record(actor: Actor, action: str, subject: Subject = NOTHING, **detail: Any) -> None:
    """Adds an entry to the transaction that is open. ``detail``: plain JSON, without secrets and without the personal
    data of customers."""
    gather(db.session(), actor, action, subject, detail)


def gather(
    session: Session, actor: Actor, action: str, subject: Subject, detail: dict[str, Any], noticed: bool = False
) -> None:
    """The same for the transaction of another session than the request's. ``noticed``: by what was written; where
    somebody has told of the same in their own words, theirs stands alone."""
    entry = _entry(actor, action, subject, detail)
    session.info.setdefault(GATHERED, []).append(entry)
    if noticed:
        session.info.setdefault(NOTICED, []).append(entry)


def present() -> Actor:
    """On whose behalf something is done now: of whoever sent the request, of whoever is at the terminal, else of the
    system itself."""
    if has_request_context():
        who: Actor = current_app.extensions[WHO]()
        return who
    return SYSTEM if click.get_current_context(silent=True) is None else at_terminal()


def at_terminal() -> Actor:
    """Whoever runs a command, by the name that the operating system has of them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's number without a name
        name = str(os.getuid())
    return Actor(None, f"{name} (terminal)", frozenset())


def record_now(actor: Actor, action: str, subject: Subject = NOTHING, **detail: Any) -> None:
    """The same at once, in a transaction of its own: for what only reads, and for refusals, whose own transaction is
    over by then. Raises ``Unavailable`` when the database stays locked. Within a ``write_transaction`` it is part of
    that one; in a request that writes, what its session has read so far is read anew."""
    if in_write_transaction():
        record(actor, action, subject, **detail)
        return
    if writes_expected():
        with write_transaction():
            record(actor, action, subject, **detail)
        return
    with aside_transaction() as session:
        session.info[GATHERED] = [_entry(actor, action, subject, detail)]


def _entry(actor: Actor, action: str, subject: Subject, detail: dict[str, Any]) -> AuditEntry:
    if action not in ACTIONS:
        raise ValueError(f"the audit log has no action {action!r}")
    kind, key, name = subject
    here = has_request_context()
    return AuditEntry(
        at=clock.now(), actor_id=actor.id, actor_name=actor.name, action=action,
        address=_short("address", (request.remote_addr or "") if here else ""),
        request=_short("request", g.get("request_id", "") if here else ""),
        subject_type=kind, subject=_short("subject", key), subject_name=_short("subject_name", name), detail=detail,
    )  # fmt: skip


def _short(column: str, value: object) -> str:
    return str(value)[: LONGEST[column]]


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()  # what it writes may leave entries
    gathered = session.info.get(GATHERED)
    if not gathered:
        return
    gathered = _once(gathered, session.info.pop(NOTICED, []))
    session.info[GATHERED] = []
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    newest = select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)
    last = session.execute(newest).one_or_none()
    first, before = (last.seq + 1, last.hash) if last else (1, "")
    accounts = _accounts(session, gathered)
    for seq, entry in enumerate(gathered, first):
        entry.seq, entry.account = seq, accounts.get(entry.actor_id, "")
        entry.hash = before = hash_of(entry, before)
        session.add(entry)
    session.flush()


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: Any) -> None:
    if not previous.nested:
        session.info.pop(GATHERED, None)
        session.info.pop(NOTICED, None)


def _once(gathered: list[AuditEntry], noticed: list[AuditEntry]) -> list[AuditEntry]:
    unasked = {id(entry) for entry in noticed}
    told = {_about(entry) for entry in gathered if id(entry) not in unasked}
    return [entry for entry in gathered if id(entry) not in unasked or _about(entry) not in told]


def _about(entry: AuditEntry) -> tuple[str, str, str]:
    return entry.action, entry.subject_type, entry.subject


def _accounts(session: Session, entries: list[AuditEntry]) -> dict[int | None, str]:
    wanted = {entry.actor_id for entry in entries} - {None}
    named = select(User.id, User.username).where(User.id.in_(wanted))
    return dict(session.execute(named).tuples().all()) if wanted else {}


def verify_and_note() -> int:
    """Checks the whole chain and writes down how far it is whole; answers the first entry that does not follow, 0 for
    none. Nothing is locked meanwhile."""
    newest = db.session.scalar(select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1)) or 0
    wrong = next((seq for seq, _what in verify(db.session())), 0)
    db.session.rollback()
    record_now(SYSTEM, "audit.verified", upto=wrong - 1 if wrong else newest, wrong=wrong)
    if wrong:
        current_app.logger.error("Entry %s of the audit log does not follow from the one before it", wrong)
    return wrong


def verify(session: Session) -> Iterator[tuple[int, str]]:
    """``(seq, what is wrong)`` for every entry that does not follow from the one before it; a tail that is cut off
    shows by the checkpoints alone."""
    before, expected = "", 0
    for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).yield_per(500):
        expected += 1
        if entry.seq != expected:
            yield expected, f"entry {expected} of the audit log is missing"
        elif entry.hash != hash_of(entry, before):
            yield expected, f"entry {expected} of the audit log does not follow from the one before it"
        before, expected = entry.hash, entry.seq


def hash_of(entry: Any, before: str) -> str:
    """The hash of an entry that follows one with the hash ``before`` (empty: none)."""
    facts = [
        before, entry.seq, entry.at.astimezone(UTC).isoformat(), entry.actor_id, entry.actor_name, entry.account,
        entry.address, entry.request, entry.action, entry.subject_type, entry.subject, entry.subject_name, entry.detail,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
