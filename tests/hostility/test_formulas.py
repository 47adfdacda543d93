"""What somebody typed becomes no formula in anybody's spreadsheet: however it begins, in whichever dialect it is
written, with whichever separator it is opened; in cells and in headings."""

from __future__ import annotations

import csv
import io
import zipfile
from itertools import product

import pytest

from app.services import reports
from app.services.tables.dialects import DIALECTS
from app.services.tables.workbook import workbook
from app.web.files import disposition
from tests.cast import Cast

FORMULAS = ("=1+1", "+1+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "=HYPERLINK(\"http://a\")", "＝1+1", "＋1+1", "－1+A1",
            "＠SUM(1)", "|calc", "%A1", "=cmd|' /C calc'!A0", "-2+3", "- =1+1")  # fmt: skip
#: Before the formula: nothing, what is not seen, and what may end the cell before.
BEFORE = ("", " ", "\t", "\r", "\n", "\r\n", '"', '""', "'", ";",
          ",", "|", "a;", "a,", "a\t", "a;\t", "a\r", '";', '",',
          '";"', "\x00", "\x0b", "\x0c", "\x85", "\xa0", "\u3000", "\u200b", "\ufeff",
          "\u2028", "\u202e", "\xad",
          "a;\u200b", "a\n\ufeff ", "a\x0b", "a\u2029", "1;", "1,5;")  # fmt: skip
OPENERS = "=+-@|%＝＋－＠｜％"
UNSEEN = '" \t\r\n\x00\x0b\x0c\x85\xa0\u3000\u200b\ufeff\u2028\u2029\u202e\xad'
SEPARATORS = ";,\t|"


def cells(text: str) -> list[str]:
    """Whatever a program may take for a cell: with each separator, with and without heed of quotes."""
    found = []
    for separator in SEPARATORS:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            rows = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=separator, quoting=quoting)
            found += [cell for row in rows for cell in row]
        found += [cell for line in text.splitlines() for cell in line.split(separator)]
    return found


def is_formula(cell: str) -> bool:
    seen = cell.lstrip(UNSEEN)
    if not seen or seen[0] not in OPENERS:
        return False
    return not seen.rstrip(UNSEEN).lstrip("-").replace(",", "").replace(".", "").isdigit()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_cell_of_a_csv_becomes_a_formula(dialect: str) -> None:
    wrong = []
    for before, formula in product(BEFORE, FORMULAS):
        typed = before + formula
        written = b"".join(reports.table("a", [typed, "b"], iter([["c", typed, "d"], [typed]]), "csv", dialect))
        wrong += [(typed, cell) for cell in cells(written.decode("utf-8-sig")) if is_formula(cell)][:1]
    assert wrong == []


def test_a_workbook_has_texts_alone() -> None:
    typed = [before + formula for before, formula in product(BEFORE, FORMULAS)]
    written = b"".join(workbook("=1+1", iter([typed[:50], *([one] for one in typed)])))
    with zipfile.ZipFile(io.BytesIO(written)) as book:
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
        assert sheets
        assert not [sheet for sheet in sheets if "<f>" in sheet or "<hyperlink" in sheet]
        assert not [name for name in book.namelist() if "vba" in name.lower() or "external" in name.lower()]


def test_who_types_a_formula_gets_a_text_in_every_export(cast: Cast) -> None:
    """From the form to the file, in each format and dialect."""
    cs = cast.login("cs")
    sent = {"name": "＝1+1", "query": "title==1+1"}
    assert cs.post("/pengaduan/filters", data=sent).status_code < 500
    admin = cast.login("admin")
    admin.post("/unitview/add", data={"code": "=1+1", "name": "a;=cmd|' /C calc'!A0", "active": "y"})
    for dialect in DIALECTS:
        for form in ("csv", "xlsx"):
            answer = admin.get(f"/pengaduan/export.{form}?dialect={dialect}")
            written = answer.get_data()
            assert answer.status_code == 200
            if form == "csv":
                assert not [cell for cell in cells(written.decode("utf-8-sig")) if is_formula(cell)]


@pytest.mark.parametrize(
    "name", ['a".csv', "a\r\nX: y.csv", "a;b=c.csv", "=1+1.csv", "a\x00.csv", "\u202evsc.a", "é💥.csv"]
)
def test_a_name_of_a_file_ends_no_header(name: str) -> None:
    said = disposition(name)
    assert said.isascii()
    assert said.isprintable()
    assert said.count('"') == 2
