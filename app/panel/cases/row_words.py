"""A row of a case's records as one says it: “Mediasi, 29 Nov: gagal”, derived from the declared columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import format_date

from app.services.core import clock
from app.services.core.formatting import day, time_of_day
from app.workflow.declaration import Field
from app.workflow.veil import Masked

#: An answer in words, as the history stores it.
Said = Callable[[Field, Any], str]
#: What says nothing without its label.
BARE = frozenset({"boolean", "integer"})


@dataclass(frozen=True)
class RowWords:
    """``head``: what stands before the first long text, in one line; ``text``: what that says; ``more``: label and
    words of what stands behind it."""

    head: str
    text: str
    more: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        return ": ".join(filter(None, (self.head, self.text)))


def row_words(columns: Sequence[Field], row: Mapping[str, Any], said: Said) -> RowWords:
    """A row as the history stores it, without what it has not."""
    there = [column for column in columns if row.get(column.key) not in (None, "")]
    long = _what_was_said(columns)
    place = columns.index(long) if long else len(columns)
    before = [_told(c, row[c.key], said) for c in there if columns.index(c) < place]
    behind = [(str(c.label), _shortly(c, row[c.key], said)) for c in there if columns.index(c) > place]
    text = said(long, row[long.key]) if long in there and long else ""
    return RowWords(", ".join(before), text, tuple(behind))


def _what_was_said(columns: Sequence[Field]) -> Field | None:
    """The first long text, else a plain one at the end."""
    long = next((column for column in columns if column.type == "longtext"), None)
    last = columns[-1] if columns and columns[-1].kind.key == "text" else None
    return long or last


def _told(column: Field, stored: Any, said: Said) -> str:
    words = _shortly(column, stored, said)
    return f"{column.label}: {words}" if column.type in BARE and not column.format else words


def _shortly(column: Field, stored: Any, said: Said) -> str:
    """Days and moments of this year without the year: what is told is near."""
    if isinstance(stored, Masked):
        return stored
    try:
        if column.type == "date":
            return short_day(date.fromisoformat(stored))
        if column.type == "datetime":
            local = datetime.fromisoformat(stored).astimezone(clock.zone())
            return f"{short_day(local.date())} {time_of_day(local)}"
    except (TypeError, ValueError):
        pass
    return said(column, stored)


def short_day(on: date) -> str:
    """``29 Nov``, with the year where it is another one."""
    return str(format_date(on, "d MMM")) if on.year == clock.today().year else day(on)
