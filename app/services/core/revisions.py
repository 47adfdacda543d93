"""The condition on cases for those that stand under one revision of their SOP."""

from __future__ import annotations

from sqlalchemy import ColumnElement, true

from app.models import Case
from app.sop import SOPS, revisions_of
from app.workflow.declaration import Sop


def under(sop: Sop) -> ColumnElement[bool]:
    """Of the cases of an SOP those under the revision ``sop``; what is under none that is loaded is read by the current
    one (``app.sop.sop_of``)."""
    known = revisions_of(sop.key)
    if len(known) == 1:
        return true()
    if SOPS[sop.key].revision != sop.revision:
        return Case.revision == sop.revision
    return Case.revision.not_in([number for number in known if number != sop.revision])
