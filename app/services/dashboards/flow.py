"""The flow of cases: created and closed per week, time in each state, cases sent back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Float, and_, func, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.extensions import db
from app.models import Case, Event, User
from app.services.core import conditions
from app.services.core.formatting import who
from app.services.dashboards.figures import (
    LONGEST_FIRST,
    Cell,
    Chart,
    Part,
    Scope,
    Series,
    count,
    row_count,
    share,
    sop_cell,
    span,
    text,
    week_cell,
)
from app.services.search.tables import holds
from app.sop import SOPS
from app.workflow.declaration import Sop

HOUR, DAY = 3600, 86_400
#: Longer times are drawn in days.
MANY_HOURS = 72 * HOUR
#: Per SOP: a number for each week of the scope.
Weekly = Mapping[str, list[int]]


class seconds_between(FunctionElement[float]):
    """``seconds_between(earlier, later)``."""

    type = Float()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _sqlite(element: Any, compiler: Any, **options: Any) -> str:
    earlier, later = (compiler.process(clause, **options) for clause in element.clauses)
    return f"((julianday({later}) - julianday({earlier})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _postgresql(element: Any, compiler: Any, **options: Any) -> str:
    earlier, later = (compiler.process(clause, **options) for clause in element.clauses)
    return f"extract(epoch from ({later}) - ({earlier}))::float"


def weekly(scope: Scope, moment: Any) -> Weekly:
    """How many cases have ``moment`` (when they came in or were closed) in each week."""
    weeks = scope.week_table
    found = db.session.execute(
        select(Case.sop, weeks.c.week, func.count())
        .join(Case, and_(moment >= weeks.c.begin, moment < weeks.c.end))
        # The weeks say this already, but not in a way in which a database finds an index.
        .where(scope.seen, scope.within(moment))
        .group_by(Case.sop, weeks.c.week)
    )
    numbers: dict[str, list[int]] = {sop.key: [0] * len(scope.weeks) for sop in scope.sops}
    for sop, week, number in found:
        numbers[sop][week] = number
    return numbers


def flow(scope: Scope, came: Weekly, closed: Weekly) -> list[Part]:
    return [_flow(scope, sop, came[sop.key], closed[sop.key]) for sop in scope.sops]


def _flow(scope: Scope, sop: Sop, came: list[int], closed: list[int]) -> Part:
    rows = []
    for week, incoming, outgoing in zip(scope.weeks, came, closed, strict=True):
        first, last = week.first.isoformat(), week.last.isoformat()
        rows.append((
            week_cell(week),
            count(incoming, sop, created_from=first, created_to=last),
            count(outgoing, sop, closed_from=first, closed_to=last),
        ))  # fmt: skip
    labels = (_("Came in"), _("Closed"))
    chart = Chart(
        [week.short for week in scope.weeks], [Series(labels[0], came, "blue"), Series(labels[1], closed, "green")]
    )
    return Part((_("Week from"), *labels), rows, chart, sop)


def volume(scope: Scope, came: Weekly, closed: Weekly) -> list[Part]:
    """Over several SOPs: all of them per week as a chart, each over the whole period as a line of the table."""
    first, last = scope.period["from"], scope.period["to"]
    rows = [
        (sop_cell(sop), count(sum(came[sop.key]), sop, created_from=first, created_to=last),
         count(sum(closed[sop.key]), sop, closed_from=first, closed_to=last))
        for sop in scope.sops
    ]  # fmt: skip
    labels = (_("Came in"), _("Closed"))
    totals = [[sum(week) for week in zip(*weekly.values(), strict=True)] for weekly in (came, closed)]
    chart = Chart([week.short for week in scope.weeks],
                  [Series(labels[0], totals[0], "blue"), Series(labels[1], totals[1], "green")])  # fmt: skip
    return [Part((_("Procedure"), *labels), rows, chart)]


def times(scope: Scope) -> list[Part]:
    """Per state: how many cases left it, how often, and how long they had been in it; over every stay, of which a case
    may have several."""
    spent = (
        select(Case.sop, Event.from_state, Event.case_id, seconds_between(Event.since, Event.at).label("seconds"))
        .join(Case, Case.id == Event.case_id)
        .where(scope.within(Event.at), _steps(scope))
        .cte("spent")
    )
    group = (spent.c.sop, spent.c.from_state)
    ranked = select(
        spent,
        func.row_number().over(partition_by=group, order_by=spent.c.seconds).label("place"),
        func.count().over(partition_by=group).label("stays"),
    ).cte("ranked")
    c = ranked.c
    # The middle one of an odd number, the mean of the two in the middle of an even one; whole numbers only.
    middle = and_(c.place * 2 >= c.stays, c.place * 2 <= c.stays + 2)
    found = db.session.execute(
        select(
            c.sop, c.from_state, func.count(c.case_id.distinct()), func.max(c.stays),
            func.avg(sql_case((middle, c.seconds))),
            # By nearest rank, as the indicators do.
            func.min(sql_case((c.place * 10 >= c.stays * 9, c.seconds))),
        ).group_by(c.sop, c.from_state)
    )  # fmt: skip
    by_sop: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
    for sop, state, *rest in found:
        by_sop[sop][state] = tuple(rest)
    return [_times(scope, sop, by_sop[sop.key]) for sop in scope.sops if by_sop[sop.key]]


def _times(scope: Scope, sop: Sop, found: Mapping[str, tuple[Any, ...]]) -> Part:
    states = [state for state in sop.state_by_key.values() if state.key in found]
    rows, medians, most = [], [], []
    for state in states:
        cases, stays, median, p90 = found[state.key]
        every = row_count(stays, sop, left=state.key, **scope.period)
        longest = row_count(stays, sop, left=state.key, order=LONGEST_FIRST, **scope.period)
        rows.append((text(state.label), count(cases, sop, left=state.key, **scope.period), every,
                     span(median).like(longest), span(p90).like(longest)))  # fmt: skip
        medians.append(median)
        most.append(p90)
    unit, name = (DAY, _("days")) if max(most) > MANY_HOURS else (HOUR, _("hours"))
    chart = Chart(
        [str(state.label) for state in states],
        [Series(_("median"), [round(one / unit, 1) for one in medians], "blue"),
         Series(_("90 of 100 within"), [round(one / unit, 1) for one in most], "violet")],
        across=True, unit=name,
    )  # fmt: skip
    columns = (_("Status"), _("Cases"), _("Stays"), _("median"), _("90 of 100 within"))
    return Part(columns, rows, chart, sop)


def sent_back(scope: Scope) -> list[Part]:
    """Per reviewer and state that they review: how often they sent a case back, of how many decisions."""
    reviewed = {sop.key: reviews for sop in scope.sops if (reviews := _reviewed(sop))}
    if not reviewed:
        return []
    steps = sorted({step for reviews in reviewed.values() for step, _state in reviews})
    returned = [number for step in steps for number in _numbers(sql_case((Event.action == step, Event.case_id)))]
    query = (
        select(Case.sop, Event.from_state, Event.actor_name, Event.actor_id, *_numbers(Event.case_id), *returned)
        .join(Case, Case.id == Event.case_id)
        .where(
            scope.within(Event.at),
            _steps(scope),
            or_(
                *(
                    and_(Case.sop == key, Event.from_state.in_(sorted({state for _step, state in reviews})))
                    for key, reviews in reviewed.items()
                )
            ),
        )
        .group_by(Case.sop, Event.from_state, Event.actor_name, Event.actor_id)
    )
    found = db.session.execute(query).all()
    accounts = _accounts((row.actor_name, row.actor_id) for row in found)
    rows: dict[str, list[tuple[Cell, ...]]] = defaultdict(list)
    for key, state, name, pk, times, cases, *numbers in sorted(found, key=lambda row: (*row[:3], row.actor_id or 0)):
        sop, reviewer = SOPS[key], (name, accounts.get(pk, ""))
        for at, step in enumerate(steps):
            if (step, state) in reviewed[key]:
                back = (numbers[2 * at], numbers[2 * at + 1])
                rows[key].append(_review(scope, sop, state, reviewer, step, (times, cases), back))
    return [Part(_columns_of_reviews(), rows[sop.key], None, sop) for sop in scope.sops if rows[sop.key]]


def _accounts(people: Iterable[tuple[str, int | None]]) -> dict[int | None, str]:
    """The accounts of those whose name somebody else among them has as well."""
    named: dict[str, set[int | None]] = defaultdict(set)
    for name, pk in people:
        named[name].add(pk)
    alike = [pk for same in named.values() if len(same) > 1 for pk in same if pk is not None]
    return dict(db.session.execute(select(User.id, User.username).where(User.id.in_(alike))).tuples().all())


def _numbers(case_id: Any) -> tuple[Any, Any]:
    """How many events, and of how many cases."""
    return func.count(case_id), func.count(case_id.distinct())


def _review(
    scope: Scope, sop: Sop, state: str, reviewer: tuple[str, str], step: str, decided: tuple[int, int],
    returned: tuple[int, int],
) -> tuple[Cell, ...]:  # fmt: skip
    """``reviewer``: name, and account where that is needed to know who it is."""
    name, account = reviewer
    args = {"left": state, "by": name, **({"account": account} if account else {}), **scope.period}
    times = row_count(returned[0], sop, step=step, **args)
    return (
        text(sop.state(state).label), text(sop.known_transitions[step].label), text(who(name, account)), times,
        row_count(decided[0], sop, **args), share(returned[0], decided[0]).like(times),
        count(returned[1], sop, step=step, **args), count(decided[1], sop, **args),
    )  # fmt: skip


def _columns_of_reviews() -> tuple[str, ...]:
    return (_("Status"), _("Step"), _("Reviewer"), _("Times sent back"), _("Of decisions"), _("Share"),
            _("Cases sent back"), _("Cases decided"))  # fmt: skip


def _reviewed(sop: Sop) -> set[tuple[str, str]]:
    """The steps by which a reviewer can send a case back, by any revision, each with a state from which it does."""
    return {
        (key, state) for one in sop.revisions for key in one.sent_back_by for state in one.transition_by_key[key].source
    }


def _steps(scope: Scope) -> Any:
    """Steps that left a state, of the cases in the scope; they are found by their time, then looked at one by one."""
    return holds(and_(scope.seen, or_(*(and_(Case.sop == sop.key, conditions.leaving(sop)) for sop in scope.sops))))
