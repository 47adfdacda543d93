"""Visibility of cases, documents and confidential words, decided here for pages, API, files and exports alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flask_appbuilder.security.sqla.models import Group, Role
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from app.extensions import db
from app.models import COMMENT_FILE, INFECTED, Case, Comment, Document, User
from app.models.derive import case_model
from app.services.core.errors import NotVisible
from app.services.core.revisions import under
from app.services.core.wording import COMMENT, COMMENTING, CORRECTED, HANDED_OVER, MAIL_CAME, OTHER_ACTIONS
from app.sop import SOPS, sop_of
from app.sop.common import SUPERVISOR
from app.workflow.declaration import DocumentType, Field, Sop, Transition

ADMIN = "Admin"
#: Reads the audit log and nothing else; no SOP has a role of this name.
AUDITOR = "Auditor"
#: These read every case of every SOP without a step of their own; what they may do, the SOPs say.
READ_ALL = frozenset({ADMIN, SUPERVISOR})
#: SQLite and PostgreSQL both refuse larger keys; a longer number in a URL is simply not there.
LARGEST_KEY = 2**31 - 1
#: Among the changes of an event: whoever wrote its confidential note has opened it to everyone who sees the case.
NOTE_OPEN = "note_open"
#: Among the changes of a comment that is not for everybody: ``[None, roles]``.
AUDIENCE = "audience"


@dataclass(frozen=True)
class Actor:
    """The user on whose behalf something is done, as far as services need to know them. ``account``: their user name,
    where it is known. ``limited_to``: the keys of the SOPs that alone exist for them, since they come with an API key
    for these; None: no such limit."""

    id: int | None
    name: str
    roles: frozenset[str]
    unit_id: int | None = None
    account: str = ""
    limited_to: frozenset[str] | None = None

    @classmethod
    def of(cls, user: Any, limited_to: frozenset[str] | None = None) -> Actor:
        """The actor behind a FAB user; an anonymous one has no roles."""
        if user is None or not getattr(user, "is_authenticated", False):
            return cls(None, "", frozenset())
        roles = {role.name for role in user.roles} | {r.name for g in user.groups for r in g.roles}
        name, unit = user.get_full_name(), user.unit_id
        return cls(user.id, name, frozenset(roles), unit, user.username, limited_to)

    def reaches(self, sop: str) -> bool:
        """Whether the SOP of this key exists for them at all."""
        return self.limited_to is None or sop in self.limited_to


#: The system itself, for imports and jobs: it sees everything, and its steps are recorded under its own name.
SYSTEM = Actor(None, "Tuntas", frozenset({SUPERVISOR}))
#: Without any role: what they may read, everybody may.
NOBODY = Actor(None, "", frozenset())


def sops_of(actor: Actor) -> list[Sop]:
    """The SOPs of which ``actor`` may see any case, in the order of the menu."""
    return [sop for sop in SOPS.values() if reads(actor, sop)]


def reads(actor: Actor, sop: Sop) -> bool:
    """Whether one of the actor's roles takes part in ``sop``, by any of its revisions."""
    return any(_takes_part(actor, one) for one in sop.revisions)


def visible_rows(actor: Actor, sop: Sop) -> ColumnElement[bool]:
    """The condition on ``cases`` that holds for the rows of ``sop`` that ``actor`` may see, each by its revision."""
    reaches = {one.revision: _reach(actor, one) for one in sop.revisions}
    if len(set(reaches.values())) == 1:
        return _within(actor, reaches[sop.revision])
    return or_(*(and_(under(one), _within(actor, reaches[one.revision])) for one in sop.revisions))


def sees(actor: Actor, sop: Sop, unit_id: int | None) -> bool:
    """The same for one loaded row of this unit under the revision ``sop``: for checking many users without a query
    each."""
    reach = _reach(actor, sop)
    return reach == "all" or (reach == "unit" and unit_id is not None and actor.unit_id == unit_id)


def sees_all_units(actor: Actor, sop: Sop) -> bool:
    """Whether ``actor`` sees cases of more units than their own."""
    return any(_reach(actor, one) == "all" for one in sop.revisions)


def _takes_part(actor: Actor, sop: Sop) -> bool:
    return actor.reaches(sop.key) and bool(actor.roles & (READ_ALL | set(sop.roles)))


def _reach(actor: Actor, sop: Sop) -> Literal["all", "unit", "none"]:
    """Whose cases the actor's roles see: those of all units, of their own, or none."""
    if actor.reaches(sop.key) and actor.roles & _unlimited(sop):
        return "all"
    return "unit" if _takes_part(actor, sop) else "none"


def _within(actor: Actor, reach: Literal["all", "unit", "none"]) -> ColumnElement[bool]:
    if reach == "all":
        return true()
    # A role limited to its unit sees nothing when the user has no unit.
    return Case.unit_id == actor.unit_id if reach == "unit" and actor.unit_id is not None else false()


def _unlimited(sop: Sop) -> frozenset[str]:
    return (READ_ALL | set(sop.roles)) - set(sop.unit_roles)


def viewers(sop: Sop, case: Case) -> ColumnElement[bool]:
    """``visible_rows`` from the other side: the condition on users that holds for those who may see ``case``."""
    if case.unit_id is None:
        return users_with(_unlimited(sop))
    return or_(users_with(_unlimited(sop)), and_(User.unit_id == case.unit_id, users_with(sop.unit_roles)))


def users_with(roles: Iterable[str]) -> ColumnElement[bool]:
    """The condition on users that holds for those who have one of ``roles``, themselves or by a group."""
    # Lists of ids rather than EXISTS per user: read once, whatever the number of users.
    named = Role.name.in_(list(roles))
    alone = select(User.id).join(User.roles).where(named)
    grouped = select(User.id).join(User.groups).join(Group.roles).where(named)
    return or_(User.id.in_(alone), User.id.in_(grouped))


def visible_cases(actor: Actor, sops: Iterable[Sop] | None = None) -> ColumnElement[bool]:
    """The same over several SOPs (all of them when none is named)."""
    wanted = SOPS.values() if sops is None else sops
    return or_(false(), *(and_(Case.sop == sop.key, visible_rows(actor, sop)) for sop in wanted if reads(actor, sop)))


def visible_or_404(actor: Actor, sop: str, pk: int) -> Any:
    """The case, or ``NotVisible``: what may not be seen answers like what is not there."""
    declared = SOPS.get(sop)
    if declared is not None and 0 < pk <= LARGEST_KEY:
        statement: Select[Any] = select(case_model(sop)).where(Case.id == pk, visible_rows(actor, declared))
        case = db.session.scalars(statement).unique().one_or_none()
        if case is not None:
            return case
    raise NotVisible(_("There is no such case, or you may not see it."))


def sop_or_404(actor: Actor, sop: str, pk: int) -> Sop:
    """The revision under which a case stands that ``actor`` sees, without reading the case itself; else
    ``NotVisible``."""
    declared = SOPS.get(sop)
    if declared is not None and 0 < pk <= LARGEST_KEY:
        stands = select(Case.sop, Case.revision).where(Case.id == pk, Case.sop == sop, visible_rows(actor, declared))
        if (found := db.session.execute(stands).one_or_none()) is not None:
            return sop_of(found)
    raise NotVisible(_("There is no such case, or you may not see it."))


def opens(actor: Actor, sop: Sop, document: Document) -> bool:
    """Whether this version of a document is for somebody who sees the case; for whom personal data are masked, it is
    closed all the same (``opening.may_open``). Nobody can open one that is purged or infected."""
    if document.purged_at is not None or document.scanned == INFECTED:
        return False
    if document.type == COMMENT_FILE:
        return document.comment is not None and may_read(actor, document.comment)
    declared = sop.document_by_key.get(document.type)
    if declared is None:  # of a revision that is no longer loaded: nobody knows for whom it was
        return document.released or SUPERVISOR in actor.roles
    return document.released or _reads(actor, declared)


def openers(declared: DocumentType | Field | Transition) -> tuple[str, ...]:
    """The roles that may open a confidential document before it is released, that may read a confidential field, or
    the note of a step; none where it is no secret."""
    return tuple(dict.fromkeys((*declared.confidential_to, SUPERVISOR))) if declared.confidential_to else ()


def _reads(actor: Actor, declared: DocumentType | Field | Transition) -> bool:
    return not declared.confidential_to or bool(actor.roles & set(openers(declared)))


def may_read(actor: Actor, comment: Comment) -> bool:
    """Whether somebody who sees the case may read what this comment says; nobody reads a withdrawn one."""
    return comment.withdrawn_at is None and _is_for(actor, comment.author_id, comment.readers)


def _is_for(actor: Actor, author_id: int | None, readers: Collection[str]) -> bool:
    """An author always learns of their own comment."""
    mine = actor.id is not None and actor.id == author_id
    return not readers or mine or bool(actor.roles & comment_readers(readers))


def comment_readers(readers: Collection[str]) -> frozenset[str]:
    """The roles that read a comment for ``readers``; none: everybody who sees the case."""
    return frozenset({*readers, SUPERVISOR} if readers else ())


def sees_event(actor: Actor, event: Any) -> bool:
    """Whether somebody who sees the case learns of this ``Event`` (or a row with the same columns) at all: of a comment
    and its withdrawal, its readers alone. After a purge nobody knows any more who they were."""
    if event.action not in COMMENTING:
        return True
    readers = (SUPERVISOR,) if event.changes is None else event.changes.get(AUDIENCE, (None, ()))[1]
    return _is_for(actor, event.actor_id, readers)


def is_withdrawn(event: Any) -> bool:
    return event.action == COMMENT and event.withdrawn is not None


# What is confidential in one revision of an SOP is so in all of them: a case that has moved keeps its secrets.


def may_read_note(actor: Actor, sop: Sop, event: Any) -> bool:
    """Whether somebody who sees the case may read the note of this ``Event`` (or a row with the same columns)."""
    if event.action in COMMENTING:
        return sees_event(actor, event) and not is_withdrawn(event)
    changes = event.changes or {}
    corrected = event.action == CORRECTED
    readers = correction_readers(sop, changes) if corrected else note_readers(sop, event.action, event.from_state)
    return not readers or NOTE_OPEN in changes or bool(actor.roles & readers)


def note_readers(sop: Sop, action: str, state: str | None) -> frozenset[str]:
    """The roles that may read the note of an action out of ``state`` unless it was opened; none: everybody who sees the
    case. An action of a revision that is no longer loaded: nobody knows for whom it was."""
    if action not in sop.known_transitions and action not in OTHER_ACTIONS:
        return frozenset({SUPERVISOR})
    secret = [frozenset(roles) for one in sop.revisions if (roles := _note_openers(one, action, state))]
    return frozenset.intersection(*secret) if secret else frozenset()


def correction_readers(sop: Sop, changes: Mapping[str, Any]) -> frozenset[str]:
    """The roles that may read the reason of a correction, which may tell what it corrected: those that may read all of
    that; none: everybody who sees the case."""
    secret = [frozenset(openers(field)) for one in sop.revisions for field in _corrected(one, changes)]
    return frozenset.intersection(*filter(None, secret)) if any(secret) else frozenset()


def _corrected(sop: Sop, changes: Mapping[str, Any]) -> Iterator[Field]:
    yield from (field for field in _case_fields(sop) if field.key in changes)
    for kind in sop.records:
        rows = changes.get(kind.key, ())
        yield from (column for column in kind.columns if any(column.key in row for row in rows))


def _note_openers(sop: Sop, action: str, state: str | None) -> tuple[str, ...]:
    """Whoever hands a case over writes to those who do the next step, so the note is theirs as that of the step is. A
    mail is theirs who may read what the mail that opened the case has become."""
    if action == MAIL_CAME:
        field = sop.own_fields.get(sop.from_mail.text) if sop.from_mail else None
        return openers(field) if field else ()
    if action != HANDED_OVER:
        step = sop.transition_by_key.get(action)
        return openers(step) if step else ()
    waiting = [step for step in sop.transitions if state in step.source and not step.optional]
    secret = all(step.confidential_to for step in waiting)
    return tuple(role for step in waiting for role in openers(step)) if secret else ()


def closed_fields(actor: Actor, sop: Sop) -> frozenset[str]:
    """The keys of a case's fields that ``actor`` may not read."""
    return frozenset(field.key for one in sop.revisions for field in _case_fields(one) if not _reads(actor, field))


def _case_fields(sop: Sop) -> Iterator[Field]:
    """Also those that stand in the history alone."""
    yield from sop.own_fields.values()
    yield from (field for step in sop.transitions for field in step.fields if not field.stored)


def closed_columns(actor: Actor, sop: Sop, records: str) -> frozenset[str]:
    """The keys of the columns of a kind of record that ``actor`` may not read."""
    kinds = (kind for one in sop.revisions for kind in one.records if kind.key == records)
    return frozenset(column.key for kind in kinds for column in kind.columns if not _reads(actor, column))


def readable_changes(actor: Actor, sop: Sop, changes: Mapping[str, Any] | None) -> dict[str, Any]:
    """The changes of an event as the history stores them, without what ``actor`` may not read."""
    closed = closed_fields(actor, sop)
    return {key: _readable(actor, sop, key, kept) for key, kept in (changes or {}).items() if key not in closed}


def _readable(actor: Actor, sop: Sop, key: str, kept: Any) -> Any:
    if key not in sop.records_by_key:
        return kept
    closed = closed_columns(actor, sop, key)
    return [{column: value for column, value in row.items() if column not in closed} for row in kept]


def audience(declared: DocumentType | None) -> tuple[Actor, ...]:
    """Somebody of each role for which a document is; nobody in particular where everybody may open it."""
    roles = declared.confidential_to if declared else ()
    return tuple(Actor(None, "", frozenset({role})) for role in roles) or (NOBODY,)


def user_named(username: str) -> Any:
    return db.session.scalars(select(User).where(User.username == username)).unique().one_or_none()
