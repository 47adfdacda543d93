"""Comments on a case, open or closed: for everybody who sees it or for some roles alone. They are never edited; their
author withdraws them, and the entry stays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import COMMENT_FILE, Case, Comment, Document, Event, Purge
from app.services.cases import facts
from app.services.core import clock, history
from app.services.core.access import (
    AUDIENCE,
    LARGEST_KEY,
    Actor,
    comment_readers,
    is_withdrawn,
    opens,
    sees_event,
    visible_or_404,
)
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, FieldError, Forbidden, NotVisible, ValidationFailed
from app.services.core.locking import locked
from app.services.core.wording import COMMENT, WITHDRAWN
from app.services.documents.documents import Upload, attach, taken_in
from app.services.notices import notify
from app.services.notices.recipients import MOST_MENTIONS, mentions_nobody, too_many_mentions
from app.services.search.comments import words_of
from app.sop import sop_of
from app.workflow.declaration import Sop

#: Characters of a comment.
LONGEST = 20_000
#: Among the changes of a withdrawal: ``[None, seq]`` of what was withdrawn.
WHICH = "comment"


@dataclass(frozen=True)
class Said:
    """A comment as one reader gets it. ``readers``: the roles for which it is (none: everybody who sees the case);
    ``files``: those that the reader may open."""

    event: Event
    files: tuple[Document, ...]

    @property
    def readers(self) -> list[str]:
        return readers_of(self.event)

    @property
    def is_withdrawn(self) -> bool:
        return is_withdrawn(self.event)


def readers_of(event: Event) -> list[str]:
    return list((event.changes or {}).get(AUDIENCE, (None, ()))[1])


def listed(actor: Actor, sop_key: str, pk: int) -> list[Said]:
    """The comments on a case of which ``actor`` learns, the newest last."""
    case = visible_or_404(actor, sop_key, pk)
    sop, found = sop_of(case), facts.documents_of([pk])[pk]
    files = [document for document in found if document.type == COMMENT_FILE and opens(actor, sop, document)]
    return [
        Said(event, tuple(d for d in files if d.comment is not None and d.comment.event_id == event.id))
        for event in facts.events_of([pk])[pk]
        if event.action == COMMENT and sees_event(actor, event)
    ]


def one(actor: Actor, sop_key: str, pk: int, seq: int) -> Said:
    """Raises ``NotVisible``."""
    found = next((said for said in listed(actor, sop_key, pk) if said.event.seq == seq), None)
    if found is None:
        raise _not_there()
    return found


def write(
    actor: Actor, sop_key: str, pk: int, text: str, readers: Sequence[str] | None = None, files: Sequence[Upload] = ()
) -> int:  # fmt: skip
    """Adds a comment and notifies whom it mentions; answers the ``seq`` of its event. The case's version stays.

    ``readers``: roles of the SOP (None: everybody who sees the case). Raises ``ValidationFailed`` with everything that
    is wrong: no text, no readers, somebody mentioned who could not read it.
    """
    case = visible_or_404(actor, sop_key, pk)
    text = text.replace("\x00", "").strip()
    if errors := list(_wrong(sop_of(case), case, text, readers)):
        raise ValidationFailed(" ".join(error.message for error in errors), errors)
    roles = list(dict.fromkeys(readers or ()))
    with taken_in(sop_of(case), {COMMENT_FILE: files}) as incoming, write_transaction() as session:
        case = locked(session, actor, sop_key, pk)
        _not_purged(session, case)
        now = clock.now()
        added = attach(session, case, actor, incoming, now)
        event = history.append(
            session, case, actor, COMMENT, now, from_state=case.state, note=text, changes=_audience(roles),
            documents=added,
        )  # fmt: skip
        comment = Comment(
            event_id=event.id, case_id=case.id, author_id=actor.id, readers=roles, words=words_of(text)
        )  # fmt: skip
        for document in added:
            document.comment = comment
        session.add(comment)
        notify.commented(session, sop_of(case), case, event, actor, comment_readers(roles))
        return int(event.seq)


def withdraw(actor: Actor, sop_key: str, pk: int, seq: int) -> None:
    """Nobody reads the comment any more, nor opens its files. Raises ``NotVisible``, ``Forbidden`` for whoever is not
    its author, ``Conflict`` once it is withdrawn."""
    with write_transaction() as session:
        case = locked(session, actor, sop_key, pk)
        there = (Event.case_id == pk, Event.seq == min(seq, LARGEST_KEY))
        event = session.scalars(select(Event).where(*there)).one_or_none()
        if event is None or event.action != COMMENT or not sees_event(actor, event):
            raise _not_there()
        if event.actor_id != actor.id:
            raise Forbidden(_("Only its author may withdraw a comment."))
        comment = session.scalars(select(Comment).where(Comment.event_id == event.id)).one()
        if comment.withdrawn_at is not None:
            raise Conflict(_("This comment was withdrawn already."))
        comment.withdrawn_at, comment.words = clock.now(), ""
        changes = _audience(comment.readers) | {WHICH: [None, seq]}
        history.append(session, case, actor, WITHDRAWN, comment.withdrawn_at, from_state=case.state, changes=changes)


def _audience(roles: Sequence[str]) -> dict[str, list[Any]]:
    return {AUDIENCE: [None, list(roles)]} if roles else {}


def _wrong(sop: Sop, case: Case, text: str, readers: Collection[str] | None) -> Iterator[FieldError]:
    if readers is not None and (not readers or set(readers) - set(sop.roles)):
        roles = ", ".join(sop.roles)
        yield FieldError("invalid", "to", _("Please choose who reads it, one role at least: %(roles)s.", roles=roles))
    if not text:
        yield FieldError("field", "text", _("Please write the comment."))
    elif len(text) > LONGEST:
        yield FieldError("invalid", "text", _("This text is too long."))
    elif too_many_mentions(text):
        most = _("At most %(count)s people can be mentioned.", count=MOST_MENTIONS)
        yield FieldError("invalid", "text", most)
    else:
        reading = comment_readers([role for role in readers or () if role in sop.roles])
        for name in mentions_nobody(db.session(), sop, case, text, reading):
            # One sentence for both: nobody learns who else there is.
            message = _("“@%(name)s”: there is no such person who can read this comment.", name=name)
            yield FieldError("invalid", "text", message)


def _not_purged(session: Session, case: Case) -> None:
    if session.scalar(select(exists().where(Purge.case_id == case.id, Purge.whole))):
        raise Conflict(_("The personal data of this case were removed; nothing can be added to it any more."))


def _not_there() -> NotVisible:
    return NotVisible(_("There is no such comment, or you may not read it."))
