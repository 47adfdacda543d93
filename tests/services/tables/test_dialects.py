"""Cells of a CSV in each dialect: numbers and dates as its spreadsheets read them, texts as they are, no formulas."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from defusedcsv import csv as defused

from app.services.tables import csv_reading, csv_writing
from app.services.tables.dialects import DIALECTS, INDONESIA, INTERNATIONAL, RAW, Cell, Dialect, dialect_of

OPENERS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "|calc", "%x")


@pytest.mark.parametrize(
    ("cell", "indonesia", "international", "raw"),
    [
        (1250000, "1250000", "1250000", "1250000"),
        (-5, "-5", "-5", "-5"),
        (Decimal("30.50"), "30,50", "30.50", "30.50"),
        (Decimal("-0.1234"), "-0,1234", "-0.1234", "-0.1234"),
        (date(2026, 11, 23), "23/11/2026", "2026-11-23", "2026-11-23"),
        (datetime(2026, 11, 23, 14, 5), "23/11/2026 14:05", "2026-11-23 14:05", "2026-11-23 14:05"),
        ("", "", "", ""),
        ("Toko Mekar", "Toko Mekar", "Toko Mekar", "Toko Mekar"),
        ("0812-3456-7890", "0812-3456-7890", "0812-3456-7890", "0812-3456-7890"),
        ("0217788990", "\t0217788990", "\t0217788990", "0217788990"),
        ("541100223344", "\t541100223344", "\t541100223344", "541100223344"),
        ("12/11", "\t12/11", "\t12/11", "12/11"),
        ("12/11/2026", "\t12/11/2026", "\t12/11/2026", "12/11/2026"),
        ("1.250", "\t1.250", "\t1.250", "1.250"),
        ("12e5", "\t12e5", "\t12e5", "12e5"),
        ("17", "17", "17", "17"),
        (";=1+1", ";'=1+1", ";'=1+1", ";'=1+1"),
        *((text, text, text, text) for text in ("Datang\n- jam 9\n- jam 10", "10,-5", "Blok A; -7", "a-b, c=d")),
        ("a\n- 2+cmd|' /C calc'!A0", *["a\n'- 2+cmd|' /C calc'!A0"] * 3),
    ],
)
def test_a_cell_in_each_dialect(cell: Cell, indonesia: str, international: str, raw: str) -> None:
    assert [one.written(cell) for one in (INDONESIA, INTERNATIONAL, RAW)] == [indonesia, international, raw]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("before", ["", ";", ",", "\t", "\n", " ", "a;", 'a,"', '";""', "a\r\n"])
def test_no_cell_begins_a_formula_whatever_it_is_opened_with(dialect: Dialect, before: str) -> None:
    for opener in OPENERS:
        [line] = csv_writing.csv_of([["K1", before + opener, "end"]], dialect)
        for separator in ";,\t":
            for row in defused.reader(line.decode("utf-8-sig").splitlines(), delimiter=separator):
                begins = [cell.strip("\t \"'")[:1] for cell in row if not cell.strip('\t "').startswith("'")]
                assert not set(begins) & {one[0] for one in OPENERS}, row


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_what_was_taken_out_comes_in_again(dialect: Dialect, tmp_path: Path) -> None:
    texts = ["=1+1", "a;=1+1", "0217788990", "12/11", "Toko; Mekar, 'Jaya'", "-1+1"]
    file = tmp_path / "taken.csv"
    file.write_bytes(b"".join(csv_writing.csv_lines(["Nama", "Isi"], [[text, "x"] for text in texts], dialect)))
    found = csv_reading.rows(file, "utf-8", {"nama": "name", "isi": "content"}, {})
    assert [row.cells["name"] for row in found] == texts


def test_who_has_chosen_none_gets_that_of_their_language() -> None:
    assert [dialect_of("", language) for language in ("id", "en")] == [INDONESIA, INTERNATIONAL]
    assert [dialect_of("raw", language) for language in ("id", "en")] == [RAW, RAW]
    assert dialect_of("gone", "id") is INDONESIA
