"""A table of words, for pages and papers alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A line in a cell. ``required``: a document or an answer without which a step can't be done. ``notes``: what
    narrows it."""

    text: str
    notes: tuple[str, ...] = ()
    required: bool = False
    strong: bool = False


Cell = tuple[Line, ...]


@dataclass(frozen=True)
class Column:
    """``weight``: its width on paper, in relation to the others'."""

    heading: str
    weight: int = 1


@dataclass(frozen=True)
class Table:
    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table(key: str, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Table:
    """A table without the columns in which no row says anything."""
    filled = list(rows)
    said = [at for at in range(len(columns)) if any(row[at] for row in filled)]
    return Table(key, title, tuple(columns[at] for at in said), tuple(tuple(row[at] for at in said) for row in filled))


def lines(*texts: object) -> Cell:
    """A line for each text; none for an empty one."""
    return tuple(Line(str(text)) for text in texts if str(text))
