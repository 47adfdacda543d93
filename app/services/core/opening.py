"""Which files of a case somebody may open."""

from __future__ import annotations

from app.models import Document
from app.services.core import masking, reveals
from app.services.core.access import Actor, opens
from app.workflow.declaration import Sop


def may_open(actor: Actor, sop: Sop, document: Document) -> bool:
    """Whether somebody who sees the case may open this version of a document, in the panel and by the API alike. A file
    can't be masked: for whom personal data are, it is closed until the case is revealed to them, unless they brought it
    themselves."""
    if not opens(actor, sop, document):
        return False
    mine = actor.id is not None and document.uploader_id == actor.id
    return mine or not masking.masked(actor, sop) or reveals.is_revealed(actor, document.case_id)
