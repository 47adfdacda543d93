"""Tables as an XLSX file, one row in memory at a time: real numbers and dates, texts as they are."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from app.services.tables.dialects import Cell

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 1 << 16
#: More rows no spreadsheet of this format holds.
MOST_ROWS = 1_048_576
#: What no sheet's name may hold, and how long it may be.
FORBIDDEN, LONGEST = re.compile(r"[\[\]:*?/\\']+"), 31
#: What people typed stays text: nothing in it becomes a formula or a link.
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
#: How wide a column may get, in characters, and how much more than its text it needs: the button of the filter.
WIDEST, ROOM = 60, 3
#: Days before this one a spreadsheet can't hold.
FIRST_DAY = date(1900, 3, 1)
EVERYWHERE = f"A1:XFD{MOST_ROWS}"
FORMATS: dict[str, dict[str, Any]] = {
    "heading": {"bold": True, "num_format": "@"},
    "text": {"num_format": "@"},
    "whole": {"num_format": "#,##0"},
    "decimal": {"num_format": "#,##0.00##"},
    "day": {"num_format": "dd/mm/yyyy"},
    "moment": {"num_format": "dd/mm/yyyy hh:mm"},
}
LENGTHS = {"day": 10, "moment": 16}


class Sheet:
    """A sheet as it is written: each row after its headings, which stay in sight and filter the columns."""

    def __init__(self, sheet: Any, headings: Sequence[Cell], formats: dict[str, Any]) -> None:
        self.sheet, self.formats, self.at = sheet, formats, 0
        self.widths = [0] * len(headings)
        self.write(headings, "heading")
        sheet.freeze_panes(1, 0)
        # Numbers of customers and cases are meant to be texts.
        sheet.ignore_errors({"number_stored_as_text": EVERYWHERE})

    def write(self, row: Sequence[Cell], text: str = "text") -> None:
        for column, cell in enumerate(row):
            kind = _kind(cell)
            form = self.formats[text if kind == "text" else kind]
            if kind in LENGTHS:
                self.sheet.write_datetime(self.at, column, cell, form)
            elif kind == "text":
                self.sheet.write_string(self.at, column, str(cell), form)
            else:
                self.sheet.write_number(self.at, column, cell, form)
            self.widths[column] = max(self.widths[column], _length(kind, cell))
        self.at += 1

    def finish(self) -> None:
        for column, width in enumerate(self.widths):
            self.sheet.set_column(column, column, min(width, WIDEST) + ROOM)
        self.sheet.autofilter(0, 0, self.at - 1, len(self.widths) - 1)


def workbook(name: str, rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The bytes of a workbook whose sheet is called ``name``; it is complete on disk before the first of them.
    ``rows`` begin with the headings; after an empty row a sheet of its own begins, with its headings."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the iterator that reads it
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        formats = {key: book.add_format(form) for key, form in FORMATS.items()}
        sheets: list[Sheet] = []
        begins = True
        for row in rows:
            if row and begins:
                sheets.append(Sheet(book.add_worksheet(_called(name, len(sheets) + 1)), row, formats))
            elif row and sheets[-1].at < MOST_ROWS:
                sheets[-1].write(row)
            begins = not row
        for sheet in sheets:
            sheet.finish()
    return _read(file)


def _called(name: str, count: int) -> str:
    end = f" {count}" if count > 1 else ""
    return FORBIDDEN.sub("", name)[: LONGEST - len(end)].strip() + end


def _kind(cell: Cell) -> str:
    if isinstance(cell, date):
        kind = "moment" if isinstance(cell, datetime) else "day"
        return kind if cell.timetuple() >= FIRST_DAY.timetuple() else "text"
    if isinstance(cell, str):
        return "text"
    return "decimal" if isinstance(cell, Decimal) else "whole"


def _length(kind: str, cell: Cell) -> int:
    if kind == "text":
        return max(map(len, str(cell).splitlines()), default=0)
    return LENGTHS.get(kind) or len(str(cell)) * 4 // 3


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
