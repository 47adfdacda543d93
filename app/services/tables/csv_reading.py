"""Reads CSV tables of other programs: separators, headings, encodings."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.services.core.errors import Malformed
from app.services.search import tokens
from app.workflow.declaration import Text

DELIMITERS = "\t;,"
#: What an export puts before a cell that a spreadsheet would take for a formula.
DEFUSED = re.compile(r"'(?=[@+\-=|%])")
DEFUSED_WITHIN = re.compile(r"((?:^|[;,\t\r\n])[\"\s]*)'(?=[@+\-=|%])")
Good = TypeVar("Good")


@dataclass(frozen=True)
class Bad:
    """A row that can't be taken over, and why, in words; ``number``: what the row is known by."""

    line: int
    number: str
    reason: str


class WrongRow(ValueError):
    """The message is the reason."""


@dataclass(frozen=True)
class Row:
    """``line``: where it begins in the file. ``cells``: by the key of their column, as they were before an export
    made them harmless."""

    line: int
    cells: Mapping[str, str]
    surplus: bool

    def check(self) -> None:
        if self.surplus:
            raise WrongRow(_("The row has more cells than there are headings."))


def rows(path: Path, encoding: str, headings: Mapping[str, str], needed: Mapping[str, Text]) -> Iterator[Row]:
    """The rows of a file that are not empty. ``headings``: the key of a column by its folded heading
    (``tokens.compact``); ``needed``: names of the columns that must be there, by key.

    Raises ``Malformed`` with one sentence when the whole file is not such a table.
    """
    with _readable(encoding), path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        heading, above = "", 0
        while not heading.strip() and (heading := file.readline()):
            above += 1
        columns, delimiter = _columns(heading, headings, needed)
        table = csv.reader(file, delimiter=delimiter)
        line = above + 1
        for cells in table:
            if any(cell.strip() for cell in cells):
                known = {key: undefused(cell) for key, cell in zip(columns, cells, strict=False) if key}
                yield Row(line, known, len(cells) > len(columns))
            line = above + table.line_num + 1


def batches(rows: Iterable[Good | Bad], bad: list[Bad], size: int) -> Iterator[list[Good]]:
    """The good rows, ``size`` at a time; the others go into ``bad``."""
    batch: list[Good] = []
    for row in rows:
        if isinstance(row, Bad):
            bad.append(row)
            continue
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def in_every_language(text: Text) -> list[str]:
    found = []
    for language in current_app.config["LANGUAGES"]:
        with force_locale(language):
            found.append(str(text))
    return found


def undefused(cell: str) -> str:
    cell = cell.strip()
    if DEFUSED.match(cell):
        cell = DEFUSED.sub("", cell, count=1).replace("\\|", "|")
    return DEFUSED_WITHIN.sub(r"\1", cell)


@contextmanager
def _readable(encoding: str) -> Iterator[None]:
    """What is wrong with a whole file, in words."""
    try:
        yield
    except OSError as error:
        raise Malformed(_("The file can't be opened: %(reason)s", reason=error.strerror or error)) from error
    except LookupError as error:
        raise Malformed(_("There is no encoding “%(name)s”.", name=encoding)) from error
    except UnicodeError as error:
        raise Malformed(
            _("The file is not written in %(name)s. Please save it as “CSV UTF-8”, or say in which encoding it is.",
              name=encoding)
        ) from error  # fmt: skip
    except csv.Error as error:
        raise Malformed(_("The file is no table: %(reason)s", reason=error)) from error


def _columns(heading: str, known: Mapping[str, str], needed: Mapping[str, Text]) -> tuple[list[str | None], str]:
    """The key of each column (None: not ours), and what stands between the columns."""
    readings = [
        (
            [known.get(tokens.compact(cell)) for cell in next(csv.reader([heading], delimiter=delimiter), [])],
            delimiter,
        )
        for delimiter in DELIMITERS
    ]
    columns, delimiter = max(readings, key=lambda reading: sum(key is not None for key in reading[0]))
    missing = [str(name) for key, name in needed.items() if key not in columns]
    if missing:
        raise Malformed(_("The file has no column for: %(names)s", names=", ".join(missing)))
    twice = {key for key in columns if key and columns.count(key) > 1}
    if twice:
        raise Malformed(_("The file has two columns for the same: %(names)s", names=", ".join(sorted(twice))))
    return columns, delimiter
