"""Finds answers with which a step can be done: what the rules of an SOP refuse is answered otherwise, a few fields at a
time, as long as it gets no worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.demo.answers import RUPIAH, Context, Teller, limits, rounded
from app.demo.office_time import OPENS
from app.workflow.declaration import Field
from app.workflow.engine import Violation

#: What stands in the way of a step with these answers.
Judge = Callable[[Mapping[str, Any]], Sequence[Violation]]
#: Of what stands in the way, other answers help against these.
MENDABLE = frozenset({"field", "guard"})
TURNS = 120
#: How often a number is no more than the others, no less, between them, the same; then what lies at the limits.
ORDERS = (4, 3, 2, 2, 0.5, 0.5, 0.5)
#: How far apart days are that stand in an order.
APART = 9


def fitting(
    teller: Teller, fields: tuple[Field, ...], context: Context, judge: Judge
) -> tuple[dict[str, Any], Sequence[Violation]]:
    """The best answers found, and what still stands in their way: mostly nothing."""
    best = teller.answers(fields, context)
    lacks = judge(best)
    for _turn in range(TURNS):
        if not (lacks and fields and all(lack.kind in MENDABLE for lack in lacks)):
            break
        tried = _otherwise(teller, best, fields, context, {lack.key for lack in lacks if lack.kind == "field"})
        found = judge(tried)
        if len(found) <= len(lacks):
            best, lacks = tried, found
    return best, lacks


def _otherwise(
    teller: Teller, values: Mapping[str, Any], fields: tuple[Field, ...], context: Context, empty: set[str]
) -> dict[str, Any]:
    """The same with one or two fields answered anew, and what was missed."""
    chance, tried = teller.chance, dict(values)
    drawn = {one.key for one in chance.sample(fields, min(len(fields), chance.choice((1, 1, 2))))}
    for one in fields:
        if one.key in drawn | empty:
            beside = {**_of_the_case(context), **{key: value for key, value in tried.items() if key != one.key}}
            left_out = not one.required and one.key not in empty and chance.random() < 0.2
            tried[one.key] = None if left_out else _beside(teller, one, context, list(beside.values()))
    return tried


def _of_the_case(context: Context) -> dict[str, Any]:
    if context.case is None:
        return {}
    kept = {key: getattr(context.case, key) for key in context.sop.fields}
    return {**kept, "opened": context.case.created_at}


def _beside(teller: Teller, one: Field, context: Context, others: Sequence[Any]) -> Any:
    """An answer that stands in some order to the others."""
    place = PLACES.get(one.kind.key)
    if place is None or teller.chance.random() < 0.2:
        return _anything(teller, one, context)
    return place(teller, one, context, others)


def _anything(teller: Teller, one: Field, context: Context) -> Any:
    """An answer without regard to what is usual."""
    if one.type == "boolean" and not one.required:
        return teller.chance.random() < 0.5
    if one.type == "choice":
        return teller.chance.choice(one.choices).key
    if one.type == "list" and not one.is_rows:
        return [choice.key for choice in teller.chance.sample(one.choices, teller.chance.randint(1, len(one.choices)))]
    return teller.answer(one, context)


def _number(teller: Teller, one: Field, context: Context, others: Sequence[Any]) -> int:
    """No more or no less than the others, the same as one of them, or at a limit."""
    chance, unit = teller.chance, RUPIAH if one.type == "money" else 1
    least, most = limits(one, unit, 100 * unit)
    known = [other for other in others if isinstance(other, int) and not isinstance(other, bool)] or [least]
    floor = one.minimum or 0
    orders = (
        (max(floor, min(known) // 2), min(known)), (max(known), 2 * max(known) + 1), (min(known), max(known)),
        (chance.choice(known),) * 2, (least, least), (most, most), (floor, least),
    )  # fmt: skip
    [(low, high)] = chance.choices(orders, ORDERS)
    low, high = (min(max(limit, floor), most if one.maximum is not None else limit) for limit in (low, high))
    high = max(low, high)
    return rounded(chance.randint(low, high), low, high, unit)


def _day(teller: Teller, one: Field, context: Context, others: Sequence[Any]) -> date:
    chance, today = teller.chance, context.now.date()
    moments = [other.astimezone(context.now.tzinfo) for other in others if isinstance(other, datetime)]
    days = [other for other in others if isinstance(other, date) and not isinstance(other, datetime)]
    known = [*days, *(moment.date() for moment in moments), today]
    away = timedelta(days=chance.randint(0, APART))
    between = chance.randint(0, (max(known) - min(known)).days)
    return chance.choice((
        min(known) - away, max(known) + away, min(known) + timedelta(days=between), chance.choice(known), today,
        today + away, today - away,
    ))  # fmt: skip


def _moment(teller: Teller, one: Field, context: Context, others: Sequence[Any]) -> datetime:
    chance, now = teller.chance, context.now.astimezone(UTC).replace(microsecond=0)
    days = [other for other in others if isinstance(other, date) and not isinstance(other, datetime)]
    of_days = [datetime.combine(day, OPENS, context.now.tzinfo).astimezone(UTC) for day in days]
    known = [*(other for other in others if isinstance(other, datetime)), *of_days, now]
    away = timedelta(minutes=chance.randint(0, APART * 60))
    between = chance.randint(0, int((max(known) - min(known)).total_seconds()))
    return chance.choice((
        min(known) - away, max(known) + away, min(known) + timedelta(seconds=between), chance.choice(known), now,
        now + away, now - away,
    ))  # fmt: skip


#: By kind of field, what may have to stand in an order to other answers.
PLACES: dict[str, Callable[[Teller, Field, Context, Sequence[Any]], Any]] = {
    "integer": _number, "money": _number, "position": _number, "date": _day, "datetime": _moment,
}  # fmt: skip
