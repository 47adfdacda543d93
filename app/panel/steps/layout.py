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
    """An entry of a form; ``wide``: it has its line for itself."""

    field: Field
    wide: bool


@dataclass
class Section:
    """The entries of one group, in the order in which they are shown; without a ``heading`` where there is but one."""

    heading: str = ""
    entries: list[Any] = field(default_factory=list)


def sections(sop: Sop, entries: Iterable[Placed]) -> list[Section]:
    """Groups in the order of the declaration, their entries as the step asks them; what belongs to none comes last."""
    found: dict[str, Section] = {group.key: Section(str(group.label)) for group in sop.field_groups}
    rest = Section()
    for entry in entries:
        group = entry.field.group
        (found.get(group.key, rest) if group else rest).entries.append(entry)
        entry.wide = entry.field.kind.control in WIDE or entry.field.key == sop.subject
    filled = [section for section in (*found.values(), rest) if section.entries]
    for section in filled:
        section.heading = section.heading if len(filled) > 1 else ""
        section.entries = list(_in_lines(section.entries))
    return filled


def _in_lines(entries: list[Placed]) -> Iterator[Placed]:
    """In lines of one wide entry or two short ones. A short one that would stand alone takes the next short one beside
    it, and days that follow each other stay side by side."""
    lines = list(_lines(entries))
    while lines:
        line = lines.pop(0)
        yield from line
        if len(line) == 1 and not line[0].wide:
            beside = next((one for one in lines if len(one) == 1 and not one[0].wide), None)
            if beside:
                lines.remove(beside)
                yield from beside


def _lines(entries: list[Placed]) -> Iterator[list[Placed]]:
    """Each entry, two days that follow each other together."""
    at = 0
    while at < len(entries):
        days = [one for one in entries[at : at + 2] if one.field.kind.control in DAYS]
        yield entries[at : at + 2] if len(days) == 2 else entries[at : at + 1]
        at += len(days) if len(days) == 2 else 1
