"""The inbox: a person's notices, read and marked as read.

Notices of cases that they may no longer see are neither shown nor counted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update

from app.extensions import db
from app.models import Case, Notice
from app.services.core import clock
from app.services.core.access import ADMIN, LARGEST_KEY, Actor, visible_cases
from app.services.core.database import write_transaction
from app.services.core.errors import Malformed, NotVisible
from app.services.core.officers import is_privacy_officer
from app.services.core.paging import Paged, page_count, page_of_rows
from app.services.deadlines.due_reports import due_reports_of
from app.services.notices.account_wording import ACCOUNT_KINDS
from app.services.notices.wording import (
    ALL_KINDS,
    PRIVACY_DUE,
    REPORT_DUE,
    WEBHOOK_OFF,
    comment_seq,
    sentence,
    sentence_without_case,
    what_happened,
)
from app.sop import SOPS

#: Notices on a page.
SIZE = 25
#: Notices that can be named in one call.
MOST_NAMED = 500
#: How long a notice stays once it was read, and one that nobody ever reads.
KEPT, KEPT_UNREAD = timedelta(days=180), timedelta(days=2 * 365)
NEWEST = (Notice.at.desc(), Notice.id.desc())


@dataclass(frozen=True)
class InboxEntry:
    """A notice with what is shown of its case, if it concerns one. ``name``: who did it; empty where nobody did."""

    id: int
    kind: str
    action: str
    name: str
    at: datetime
    read_at: datetime | None
    case_id: int | None
    sop: str | None
    number: str | None
    state: str | None

    @property
    def sentence(self) -> str:
        if self.sop is None or self.number is None:
            return sentence_without_case(self.kind, self.action, self.name)
        return sentence(SOPS[self.sop], self.number, self.kind, self.action, self.name)

    @property
    def outside(self) -> str:
        """The same for what leaves the system: without anybody's name."""
        if self.sop is None or self.number is None:
            return sentence_without_case(self.kind, self.action)
        return what_happened(SOPS[self.sop], self.number, self.kind, self.action)

    @property
    def comment(self) -> int | None:
        """The event of the comment to which it leads."""
        return comment_seq(self.action) if self.kind == "mention" else None


def unread_count(actor: Actor, most: int | None = None) -> int:
    """How many notices ``actor`` has not read; counted no further than ``most``."""
    unread = select(Notice.id).outerjoin(Case).where(_shown(actor), Notice.read_at.is_(None)).limit(most)
    return int(db.session.scalar(select(func.count()).select_from(unread.subquery())) or 0)


def latest(actor: Actor, limit: int) -> list[InboxEntry]:
    """Newest first."""
    return _lines(_select(_shown(actor)).order_by(*NEWEST).limit(limit))


def page(actor: Actor, number: int = 0, kind: str = "", unread: bool = False) -> Paged[InboxEntry]:
    """What is not read first, then newest first. A page beyond the last one is the last one."""
    wanted = _shown(actor)
    if kind:
        wanted = and_(wanted, Notice.kind == _known(kind))
    if unread:
        wanted = and_(wanted, Notice.read_at.is_(None))
    count = int(db.session.scalar(select(func.count()).select_from(Notice).outerjoin(Case).where(wanted)) or 0)
    query = _select(wanted).order_by(Notice.read_at.is_not(None), *NEWEST)
    number = min(number, page_count(count, SIZE) - 1)
    return page_of_rows(query, number, SIZE, count).map(lambda row: InboxEntry(*row))


def unread_since(actor: Actor, kinds: Collection[str], since: datetime) -> list[InboxEntry]:
    """Notices of these kinds that came after ``since`` and are not read, oldest first."""
    wanted = and_(_shown(actor), Notice.kind.in_(kinds), Notice.read_at.is_(None), Notice.at > since)
    return _lines(_select(wanted).order_by(Notice.at, Notice.id))


def mark_read(actor: Actor, ids: Collection[int] | None) -> int:
    """Marks the named notices, or all of them (None); answers how many were unread. Raises ``NotVisible`` for one that
    is not ``actor``'s."""
    mine = _own(actor)
    if ids is not None:
        if len(ids) > MOST_NAMED:
            raise Malformed(_("At most %(count)s notices at once.", count=MOST_NAMED))
        named = {pk for pk in ids if 0 < pk <= LARGEST_KEY}
        mine = and_(mine, Notice.id.in_(named))
        there = db.session.scalar(select(func.count()).select_from(Notice).where(mine))
        if there != len(set(ids)):
            raise _not_there()
    return _mark(mine)


def mark_case_read(actor: Actor, case_id: int) -> int:
    """Marks every notice of one case; answers how many were unread."""
    return _mark(and_(Notice.user_id == actor.id, Notice.case_id == case_id))


def opened(actor: Actor, notice_id: int) -> InboxEntry:
    """The notice whose case or report ``actor`` opens: all their notices of the case count as read. Raises
    ``NotVisible``."""
    if not 0 < notice_id <= LARGEST_KEY:
        raise _not_there()
    found = _lines(_select(and_(_shown(actor), Notice.id == notice_id)))
    if not found:
        raise _not_there()
    line = found[0]
    if line.case_id is None:
        mark_read(actor, [line.id])
    else:
        mark_case_read(actor, line.case_id)
    return line


def forget_old() -> int:
    """Removes notices read long ago, and unread ones that are older still; returns how many."""
    now = clock.now()
    old = or_(Notice.read_at < now - KEPT, Notice.at < now - KEPT_UNREAD)
    with write_transaction() as session:
        gone: Any = session.execute(delete(Notice).where(old), execution_options={"synchronize_session": False})
    return int(gone.rowcount)


def _shown(actor: Actor) -> ColumnElement[bool]:
    """The condition on notices joined with their cases, where they have one."""
    open_to = (
        (REPORT_DUE, bool(due_reports_of(actor))), (WEBHOOK_OFF, ADMIN in actor.roles),
        (PRIVACY_DUE, is_privacy_officer(actor)),
    )  # fmt: skip
    without_case = [*ACCOUNT_KINDS, *(kind for kind, may in open_to if may)]
    shown = or_(visible_cases(actor), and_(Notice.case_id.is_(None), Notice.kind.in_(without_case)))
    if actor.limited_to is not None:  # what concerns no case is of no SOP
        shown = visible_cases(actor)
    return and_(Notice.user_id == actor.id, Notice.kind.in_(ALL_KINDS), shown)


def _own(actor: Actor) -> ColumnElement[bool]:
    """The condition on the notices that ``actor`` may mark."""
    if actor.limited_to is None:
        return Notice.user_id == actor.id
    return and_(Notice.user_id == actor.id, Notice.case_id.in_(select(Case.id).where(visible_cases(actor))))


def _select(condition: ColumnElement[bool]) -> Select[Any]:
    return (
        select(
            Notice.id, Notice.kind, Notice.action, Notice.by_name, Notice.at, Notice.read_at, Case.id, Case.sop,
            Case.number, Case.state,
        )
        .outerjoin(Case)
        .where(condition)
    )  # fmt: skip


def _lines(found: Select[Any]) -> list[InboxEntry]:
    return [InboxEntry(*row) for row in db.session.execute(found)]


def _mark(condition: ColumnElement[bool]) -> int:
    with write_transaction() as session:
        done: Any = session.execute(
            update(Notice).where(condition, Notice.read_at.is_(None)).values(read_at=clock.now()),
            execution_options={"synchronize_session": False},
        )
    return int(done.rowcount)


def _known(kind: str) -> str:
    if kind not in ALL_KINDS:
        raise Malformed(_("There is no such kind of notice."))
    return kind


def _not_there() -> NotVisible:
    return NotVisible(_("There is no such notice."))
