"""Retention periods, what is due, and legal holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func, select

from app.extensions import db
from app.models import COMMENT_FILE, Case, Document, LegalHold, Purge, RetentionPolicy
from app.services.core import clock, history, personal
from app.services.core.access import ADMIN, SYSTEM, Actor, visible_cases
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, FieldError, Forbidden, Malformed, NotVisible, ValidationFailed
from app.services.core.locking import locked
from app.services.core.revisions import under
from app.services.documents.documents import OF_COMMENTS
from app.sop import SOPS, sop_of
from app.sop.common import SUPERVISOR
from app.workflow.declaration import Sop

MOST_YEARS = 99


@dataclass(frozen=True)
class Periods:
    """Years after closing: ``default`` for what has no period of its own (None: kept for good), ``case`` for the
    personal data, which stay as long as any document, and per type of document; a type that is not among them is kept
    for good."""

    default: int | None
    case: int | None
    documents: Mapping[str, int]


@dataclass(frozen=True)
class Due:
    """What of a closed case may be removed: documents of these types and, when ``whole``, its personal data."""

    id: int
    sop: Sop
    number: str
    closed_at: datetime
    since: date
    documents: tuple[str, ...]
    files: int
    bytes: int
    whole: bool
    held: bool


def retention_officers(sop: Sop) -> frozenset[str]:
    """The roles that remove what is due and that set and release holds."""
    return frozenset(sop.retention_officers or (ADMIN,))


def is_retention_officer(actor: Actor, sop: Sop) -> bool:
    return actor == SYSTEM or bool(actor.roles & retention_officers(sop))


def retention_sops(actor: Actor) -> list[Sop]:
    """The SOPs whose retention ``actor`` may see, in the order of the menu."""
    overseers = {ADMIN, SUPERVISOR}
    return [
        sop
        for sop in SOPS.values()
        if actor.roles & overseers.union(*(retention_officers(one) for one in sop.revisions))
    ]


def officer_or_refused(actor: Actor, sop: Sop) -> None:
    if not is_retention_officer(actor, sop):
        raise Forbidden(_("Only %(roles)s may do this.", roles=", ".join(sorted(retention_officers(sop)))))


def periods(sop: Sop) -> Periods:
    """The policies that an admin has set override the declaration; what has neither follows the SOP's default, which is
    the longest period that it declares."""
    query = select(RetentionPolicy.document_type, RetentionPolicy.years).where(RetentionPolicy.sop == sop.key)
    chosen = dict(db.session.execute(query).tuples().all())
    declared = [d.retention for d in sop.document_by_key.values() if d.retention]
    default = chosen.get("") or max(declared, default=None)
    years = {d.key: chosen.get(d.key) or d.retention or default for d in sop.document_by_key.values()}
    documents = {key: count for key, count in years.items() if count}
    return Periods(default, max(default, *documents.values(), 0) if default else None, documents)


def due(sops: Iterable[Sop]) -> list[Due]:
    """Everything that is due, the longest overdue first; what is on hold is listed too, and marked."""
    every = (revision for sop in sops for revision in sop.revisions)
    return sorted((one for sop in every for one in _due(sop)), key=lambda one: (one.since, one.id))


def due_of(sop: Sop, case_id: int) -> Due | None:
    return next(iter(_due(sop, Case.id == case_id)), None)


def _due(sop: Sop, *narrower: ColumnElement[bool]) -> list[Due]:
    terms = periods(sop)
    years = [*terms.documents.values(), *([terms.case] if terms.case else [])]
    if not years:
        return []
    emptied = select(Purge.case_id).where(Purge.whole)
    closed = (
        Case.sop == sop.key, Case.closed_at <= clock.now() - relativedelta(years=min(years)),
        Case.id.not_in(emptied), under(sop), *narrower,
    )  # fmt: skip
    sizes: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    rows = db.session.execute(
        select(Document.case_id, Document.type, func.count(), func.sum(Document.size))
        .join(Case, Case.id == Document.case_id)
        .where(Document.purged_at.is_(None), *closed)
        .group_by(Document.case_id, Document.type)
    )
    for case_id, kind, count, size in rows:
        sizes[case_id][kind] = (count, int(size))
    on_hold = set(db.session.scalars(select(LegalHold.case_id).where(LegalHold.released_at.is_(None))))
    cases = db.session.execute(select(Case.id, Case.number, Case.closed_at).where(*closed))
    found = (_judge(sop, terms, case, sizes[case.id], case.id in on_hold) for case in cases)
    return [one for one in found if one is not None]


def _judge(sop: Sop, terms: Periods, case: Any, files: Mapping[str, tuple[int, int]], held: bool) -> Due | None:
    """``files``: how many and how large, by type of document."""
    local, now = case.closed_at.astimezone(clock.zone()), clock.now()
    ends = {kind: local + relativedelta(years=terms.documents[kind]) for kind in files if kind in terms.documents}
    types = tuple(key for key in sop.document_by_key if key in ends and ends[key] <= now)
    end = local + relativedelta(years=terms.case) if terms.case and personal.of_case(sop) else None
    whole = end is not None and end <= now
    if not (types or whole):
        return None
    removed = (*types, COMMENT_FILE) if whole and COMMENT_FILE in files else types
    since = min([ends[kind] for kind in types] + ([end] if whole and end else [])).date()
    counted = [files[kind] for kind in removed]
    return Due(
        case.id, sop, case.number, case.closed_at, since, removed, sum(count for count, _size in counted),
        sum(size for _count, size in counted), whole, held,
    )  # fmt: skip


def purges(sops: Iterable[Sop]) -> Select[tuple[Purge]]:
    """The record of what was removed, newest first."""
    return select(Purge).where(Purge.sop.in_([sop.key for sop in sops])).order_by(Purge.id.desc())


def types(done: Purge) -> list[str]:
    return done.document_types.split(", ") if done.document_types else []


def document_names(sop: Sop, keys: Iterable[str]) -> str:
    known = sop.document_by_key | {COMMENT_FILE: OF_COMMENTS}
    return ", ".join(str(known[key].label) if key in known else key for key in keys)


def is_held(case_id: int) -> bool:
    query = select(LegalHold.id).where(LegalHold.case_id == case_id, LegalHold.released_at.is_(None))
    return db.session.scalar(query.limit(1)) is not None


def holds(sops: Iterable[Sop]) -> list[LegalHold]:
    """The holds in force, newest first."""
    query = (
        select(LegalHold)
        .join(LegalHold.case)
        .where(LegalHold.released_at.is_(None), Case.sop.in_([sop.key for sop in sops]))
        .order_by(LegalHold.id.desc())
    )
    return list(db.session.scalars(query).unique())


def hold(actor: Actor, number: str, reason: str) -> None:
    """Keeps everything of a case, open or closed, until the hold is released."""
    query = select(Case.id, Case.sop, Case.revision, Case.closed_at).where(
        Case.number == number.strip(), visible_cases(actor)
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        raise NotVisible(_("There is no such case, or you may not see it."))
    pk, sop = found.id, sop_of(found)
    officer_or_refused(actor, sop)
    reason = _reason(reason)
    with write_transaction() as session:
        case: Case = locked(session, actor, sop.key, pk)
        if is_held(pk):
            raise Conflict(_("%(number)s is on hold already.", number=case.number))
        now = clock.now()
        session.add(LegalHold(case_id=pk, reason=reason, set_by=actor.name, set_at=now))
        history.append(session, case, actor, "hold", now, from_state=case.state, note=reason)


def release(actor: Actor, hold_id: int, reason: str) -> None:
    """Ends a hold; from then on the periods count again."""
    found = db.session.get(LegalHold, hold_id)
    if found is None or SOPS[found.case.sop] not in retention_sops(actor):
        raise NotVisible(_("There is no such hold."))
    pk, sop = found.case_id, sop_of(found.case)
    officer_or_refused(actor, sop)
    reason = _reason(reason)
    with write_transaction() as session:
        case: Case = locked(session, actor, sop.key, pk)
        found = session.get(LegalHold, hold_id, populate_existing=True)
        if found is None or found.released_at is not None:
            raise Conflict(_("This hold was released already."))
        found.released_by, found.released_at = actor.name, clock.now()
        history.append(session, case, actor, "release_hold", clock.now(), from_state=case.state, note=reason)


def set_period(actor: Actor, sop_key: str, document_type: str, written: str) -> None:
    """Sets the years for a type of document, or with none named the SOP's default; nothing written goes back to what
    the SOP declares."""
    sop = SOPS.get(sop_key)
    if ADMIN not in actor.roles:
        raise Forbidden(_("Only %(roles)s may do this.", roles=ADMIN))
    if sop is None or (document_type and document_type not in sop.document_by_key):
        raise NotVisible(_("There is no such SOP or document."))
    written = written.strip()
    if written and not (written.isascii() and written.isdigit() and 1 <= int(written[:4]) <= MOST_YEARS):
        raise Malformed(_("Please write a number of years from 1 to %(most)s.", most=MOST_YEARS))
    with write_transaction() as session:
        query = select(RetentionPolicy).filter_by(sop=sop.key, document_type=document_type)
        policy = session.scalars(query).one_or_none()
        if not written:
            if policy is not None:
                session.delete(policy)
        elif policy is not None:
            policy.years = int(written)
        else:
            session.add(RetentionPolicy(sop=sop.key, document_type=document_type, years=int(written)))


def _reason(written: str) -> str:
    if not written.strip():
        sentence = _("Please write the reason.")
        raise ValidationFailed(sentence, [FieldError("note", "note", sentence)])
    return written.strip()[:20_000]
