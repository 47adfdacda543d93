"""A list of cases as CSV: headings, cells, lines. Change here what an export says; nothing in it can run as a
formula."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from defusedcsv import csv
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Query

from app.services import clock, phones
from app.services.shown import name_of, yes_or_no
from app.workflow.declaration import Column, Field, Sop, Text

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


def heading(sop: Sop, column: Column) -> Text:
    """What the list and the CSV call a column."""
    if column.label is not None:
        return column.label
    asked = sop.fields.get(column.key)
    if asked is not None:
        return asked.label
    counted = sop.records_by_key.get(column.key.removesuffix("_count"))
    return counted.label if counted else OWN_COLUMNS[column.key]


def lines(sop: Sop, cases: Query[Any]) -> Iterator[str]:
    """The lines of the CSV, in batches; begins with the mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([str(heading(sop, column)) for column in sop.columns])
    for at, case in enumerate(cases.yield_per(BATCH), 1):
        writer.writerow([cell(sop, column.key, getattr(case, column.key)) for column in sop.columns])
        if at % BATCH == 0:
            yield _emptied(buffer)
    yield _emptied(buffer)


def cell(sop: Sop, key: str, value: Any) -> str | int:
    """A value as a spreadsheet reads it: dates in ISO 8601 and local time, amounts as plain numbers, phones
    in the national form (which no spreadsheet takes for a number or a formula), answers by their labels."""
    if value is None:
        return ""
    if key == "state":
        return str(sop.state_by_key[value].label)
    asked = sop.fields.get(key)
    if key == "reporter_phone" or (asked is not None and asked.format == "phone"):
        return phones.national(str(value))
    if isinstance(value, datetime):
        return f"{value.astimezone(clock.zone()):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, int):
        return value
    return _text(asked, value)


def _text(asked: Field | None, value: Any) -> str:
    if asked is not None and asked.choices:
        labels = {choice.key: str(choice.label) for choice in asked.choices}
        return ", ".join(labels.get(one, str(one)) for one in (value if isinstance(value, list) else [value]))
    return name_of(value)


def _emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
