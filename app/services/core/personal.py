"""Which fields of a case are personal data: masked in what leaves the system, emptied by a purge.

An SOP declares its own personal fields (``Sop.personal``); some kinds of field always are (``workflow.kinds``). What is
personal in one of its revisions is so in all of them.
"""

from __future__ import annotations

from app.models import REFERENCES
from app.workflow.declaration import Field, Records, Sop


def of_case(sop: Sop) -> frozenset[str]:
    """The keys of the case's own fields that are personal."""
    declared = {key for one in sop.revisions for key in (*one.personal, *(one.reporter or ()))}
    return frozenset(key for key, field in sop.fields.items() if key in declared or _always(field))


def of_rows(sop: Sop, records: Records) -> tuple[Field, ...]:
    """The columns of its rows that are personal or take free text."""
    prefix = f"{records.key}."
    declared = {key.removeprefix(prefix) for one in sop.revisions for key in one.personal if key.startswith(prefix)}
    return tuple(c for c in records.columns if c.kind.free or c.key in declared or _always(c))


def _always(field: Field) -> bool:
    return field.kind.personal or getattr(REFERENCES.get(field.reference or ""), "names_somebody", False)
