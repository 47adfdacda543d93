"""Makes checkpoints: signs the heads of the chains that have grown, at every tenth record and every few minutes.

Entries of the cases that have changed go to the end of a list that only grows, and its Merkle root is signed
(``verifier.py`` tells how that is read). So a checkpoint costs what has changed: a root over the heads of a million
cases every few minutes would read a million rows. From the full subtrees at the right edge, which the newest checkpoint
keeps, the next root follows without reading an entry that was there before; and since old entries stay, any two
checkpoints can be shown to be of one list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import structlog
from sqlalchemy import ColumnElement, event, func, insert, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import AuditEntry, Case, Checkpoint, CheckpointLeaf, Event
from app.services.core import clock, history
from app.services.core.database import aside_transaction, unavailable
from app.services.evidence import handing, keys
from app.services.evidence.tables import SqlTables
from app.services.evidence.verifier import Frontier, canonical, entry_of, sha

FORMAT = "tuntas checkpoint 1"
#: Records after which a checkpoint is made at once.
EVERY = 10
#: Cases that one checkpoint takes at most, and those that somebody waits for who has just done a step.
MOST, MOST_AT_ONCE = 2_000, 200
#: PostgreSQL gives out ids before it commits: so far back is looked for what came late. The nightly run looks at all.
OVERLAP = 1_000
#: PostgreSQL's advisory lock of whoever makes one.
LOCK = 7_468_617_378
#: Under this name a session's ``info`` keeps that a checkpoint is due.
DUE = "checkpoint"
log = structlog.get_logger("tuntas.evidence")


@dataclass(frozen=True)
class Made:
    """``entries``: how many are new in the list. ``last``: the id of the last case among them, 0 for none. ``more``:
    there were more than fitted."""

    entries: int
    last: int
    more: bool


NOTHING = Made(0, 0, False)


def listen() -> None:
    history.appended.connect(_count)


def _count(case: Case, *, event: Event, session: Session) -> None:
    info = session.info
    if not info.get(DUE):
        upto = select(Checkpoint.events_upto).order_by(Checkpoint.number.desc()).limit(1)
        info[DUE] = event.id - (session.scalar(upto) or 0) >= EVERY


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    """After a step, in the process that did it: so the tenth record does not wait for a worker. A failure is nothing to
    whoever did the step; the next tick tries again and tells."""
    if not session.info.get(DUE) or session.in_nested_transaction():
        return
    session.info[DUE] = False
    try:
        if make(at_once=True).entries:
            handing.hand_over(handing.FILE)
    except Exception:
        log.warning("no checkpoint was made after a step", exc_info=True)


def make_due() -> int:
    """All that has changed since the last checkpoint; how many entries that were. Raises ``NoKey``."""
    return _make_all(full=False)


def complete() -> int:
    """The same, looking at every case: also what came in by another way than a step."""
    return _make_all(full=True)


def _make_all(full: bool) -> int:
    entries, made = 0, Made(0, 0, True)
    while made.more:
        made = make(full=full, after=made.last)
        entries += made.entries
    return entries


def make(full: bool = False, after: int = 0, at_once: bool = False) -> Made:
    """Makes one checkpoint where something has changed. ``full``: of all cases, from the id ``after`` on. ``at_once``:
    not if that takes long. Does nothing while another process is at it. Raises ``NoKey`` or ``Unavailable``."""
    signer = keys.signer()
    with _alone() as session:
        if session is None:
            return NOTHING
        last = newest(session)
        seen = session.scalar(select(func.max(Event.id))) or 0
        most = MOST_AT_ONCE if at_once else MOST
        ids = _changed(session, last, full or last is None, after, most + 1)
        more = len(ids) > most
        if more and at_once:
            return NOTHING
        entries = [*_of_cases(session, ids[:most]), *_of_audit_log(session)]
        if entries:
            # What did not fit is found again from where this one has begun.
            upto = (last.events_upto if last else 0) if more else seen
            _add(session, signer, last, entries, upto)
        return Made(len(entries), ids[:most][-1] if ids else 0, more)


def newest(session: Session) -> Checkpoint | None:
    return session.scalars(select(Checkpoint).order_by(Checkpoint.number.desc()).limit(1)).one_or_none()


@contextmanager
def _alone() -> Iterator[Session | None]:
    """A transaction of its own in which all is read as of one moment; None while another one makes a checkpoint."""
    if db.engine.dialect.name != "postgresql":
        with aside_transaction() as session:
            yield session
        return
    engine = db.engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        with Session(engine) as session, session.begin():
            free = session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield session if free else None
    except OperationalError as error:
        raise unavailable(error) from error


def _changed(session: Session, last: Checkpoint | None, full: bool, after: int, most: int) -> Sequence[int]:
    """The ids of cases whose newest hash is not that of their last entry."""
    cases: Any = Case.__table__
    entry = (
        select(CheckpointLeaf.head)
        .where(CheckpointLeaf.case_id == cases.c.id)
        .order_by(CheckpointLeaf.position.desc())
        .limit(1)
        .correlate(cases)
        .scalar_subquery()
    )
    among: ColumnElement[bool] = cases.c.id > after
    if not full and last is not None:
        since = last.events_upto - (OVERLAP if session.get_bind().dialect.name == "postgresql" else 0)
        among = cases.c.id.in_(select(Event.case_id).where(Event.id > since))
    grown = cases.c.history_hash != func.coalesce(entry, "")
    return session.scalars(select(cases.c.id).where(among, grown).order_by(cases.c.id).limit(most)).all()


def _of_cases(session: Session, ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    tables = SqlTables(session.connection())
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        newest_of = select(Event.case_id, func.max(Event.seq)).where(Event.case_id.in_(some)).group_by(Event.case_id)
        lengths = dict(session.execute(newest_of).tuples().all())
        for case in tables.cases(some):
            pk = case["row"]["id"]
            entry = entry_of(case | {"seq": lengths.get(pk, 0)})
            yield {"case_id": pk, "head": case["head"], "entry": entry}


def _of_audit_log(session: Session) -> Iterator[dict[str, Any]]:
    """Its newest entry, where the list does not end with it yet."""
    leaf = select(CheckpointLeaf.head).where(CheckpointLeaf.case_id.is_(None))
    known = session.scalar(leaf.order_by(CheckpointLeaf.position.desc()).limit(1))
    found = session.execute(select(AuditEntry.seq, AuditEntry.hash).order_by(AuditEntry.seq.desc()).limit(1)).first()
    if found is not None and found.hash != known:
        yield {"case_id": None, "head": found.hash, "entry": canonical({"audit": found.seq, "hash": found.hash})}


def _add(
    session: Session, signer: keys.Signer, last: Checkpoint | None, entries: Sequence[dict[str, Any]], upto: int
) -> None:
    frontier = Frontier(last.size, last.frontier) if last else Frontier()
    for position, one in enumerate(entries, frontier.size):
        one["position"] = position
        frontier.add(one["entry"])
    session.execute(insert(CheckpointLeaf), list(entries))
    number, now = (last.number + 1 if last else 1), clock.now()
    body = canonical(
        {
            "format": FORMAT, "number": number, "at": now.astimezone(UTC).isoformat(), "size": frontier.size,
            "root": frontier.root(), "previous": last.hash if last else "", "key": sha(signer.public.hex())[:16],
        }
    )  # fmt: skip
    session.add(
        Checkpoint(
            number=number, at=now, size=frontier.size, body=body, hash=sha(body),
            signature=signer.sign(body.encode()).hex(), frontier=[one.hex() for one in frontier.hashes],
            events_upto=upto,
        )
    )  # fmt: skip
