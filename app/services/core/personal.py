"""What of a case tells who somebody is: change here what is masked in what leaves the product and what a purge empties.

An SOP declares what of its own is personal (``Sop.personal``); what always is, its kind says (``workflow.kinds``).
"""

from __future__ import annotations

from app.models import REFERENCES
from app.workflow.declaration import Field, Records, Sop


def of_case(sop: Sop) -> frozenset[str]:
    """The keys of the case's own fields that are personal."""
    declared = {*sop.personal, *(sop.reporter or ())}
    return frozenset(key for key, asked in sop.fields.items() if key in declared or _always(asked))


def of_rows(sop: Sop, records: Records) -> tuple[Field, ...]:
    """The columns of its rows that are personal, or in which anything may stand."""
    declared = {key.removeprefix(f"{records.key}.") for key in sop.personal if key.startswith(f"{records.key}.")}
    return tuple(c for c in records.columns if c.kind.free or c.key in declared or _always(c))


def _always(asked: Field) -> bool:
    return asked.kind.personal or getattr(REFERENCES.get(asked.reference or ""), "names_somebody", False)
