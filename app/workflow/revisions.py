"""The revisions of an SOP: which of them is in effect, and whether they fit together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from app.workflow.declaration import Field, Records, Sop
from app.workflow.mistakes import N_, Mistakes


def in_effect(revisions: Collection[Sop], day: date) -> Sop:
    """The greatest revision whose day has come; the lowest one while none has."""
    begun = [one for one in revisions if one.sheet.effective is None or one.sheet.effective <= day]
    return max(begun, key=_revision) if begun else min(revisions, key=_revision)


def joined(revisions: Sequence[Sop]) -> dict[int, Sop]:
    """The revisions of one SOP by number, each knowing the others."""
    newest_first = sorted(revisions, key=_revision, reverse=True)
    if len(newest_first) == 1:
        return {one.revision: one for one in newest_first}
    return {
        one.revision: replace(one, others=tuple(other for other in newest_first if other is not one))
        for one in newest_first
    }


def mistakes(revisions: Sequence[Sop]) -> Mistakes:
    """What keeps these revisions of one SOP from being loaded together."""
    found = Mistakes()
    for number, times in Counter(one.revision for one in revisions).items():
        if times > 1:
            found.add("sheet.revision", N_("revision %(number)s is declared twice"), number=number)
    seen: dict[str, tuple[int, tuple[str, ...]]] = {}
    for one in sorted(revisions, key=_revision):
        for name, kind in _stored(one):
            first, known = seen.setdefault(name, (one.revision, kind))
            if known != kind:
                found.add(
                    f"fields.{name}", N_("is %(kind)s, but %(known)s in revision %(first)s; a type never changes"),
                    kind=" ".join(kind), known=" ".join(known), first=first,
                )  # fmt: skip
    return found


def _stored(sop: Sop) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What the tables keep of an SOP, by name, each with what may never change."""
    yield from _kinds("", sop.own_fields)
    for records in sop.records:
        yield records.key, ("records",)
        yield from _kinds(f"{records.key}.", _columns(records))


def _kinds(prefix: str, fields: Mapping[str, Field]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key, field in fields.items():
        yield prefix + key, tuple(filter(None, (field.format or field.type, field.reference)))


def _columns(records: Records) -> dict[str, Field]:
    return {column.key: column for column in records.columns}


def _revision(sop: Sop) -> int:
    return sop.revision
