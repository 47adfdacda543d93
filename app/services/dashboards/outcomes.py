"""Outcomes: deadlines kept and missed, people reached by call-backs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, func, select
from sqlalchemy import case as sql_case

from app.extensions import db
from app.models import Case, Clock
from app.models.derive import record_model
from app.services.cases.event_filters import choice_label, open_choices
from app.services.core import conditions
from app.services.dashboards.figures import (
    Cell,
    Chart,
    Colour,
    Part,
    Scope,
    Series,
    count,
    row_count,
    share,
    sop_cell,
    text,
    week_cell,
)
from app.services.search.tables import holds
from app.workflow.declaration import Field, Records, Sop

#: Of the answers of a record that counts: the first is what one hopes for.
ANSWERS: tuple[Colour, ...] = ("green", "amber", "grey", "violet", "blue")


def clocks(scope: Scope) -> list[Part]:
    """Per deadline: in how many cases it was kept, in how many missed."""
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for sop, key, outcome, cases in db.session.execute(
        select(Clock.sop, Clock.key, Clock.outcome, func.count(Clock.case_id.distinct()))
        .join(Case, Case.id == Clock.case_id)
        .where(holds(scope.seen), Clock.sop.in_([sop.key for sop in scope.sops]),
               Clock.outcome.in_(list(conditions.OUTCOMES)), scope.within(Clock.ended_at))
        .group_by(Clock.sop, Clock.key, Clock.outcome)
    ):  # fmt: skip
        found[sop, key][outcome] = cases
    lines = [(sop, key, numbers) for sop in scope.sops for (of, key), numbers in sorted(found.items()) if of == sop.key]
    return [_clocks(scope, lines)] if lines else []


def _clocks(scope: Scope, lines: Sequence[tuple[Sop, str, dict[str, int]]]) -> Part:
    """Over several SOPs a line begins with whose deadline it is."""
    several, rows = not scope.single, []
    for sop, key, numbers in lines:
        cells = [count(numbers.get(outcome, 0), sop, clock=key, outcome=outcome, **scope.period)
                 for outcome in conditions.OUTCOMES]  # fmt: skip
        rate = share(numbers.get("kept", 0), sum(numbers.values())).like(cells[0])
        rows.append((*([sop_cell(sop)] if several else []), text(sop.clock_label(key)), *cells, rate))
    kept_count, missed = ([numbers.get(outcome, 0) for _sop, _key, numbers in lines] for outcome in conditions.OUTCOMES)
    names = [f"{sop.label_plural}: {sop.clock_label(key)}" if several else str(sop.clock_label(key))
             for sop, key, _numbers in lines]  # fmt: skip
    chart = Chart(
        names, [Series(_("Kept"), kept_count, "green"), Series(_("Missed"), missed, "red")], stacked=True, across=True
    )
    columns = (*([_("Procedure")] if several else []), _("Deadline"),
               *(str(label) for label in conditions.OUTCOMES.values()), _("Share kept"))  # fmt: skip
    return Part(columns, rows, chart, scope.single)


def attempts(scope: Scope) -> list[Part]:
    """Of records that count by an answer (call-backs: reached or not): per week, and per answer of every other choice
    that their rows have (the reason)."""
    return [
        part
        for sop in scope.sops
        for records in sop.records_by_key.values()
        if (answer := _answer(records)) is not None
        for part in _attempts(scope, sop, records, answer)
    ]


def _answer(records: Records) -> Field | None:
    return next((column for column in records.columns if column.key == records.counted and column.choices), None)


def _attempts(scope: Scope, sop: Sop, records: Records, answer: Field) -> Iterable[Part]:
    model = record_model(sop.key, records.key)
    said = getattr(model, answer.key)
    counted: list[Any] = [func.count(), *(func.count(sql_case((said == c.key, 1))) for c in answer.choices),
                          func.count(model.case_id.distinct())]  # fmt: skip
    weeks = scope.week_table
    found = {week: numbers for week, *numbers in db.session.execute(
        select(weeks.c.week, *counted)
        .join(model, and_(model.recorded_at >= weeks.c.begin, model.recorded_at < weeks.c.end))
        .join(Case, Case.id == model.case_id)
        .where(holds(scope.seen), conditions.counting(records, model), scope.within(model.recorded_at))
        .group_by(weeks.c.week)
    )}  # fmt: skip
    if not found:
        return
    nothing = [0] * len(counted)
    lines = [found.get(at, nothing) for at in range(len(scope.weeks))]
    rows = [
        (week_cell(week),
         *_answers(sop, records, answer, line, {"from": week.first.isoformat(), "to": week.last.isoformat()}))
        for week, line in zip(scope.weeks, lines, strict=True)
    ]  # fmt: skip
    series = [
        Series(str(choice.label), [line[at] for line in lines], colour)
        for at, (choice, colour) in enumerate(zip(answer.choices, ANSWERS, strict=False), 1)
    ]
    chart = Chart([week.short for week in scope.weeks], series, stacked=True)
    yield Part((_("Week from"), *_columns(answer)), rows, chart, sop)
    for column in open_choices(sop, records):
        if column is not answer:
            yield _by_choice(scope, sop, records, answer, column, counted)


def _by_choice(
    scope: Scope, sop: Sop, records: Records, answer: Field, column: Field, counted: Sequence[Any]
) -> Part:  # fmt: skip
    model = record_model(sop.key, records.key)
    inner = (
        select(model.id, conditions.carried(model, column.key).label("said"))
        .join(Case, Case.id == model.case_id)
        .where(holds(scope.seen), conditions.counting(records, model), scope.within(model.recorded_at))
        .cte("carried")
    )
    found = {choice: numbers for choice, *numbers in db.session.execute(
        select(inner.c.said, *counted).join(model, model.id == inner.c.id).group_by(inner.c.said))}  # fmt: skip
    rows = [
        (text(choice_label(column, choice.key)),
         *_answers(sop, records, answer, found[choice.key], {"said": f"{column.key}:{choice.key}", **scope.period}))
        for choice in column.choices
        if choice.key in found
    ]  # fmt: skip
    return Part((str(column.label), *_columns(answer)), rows, None, sop)


def _columns(answer: Field) -> tuple[str, ...]:
    labels = [str(choice.label) for choice in answer.choices]
    return (_("Attempts"), *labels, _("Share: %(answer)s", answer=labels[0]), _("Cases"))


def _answers(
    sop: Sop, records: Records, answer: Field, line: Sequence[int], args: dict[str, str]
) -> tuple[Cell, ...]:  # fmt: skip
    attempts, *counts, cases = line
    args = {"recorded": records.key, **args}
    answers = []
    for one, number in zip(answer.choices, counts, strict=True):
        said = [*filter(None, [args.get("said")]), f"{answer.key}:{one.key}"]
        answers.append(row_count(number, sop, **args | {"said": ",".join(said)}))
    return (
        row_count(attempts, sop, **args), *answers, share(counts[0], attempts).like(answers[0]),
        count(cases, sop, **args),
    )  # fmt: skip
