"""Headings, cells and rows of exports, and the lines of a CSV; no cell can run as a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

from defusedcsv import csv
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query

from app.models import Case
from app.services.core import clock, phones
from app.services.core.formatting import name_of, yes_or_no
from app.services.core.masking import MASK, field_of, hidden, mask
from app.services.tables.dialects import RAW, Cell, Dialect
from app.workflow.declaration import Column, Field, Sop, Text

Row = Sequence[Cell]
#: Rows that are in memory at a time.
BATCH = 500
#: Headings of the columns that every case has.
OWN_COLUMNS: dict[str, Text] = {
    "number": _l("Number"),
    "state": _l("Status"),
    "round": _l("Round"),
    "title": _l("Subject"),
    "created_at": _l("Date created"),
    "changed_at": _l("Date changed"),
    "state_since": _l("In this status since"),
    "due_at": _l("Deadline"),
    "closed_at": _l("Date closed"),
    "assignee": _l("Person in charge"),
    "unit": _l("Unit"),
    "reporter_name": _l("Reporter"),
    "reporter_phone": _l("Reporter's phone"),
}


PHONE = Field("reporter_phone", OWN_COLUMNS["reporter_phone"], format="phone")


def heading(sop: Sop, column: Column) -> Text:
    """What the list and the CSV call a column."""
    if column.label is not None:
        return column.label
    field = sop.fields.get(column.key)
    if field is not None:
        return field.label
    counted = sop.records_by_key.get(column.key.removesuffix("_count"))
    return counted.label if counted else OWN_COLUMNS[column.key]


def headings(sop: Sop) -> list[str]:
    return [str(heading(sop, column)) for column in sop.columns]


def rows(
    sop: Sop, cases: Query[Any], masked: bool = False, closed: frozenset[str] = frozenset()
) -> Iterator[Row]:  # fmt: skip
    """The cells of each case, a batch in memory at a time; ``masked``: with its personal data masked. ``closed``: the
    fields that are confidential to others."""
    shown = masked_cell if masked else cell
    for case in cases.yield_per(BATCH):
        values = ((column.key, getattr(case, column.key)) for column in sop.columns)
        yield [closed_cell(value) if key in closed else shown(sop, key, value) for key, value in values]


def closed_cell(value: Any) -> Cell:
    """What is confidential to others: that it is there, and nothing of it."""
    return "" if value in (None, "", []) else MASK


def masked_cell(sop: Sop, key: str, value: Any) -> Cell:
    """The same as ``cell`` for whom personal data come masked. The title of a case that a field refers to is as
    personal as the case's own."""
    if key in hidden(sop) and key != "reporter_phone":
        return mask(value, field_of(sop, key))
    return cell(sop, key, discreet(value, True), key == "reporter_phone")


def csv_lines(headings: Row, rows: Iterable[Row], dialect: Dialect = RAW) -> Iterator[bytes]:
    """A CSV of one table."""
    yield from csv_of(chain([headings], rows), dialect)


def csv_of(rows: Iterable[Row], dialect: Dialect = RAW) -> Iterator[bytes]:
    """The lines of a CSV, in batches; begins with the mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=dialect.delimiter)
    buffer.write("\ufeff")
    for at, row in enumerate(rows, 1):
        writer.writerow([dialect.written(cell) for cell in row])
        if at % BATCH == 0:
            yield _emptied(buffer)
    yield _emptied(buffer)


def discreet(value: Any, masked: bool) -> Any:
    """A case that is referred to by its number alone: its title tells as much as the case's own."""
    return value.number if masked and isinstance(value, Case) else value


def cell(sop: Sop, key: str, value: Any, hide: bool = False) -> Cell:
    """A field or own column of a case, by ``answer``."""
    if key == "state":
        return str(sop.state(value).label)
    return answer(PHONE if key == "reporter_phone" else sop.fields.get(key), value, hide)


def answer(field: Field | None, value: Any, hide: bool = False) -> Cell:
    """A value as the cell of a table: moments in local time, amounts as numbers, phones in the national form (which no
    spreadsheet takes for a number or a formula), answers by their labels."""
    if value is None:
        return ""
    if hide:
        return mask(value, field)
    if field is not None and field.kind.dialled:
        return phones.national(str(value))
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, int):
        return value
    return _text(field, value)


def moment(at: datetime | None) -> Cell:
    """The minute in local time; nothing for none."""
    return at.astimezone(clock.zone()).replace(second=0, microsecond=0, tzinfo=None) if at else ""


def day(at: datetime | None) -> Cell:
    """The day in local time; nothing for none."""
    return at.astimezone(clock.zone()).date() if at else ""


def hours(span: timedelta | None) -> Cell:
    """``30.00`` of a duration; nothing of none."""
    return "" if span is None else Decimal(f"{span / timedelta(hours=1):.2f}")


def share(part: float | None) -> Cell:
    """``0.1234`` of a share from 0 to 1; nothing of none."""
    return "" if part is None else Decimal(f"{part:.4f}")


def _text(field: Field | None, value: Any) -> str:
    if field is not None and field.choices:
        labels = {choice.key: str(choice.label) for choice in field.choices}
        return ", ".join(labels.get(one, str(one)) for one in (value if isinstance(value, list) else [value]))
    return name_of(value)


def _emptied(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
