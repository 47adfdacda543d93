"""The dialects of CSV that people choose from: separators, numbers, dates, and what no spreadsheet may misread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from app.workflow.declaration import Text

#: What a table has in its cells: moments are local and have no zone.
Cell = str | int | Decimal | date
#: What begins a formula, as ``defusedcsv`` has it; the wide forms of it, which spreadsheets of East Asia read alike.
WIDE = "＝＋－＠｜％"
OPENERS = rf"[=+\-@|%{WIDE}]"
#: What nobody sees before an opener, and a program may leave out: quotes, white space, characters without any width.
UNSEEN = r"\"\s\x00-\x1f\x7f-\x9f\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
#: An opener behind a separator or a break of lines: whoever opens the file with another separator than it was written
#: with reads that as the beginning of a cell. Numbers do no harm, nor do points of a list (``- came at nine``).
BREAKS = r"[;,|\t\r\n\v\f\x85\u2028\u2029]"
HARMLESS = r"-?[\d.,]+(?:[;,\s]|$)|- [^|!(=;,\t\r\n]*(?:[;,\t\r\n]|$)"
HIDDEN = re.compile(rf"(^[{UNSEEN}]+|^(?=[{WIDE}])|{BREAKS}[{UNSEEN}]*)(?!{HARMLESS})(?={OPENERS})")
#: Texts that a spreadsheet takes for a number or a date: a zero in front is lost, ``12/11`` becomes a day, and of long
#: numbers the end goes.
MISREAD = re.compile(
    r"\s*-?(?:0\d+|\d{12,}|\d+[eE]-?\d+|\d[\d.,]*[.,]\d[\d.,]*|\d[\d.,]*%"
    r"|(?:\d{1,2}|\d{4})[-/:]\d{1,2}(?:[-/: ]\d{1,4})*)\s*"
)


@dataclass(frozen=True)
class Dialect:
    """``keeps_text``: a tab, which no spreadsheet shows, stands before texts that it would take for a number."""

    key: str
    label: Text
    delimiter: str
    decimal: str = "."
    day: str = "%Y-%m-%d"
    moment: str = "%Y-%m-%d %H:%M"
    keeps_text: bool = True

    def written(self, cell: Cell) -> str:
        """A cell as a text, before the quotes that it may need."""
        if isinstance(cell, datetime):
            return cell.strftime(self.moment)
        if isinstance(cell, date):
            return cell.strftime(self.day)
        if isinstance(cell, int | Decimal):
            return str(cell).replace(".", self.decimal)
        text = HIDDEN.sub(r"\1'", cell)
        return f"\t{text}" if self.keeps_text and MISREAD.fullmatch(text) else text


INDONESIA = Dialect("indonesia", _l("Indonesia: semicolons, decimal comma"), ";", ",", "%d/%m/%Y", "%d/%m/%Y %H:%M")
INTERNATIONAL = Dialect("international", _l("International: commas, decimal point"), ",")
#: For programs; what the API has always given.
RAW = Dialect("raw", _l("Raw, for programs"), ",", keeps_text=False)
DIALECTS = {dialect.key: dialect for dialect in (INDONESIA, INTERNATIONAL, RAW)}
#: Whoever has chosen none gets the one of their language.
OF_LANGUAGE = {"id": INDONESIA}


def dialect_of(chosen: str | None, language: Any) -> Dialect:
    """The dialect that somebody has chosen, else the one of the language in which they read."""
    return DIALECTS.get(chosen or "") or OF_LANGUAGE.get(str(language), INTERNATIONAL)
