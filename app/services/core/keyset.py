"""Pages of a long list that go on from a row rather than from a number, so that the deepest costs what the first does.

A page is asked for by the token of the row after or before which it comes. A token holds what that row is ordered by,
so a page stays where it was when the row itself has gone or has moved.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Select, literal, tuple_
from sqlalchemy.orm import Session

from app.models import Case
from app.services.core import capped

#: No token of ours is longer.
LONGEST = 2_000
#: The token of no row: with ``before`` the last page.
END = "end"
Place = tuple[Any, ...]


@dataclass(frozen=True)
class Order:
    """By these columns, of which the last is unique and the first alone may be empty; what is empty comes last, in
    either direction."""

    columns: tuple[Any, ...]
    descending: bool = False

    def token(self, row: Any) -> str:
        """Names the place of a row, which has the columns by their keys."""
        return written([getattr(row, column.key) for column in self.columns])

    def place(self, token: str) -> Place | None:
        """What a token says; None for what is none of this order."""
        found = read(token)
        if found is None or len(found) != len(self.columns):
            return None
        fits = all(_fits(value, column) for value, column in zip(found, self.columns, strict=True))
        return found if fits and None not in found[1:] and (found[0] is not None or self._may_be_empty) else None

    @property
    def _may_be_empty(self) -> bool:
        return bool(self.columns[0].expression.nullable)

    def ordered(self, statement: Any) -> Any:
        """The whole in this order, for an export: on both databases what is empty comes last."""
        first, *rest = self.columns
        empty_last = [first.is_(None)] if self._may_be_empty else []
        return statement.order_by(*empty_last, *(c.desc() if self.descending else c.asc() for c in (first, *rest)))

    def counting(self, statement: Any) -> Any:
        """The same for counting up to a cap, where it does not matter what is empty: in the order of an index, so that
        no more is read."""
        return statement.order_by(*(c.desc() if self.descending else c.asc() for c in self.columns))

    def stretches(self, statement: Select[Any], place: Place | None, backwards: bool) -> Iterator[Select[Any]]:
        """The parts of which a page is made, one after the other: the rows that have something in the first column, and
        those that have nothing there; each is read straight from an index that has these columns."""
        first = self.columns[0]
        parts = [(first.is_not(None), False), (first.is_(None), True)] if self._may_be_empty else [(None, False)]
        for condition, is_empty in reversed(parts) if backwards else parts:
            part = statement if condition is None else statement.where(condition)
            if place is not None:
                beyond = (place[0] is None) != is_empty
                if beyond and is_empty == backwards:
                    continue  # those lie on the side from which we come
                if not beyond:
                    part = part.where(self._past(place, is_empty, backwards))
            falling = self.descending != backwards
            yield part.order_by(*(c.desc() if falling else c.asc() for c in self.columns))

    def _past(self, place: Place, is_empty: bool, backwards: bool) -> Any:
        pairs = list(zip(self.columns, place, strict=True))[1 if is_empty else 0 :]
        columns = tuple_(*(column for column, _value in pairs))
        values = tuple_(*(literal(value, column.type) for column, value in pairs))
        return columns < values if self.descending != backwards else columns > values


#: The most urgent first: what is late, then what is due soonest, then what has no deadline; of those the oldest.
URGENT = Order(capped.URGENT)
NEWEST = Order((Case.created_at, Case.id), descending=True)


@dataclass(frozen=True)
class Page:
    """``rows`` of one page, and the tokens by which to go on: ``earlier`` towards the beginning, ``later`` towards the
    end; None where there is nothing."""

    rows: Sequence[Any]
    earlier: str | None = None
    later: str | None = None


def page(
    session: Session, statement: Select[Any], order: Order, size: int, *, after: str = "", before: str = ""
) -> Page:
    """The page after or before the row of a token; the first one without a token, or for what is none of ``order``.
    ``statement`` selects the columns of the order at least."""
    if before:
        place = order.place(before)
        if place is not None or before == END:
            rows, more = _read(session, order.stretches(statement, place, True), size)
            if more or before == END:
                shown = rows[::-1]
                return Page(shown, order.token(shown[0]) if more else None, _token(order, shown, place is not None))
        return _first(session, statement, order, size)  # less than a page lies before it
    if after and (place := order.place(after)) is not None:
        rows, more = _read(session, order.stretches(statement, place, False), size)
        if not rows:
            return page(session, statement, order, size, before=END)
        return Page(rows, order.token(rows[0]), _token(order, rows, more))
    return _first(session, statement, order, size)


def _first(session: Session, statement: Select[Any], order: Order, size: int) -> Page:
    rows, more = _read(session, order.stretches(statement, None, False), size)
    return Page(rows, None, _token(order, rows, more))


def _token(order: Order, rows: Sequence[Any], more: bool) -> str | None:
    return order.token(rows[-1]) if more and rows else None


def _read(session: Session, parts: Iterator[Select[Any]], size: int) -> tuple[list[Any], bool]:
    """So many rows, and whether there are more."""
    rows: list[Any] = []
    for part in parts:
        rows += session.execute(part.limit(size + 1 - len(rows))).all()
        if len(rows) > size:
            break
    return rows[:size], len(rows) > size


def falling(order: Order, descending: bool) -> Order:
    return replace(order, descending=descending)


def written(values: Sequence[Any]) -> str:
    told = [{"d": v.isoformat()} if isinstance(v, date) else v for v in (_in_utc(value) for value in values)]
    return base64.urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode().rstrip("=")


def read(token: str) -> Place | None:
    if not token or len(token) > LONGEST:
        return None
    try:
        told = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
        return tuple(_untold(value) for value in told) if isinstance(told, list) else None
    except (ValueError, binascii.Error, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _in_utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _untold(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    moment = datetime.fromisoformat(value["d"])
    return moment.astimezone(UTC) if moment.tzinfo else moment.date()


def _fits(value: Any, column: Any) -> bool:
    """Whether a value can be compared with those of a column, on either database."""
    kind = column.type.python_type
    if value is None:
        return True
    if type(value) is not kind or (kind is str and "\x00" in value):
        return False
    return not (kind is int and abs(value) >= 2 ** (63 if isinstance(column.type, BigInteger) else 31))
