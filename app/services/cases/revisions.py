"""Moves open cases to another revision of their SOP: planned, previewed, and each recorded in its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Case
from app.services.cases import assignment, creation
from app.services.core import clock, history
from app.services.core.access import SYSTEM, Actor
from app.services.core.database import write_transaction
from app.services.core.errors import Malformed
from app.services.core.locking import locked
from app.services.core.wording import MOVED
from app.services.deadlines import clocks
from app.services.search.index import index
from app.sop import SOPS, in_effect, revisions_of
from app.workflow.declaration import Sop


@dataclass(frozen=True)
class Group:
    """So many open ``cases`` that stand under a revision in a state; ``goes_to``: their state under the new revision,
    None where nothing says which."""

    revision: int
    state: str
    cases: int
    goes_to: str | None


@dataclass(frozen=True)
class Plan:
    """``target``: the revision to which the cases go; ``mapping``: states that are gone, each with its successor."""

    target: Sop
    mapping: Mapping[str, str]
    groups: tuple[Group, ...]

    @property
    def cases(self) -> int:
        return sum(group.cases for group in self.groups)

    @property
    def lacking(self) -> list[str]:
        """The states of which nothing says where their cases go."""
        return list(dict.fromkeys(group.state for group in self.groups if group.goes_to is None))


def plan(key: str, source: int | None = None, to: int | None = None, mapping: Mapping[str, str] | None = None) -> Plan:
    """What moving the open cases of an SOP would mean; nothing is written.

    ``source``: only those under this revision (None: under every other one); ``to``: None is the one in effect today.
    Raises ``Malformed`` for an SOP, a revision or a state that there is not, and for a mapping that leads nowhere.
    """
    if key not in SOPS:
        raise Malformed(_("There is no SOP “%(key)s”.", key=key))
    target = _target(key, to)
    counted = {group: cases for group, cases in _counted(key) if group[0] != target.revision}
    if source is not None:
        _source_or_refused(target, source, counted)
    mapping = dict(mapping or {})
    for old, new in mapping.items():
        _mapping_or_refused(target, old, new, {state for _revision, state in counted})
    groups = tuple(
        Group(revision, state, cases, _goes_to(target, mapping, state))
        for (revision, state), cases in counted.items()
        if source in (None, revision)
    )
    return Plan(target, mapping, groups)


def move(plan: Plan, reason: str = "", actor: Actor = SYSTEM) -> int:
    """Moves the cases of a plan, a transaction each; returns how many. Raises ``Malformed``, before any is moved, when
    nothing says where some of them go."""
    if plan.lacking:
        raise Malformed(" ".join(lacking_sentence(plan, state) for state in plan.lacking))
    revisions = sorted({group.revision for group in plan.groups})
    wanted = select(Case.id).where(_open(plan.target.key), Case.revision.in_(revisions)).order_by(Case.id)
    return sum([_moved(plan, pk, revisions, reason, actor) for pk in db.session.scalars(wanted).all()])


def lacking_sentence(plan: Plan, state: str) -> str:
    return str(
        _("Revision %(revision)s has no open state “%(state)s”: say where its cases go by --map %(state)s=STATE.",
          revision=plan.target.revision, state=state)
    )  # fmt: skip


def revision_problems(session: Session) -> list[str]:
    """A sentence for each revision that has open cases but is not loaded; cases of an unknown SOP are not told here."""
    found = session.execute(
        select(Case.sop, Case.revision, func.count())
        .where(Case.closed_at.is_(None), Case.sop.in_(SOPS))
        .group_by(Case.sop, Case.revision)
        .order_by(Case.sop, Case.revision)
    )
    return [
        ngettext(
            "%(num)s open case of “%(key)s” stands under revision %(revision)s, which is not loaded. Load it, or move "
            "the case: flask --app run sop move-cases %(key)s",
            "%(num)s open cases of “%(key)s” stand under revision %(revision)s, which is not loaded. Load it, or move "
            "the cases: flask --app run sop move-cases %(key)s",
            cases,
            key=key,
            revision=revision,
        )
        for key, revision, cases in found
        if revision not in revisions_of(key)
    ]


def _open(key: str) -> ColumnElement[bool]:
    return and_(Case.sop == key, Case.closed_at.is_(None))


def _counted(key: str) -> Iterator[tuple[tuple[int, str], int]]:
    """The open cases of an SOP by revision and state."""
    group = (Case.revision, Case.state)
    found = db.session.execute(select(*group, func.count()).where(_open(key)).group_by(*group).order_by(*group))
    return (((revision, state), cases) for revision, state, cases in found)


def _target(key: str, to: int | None) -> Sop:
    if to is None:
        return in_effect(key, clock.today())
    known = revisions_of(key)
    if to not in known:
        loaded = ", ".join(map(str, sorted(known)))
        raise Malformed(_("Revision %(revision)s of “%(key)s” is not loaded; there are: %(loaded)s.",
                          revision=to, key=key, loaded=loaded))  # fmt: skip
    return known[to]


def _source_or_refused(target: Sop, source: int, counted: Iterable[tuple[int, str]]) -> None:
    if source == target.revision:
        raise Malformed(_("Cases can't be moved from revision %(revision)s to itself.", revision=source))
    if source not in revisions_of(target.key) and source not in {revision for revision, _state in counted}:
        raise Malformed(_("There is no revision %(revision)s of “%(key)s”.", revision=source, key=target.key))


def _mapping_or_refused(target: Sop, old: str, new: str, present: set[str]) -> None:
    """``present``: the states in which cases are, of revisions that may not be loaded any more."""
    states = {state.key: state for state in target.states}
    number = target.revision
    if old not in target.state_by_key and old not in present:
        raise Malformed(_("No revision of “%(key)s” has a state “%(state)s”.", key=target.key, state=old))
    if old in target.open_states:
        raise Malformed(_("Revision %(revision)s still has the state “%(state)s”; only one that is gone is mapped.",
                          revision=number, state=old))  # fmt: skip
    if new not in states:
        raise Malformed(_("Revision %(revision)s has no state “%(state)s”.", revision=number, state=new))
    if states[new].is_final:
        raise Malformed(_("“%(state)s” is a final state: an open case can't be moved there.", state=new))


def _goes_to(target: Sop, mapping: Mapping[str, str], state: str) -> str | None:
    return state if state in target.open_states else mapping.get(state)


def _moved(plan: Plan, pk: int, revisions: list[int], reason: str, actor: Actor) -> bool:
    """Moves one case, unless it was closed or moved meanwhile, or has come to where nothing says where it goes."""
    target = plan.target
    with write_transaction() as session:
        case = locked(session, actor, target.key, pk)
        after = _goes_to(target, plan.mapping, case.state)
        if case.closed_at is not None or case.revision not in revisions or after is None:
            return False
        _stand_under(session, case, target, after, reason, actor)
    return True


def _stand_under(session: Session, case: Case, target: Sop, state: str, reason: str, actor: Actor) -> None:
    now = clock.now()
    before, since, earlier = case.state, case.state_since, case.revision
    case.revision, case.state, case.changed_at = target.revision, state, now
    known = {kind.key for kind in target.documents}
    case.requested_documents = [key for key in case.requested_documents if key in known and state == before]
    if state != before:
        case.state_since = now
    creation.refresh(target, case)
    assignment.release(target, case)
    session.flush()
    index(session, case)
    changes = {"revision": [earlier, target.revision]} | clocks.keep(session, target, case, now, anew=True)
    history.append(
        session, case, actor, MOVED, now, from_state=before, note=reason, changes=changes,
        since=since if state != before else None,
    )  # fmt: skip
