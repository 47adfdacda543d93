"""Conformance of an SOP's cases to its declaration: use of each step, deviations, paths of whole cases. Each case is
judged by the revision under which it stands, one that was moved by every revision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy import case as sql_case
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import Case, Event
from app.services.cases.event_filters import moved
from app.services.core.revisions import under
from app.services.core.wording import MOVED
from app.services.dashboards.conformance_paths import IMPORT, Variants, variants
from app.services.dashboards.conformance_times import Times, times
from app.services.dashboards.figures import Scope
from app.services.search.tables import holds
from app.workflow.declaration import Sop, Transition

MOST_DEVIATIONS = 50
#: Action, state before (None: there was no case yet), state after.
Move = tuple[str, str | None, str]
Pair = tuple[str | None, str]


@dataclass(frozen=True)
class Counted:
    """``people``: how many different ones did it. ``last``: id of the case with which it was done last."""

    times: int = 0
    cases: int = 0
    people: int = 0
    last: int | None = None


@dataclass(frozen=True)
class Step:
    """A way that the declaration knows: a transition from one state to one of its ends. ``spent``: how long cases had
    been in ``source``."""

    transition: Transition
    source: str | None
    target: str
    counted: Counted
    spent: Times | None = None

    @property
    def stays(self) -> bool:
        return self.source == self.target

    @property
    def asked(self) -> dict[str, str]:
        """The query parameters of a list with these (``services/cases/event_filters.py``)."""
        return moved(self.transition.key, self.source, self.target)


@dataclass(frozen=True)
class Edge:
    """The cases that moved from one state to another, by whichever step."""

    cases: int
    spent: Times | None


@dataclass(frozen=True)
class Deviation:
    """A move that is not declared (any more)."""

    action: str
    source: str | None
    target: str
    counted: Counted

    @property
    def asked(self) -> dict[str, str]:
        return moved(self.action, self.source, self.target)


@dataclass(frozen=True)
class Rework:
    """``decisions``: how often a case left a state from which this step sends back, by whichever step."""

    transition: Transition
    times: int
    cases: int
    decisions: int


class Conformance:
    """The figures of the one SOP of ``scope``, over what was done in its days; each is counted when first asked for."""

    def __init__(self, scope: Scope) -> None:
        if scope.single is None:
            raise ValueError("one SOP at a time")
        self.scope, self.sop = scope, scope.single

    @cached_property
    def steps(self) -> list[Step]:
        """Every declared one, in the order of the declaration, done or not; then those that only another revision
        declares, as far as they were done."""
        spent, counted, own = self._times[0], self._counted[True], declared(self.sop)
        earlier = [move for one in self.sop.others for move in declared(one) if move in counted]
        return [
            Step(self.sop.known_transitions[move[0]], move[1], move[2], counted.get(move, Counted()), spent.get(move))
            for move in dict.fromkeys([*own, *earlier])
        ]

    @cached_property
    def edges(self) -> dict[Pair, Edge]:
        """By states; what nobody went is not among them."""
        cases: dict[Pair, list[int]] = defaultdict(list)
        for step in self.steps:
            if step.counted.cases and not step.stays:
                cases[step.source, step.target].append(step.counted.cases)
        # A case that went there by two different steps counts once: these are asked for.
        several = [edge for edge, counts in cases.items() if len(counts) > 1]
        once = self._once(several) if several else {}
        return {edge: Edge(once.get(edge, counts[0]), self._times[1].get(edge)) for edge, counts in cases.items()}

    @cached_property
    def deviations(self) -> list[Deviation]:
        """Moves that are not declared, the most frequent first; what only adds to a case (a file, a hold) is none."""
        found = [
            Deviation(*move, counted)
            for move, counted in self._counted[False].items()
            if move[0] not in (IMPORT, MOVED) and (move[0] in self.sop.known_transitions or move[1] != move[2])
        ]
        return sorted(found, key=lambda one: (-one.counted.times, one.action))[:MOST_DEVIATIONS]

    @cached_property
    def variants(self) -> Variants:
        """The ways of the cases that were closed in the days."""
        return variants(self.scope, self.sop)

    @cached_property
    def rework(self) -> list[Rework]:
        """The steps by which a case is sent back to an earlier state."""
        sends_back = frozenset[str]().union(*(one.sent_back_by for one in self.sop.revisions))
        back = [step for step in self.sop.known_transitions.values() if step.key in sends_back]
        if not back:
            return []
        found = db.session.execute(
            self._events(Event.action, func.count(), func.count(Event.case_id.distinct()))
            .where(Event.action.in_(sends_back), self._is_declared)
            .group_by(Event.action)
        )
        counted = {action: (int(times), int(cases)) for action, times, cases in found}
        return [Rework(step, *counted.get(step.key, (0, 0)), self._left(step.source)) for step in back]

    @cached_property
    def numbers(self) -> dict[int, str]:
        """Numbers of the cases that are named as examples, by id."""
        ids = {one.counted.last for one in self.deviations} | {one.example for one in self.variants.found}
        return dict(db.session.execute(select(Case.id, Case.number).where(Case.id.in_(ids))).tuples().all())

    @cached_property
    def _counted(self) -> dict[bool, dict[Move, Counted]]:
        """Everything that was done, declared (True) or not."""
        judged = sql_case((self._is_declared, 1), else_=0).label("judged")
        c = self._events(
            judged, Event.action, Event.from_state, Event.to_state, Event.case_id, Event.actor_id
        ).subquery().c  # fmt: skip
        move = (c.judged, c.action, c.from_state, c.to_state)
        found = db.session.execute(
            select(
                *move, func.count(), func.count(c.case_id.distinct()), func.count(c.actor_id.distinct()),
                func.max(c.case_id),
            ).group_by(*move)
        )  # fmt: skip
        counted: dict[bool, dict[Move, Counted]] = {True: {}, False: {}}
        for is_declared, action, a, b, *numbers in found:
            counted[bool(is_declared)][action, a, b] = Counted(*numbers)
        return counted

    @cached_property
    def _times(self) -> tuple[Mapping[Move, Times], Mapping[Pair, Times]]:
        return times(self._events().where(Event.since.is_not(None), self._is_declared))

    def _once(self, edges: list[Pair]) -> dict[Pair, int]:
        """How many different cases went over each."""
        found = db.session.execute(
            self._events(Event.from_state, Event.to_state, func.count(Event.case_id.distinct()))
            .where(self._is_declared, tuple_(Event.from_state, Event.to_state).in_(edges))
            .group_by(Event.from_state, Event.to_state)
        )
        return {(a, b): int(cases) for a, b, cases in found}

    def _events(self, *columns: Any) -> Select[Any]:
        # Not joined: SQLite then reads each case as a whole, only to see that it is one of them. And the period leads:
        # by the cases it would visit every event that the SOP ever had.
        mine = holds(Event.case_id.in_(select(Case.id).where(self.scope.seen)))
        return select(*columns).select_from(Event).where(mine, self.scope.within(Event.at))

    @property
    def _is_declared(self) -> ColumnElement[bool]:
        """Events that are steps as the declaration of their case knows them."""
        if not self.sop.others:
            return _moves_of(self.sop)
        changed = aliased(Event)
        was_moved = holds(Event.case_id.in_(select(changed.case_id).where(changed.action == MOVED)))
        return or_(*(and_(or_(self._stands_under(one), was_moved), _moves_of(one)) for one in self.sop.revisions))

    def _stands_under(self, sop: Sop) -> ColumnElement[bool]:
        return holds(Event.case_id.in_(select(Case.id).where(Case.sop == sop.key, under(sop))))

    def _left(self, states: tuple[str, ...]) -> int:
        return sum(step.counted.times for step in self.steps if step.source in states and not step.stays)


def _moves_of(sop: Sop) -> ColumnElement[bool]:
    """Events that are steps as this revision knows them."""
    moves = [move for move in declared(sop) if move[1] is not None]
    creates = and_(Event.action == sop.create.key, Event.from_state.is_(None))
    return or_(creates, tuple_(Event.action, Event.from_state, Event.to_state).in_(moves))


def declared(sop: Sop) -> list[Move]:
    """Every move that the SOP allows; what stays has the same state before and after."""
    return [
        (transition.key, source, target)
        for transition in sop.transitions
        for source in transition.source or (None,)
        for target in sorted(transition.possible_targets(source), key=list(sop.state_by_key).index)
    ]
