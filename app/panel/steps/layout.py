"""How the fields of a form stand beside each other: groups under headings, what is short in two columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.workflow.declaration import Field, Sop

#: Controls that need the width of the form (``FieldKind.control``).
WIDE = frozenset({"lines", "tick", "several"})
DAYS = frozenset({"date", "moment"})


class Placed(Protocol):
    """An entry of a form; ``wide``: it has its line for itself; ``begins``: it stands in the first column."""

    field: Field
    wide: bool
    begins: bool


@dataclass
class Section:
    """The entries of one group, in the order in which the step asks; without a ``heading`` where there is but one."""

    heading: str = ""
    entries: list[Any] = field(default_factory=list)


def sections(sop: Sop, entries: Iterable[Placed]) -> list[Section]:
    """Groups in the order of the declaration; what belongs to none comes last. Days that follow each other begin a line
    together."""
    found: dict[str, Section] = {group.key: Section(str(group.label)) for group in sop.field_groups}
    rest = Section()
    for entry in entries:
        group = entry.field.group
        (found.get(group.key, rest) if group else rest).entries.append(entry)
    filled = [section for section in (*found.values(), rest) if section.entries]
    if len(filled) == 1:
        filled[0].heading = ""
    for section in filled:
        _place(sop, section.entries)
    return filled


def _place(sop: Sop, entries: list[Placed]) -> None:
    for entry in entries:
        entry.wide = entry.field.kind.control in WIDE or entry.field.key == sop.subject
    for run in _runs_of_days(entries):
        for nth, entry in enumerate(run):
            entry.begins = len(run) > 1 and nth % 2 == 0


def _runs_of_days(entries: list[Placed]) -> Iterator[list[Placed]]:
    run: list[Placed] = []
    for entry in entries:
        if entry.field.kind.control in DAYS:
            run.append(entry)
        else:
            yield run
            run = []
    yield run
