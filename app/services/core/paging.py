"""One page of what is listed newest first, whatever is listed. Pages are counted from 0; how an address names one, the
panel and the API say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select

from app.extensions import db

#: Lines on a page.
SIZE = 50

Line = TypeVar("Line")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Paged(Generic[Line]):
    """``lines`` of page ``number``; ``total``: over all pages, None where nobody counted them."""

    lines: Sequence[Line]
    number: int
    size: int
    more: bool
    total: int | None = None

    @property
    def pages(self) -> int:
        """At least one, which may be empty."""
        return page_count(self.total or 0, self.size)

    def map(self, make: Callable[[Line], Made]) -> Paged[Made]:
        """The same page of something else."""
        return Paged([make(line) for line in self.lines], self.number, self.size, self.more, self.total)


def page_count(total: int, size: int) -> int:
    return max(1, -(-total // size))


def page_of(lines: Sequence[Line], number: int, size: int = SIZE) -> Paged[Line]:
    """Of what is in memory already."""
    begin, end = number * size, (number + 1) * size
    return Paged(lines[begin:end], number, size, end < len(lines), len(lines))


def page_of_rows(query: Select[Any], number: int, size: int = SIZE, total: int | None = None) -> Paged[Any]:
    """Of a query's rows. Without a ``total`` nothing is counted: whether there are more, one row more than shown
    tells."""
    rows = db.session.execute(query.offset(number * size).limit(size + 1)).all()
    return Paged(rows[:size], number, size, len(rows) > size, total)
