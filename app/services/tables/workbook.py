"""Rows as an XLSX file, one row in memory at a time."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

import xlsxwriter

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 1 << 16
#: More rows no spreadsheet of this format holds.
MOST_ROWS = 1_048_576
#: What no sheet's name may hold, and how long it may be.
FORBIDDEN, LONGEST = re.compile(r"[\[\]:*?/\\']+"), 31
#: What people typed stays text: nothing in it becomes a formula or a link.
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def workbook(name: str, headings: Iterable[str], rows: Iterable[Iterable[str | int]]) -> Iterator[bytes]:
    """The bytes of a workbook with one sheet called ``name``; it is complete on disk before the first of them."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the iterator that reads it
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        sheet = book.add_worksheet(FORBIDDEN.sub("", name)[:LONGEST].strip())
        bold = book.add_format({"bold": True})
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        sheet.freeze_panes(1, 0)
        for at, row in enumerate(rows, 1):
            if at == MOST_ROWS:
                break
            for column, value in enumerate(row):
                if isinstance(value, int):
                    sheet.write_number(at, column, value)
                else:
                    sheet.write_string(at, column, value)
    return _read(file)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
