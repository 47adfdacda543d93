"""What an effect of an SOP may do beside changing its case (``workflow.declaration.Work``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Document, Link
from app.services import creation
from app.services.access import Actor
from app.sop import SOPS


class TransitionWork:
    """Runs inside the transaction of the transition that made it."""

    def __init__(
        self, session: Session, actor: Actor, case: Any, values: Mapping[str, Any], note: str, now: datetime
    ) -> None:
        self.session, self.actor, self.case = session, actor, case
        self.values, self.note, self.now = values, note, now
        self.actor_id = actor.id

    def open_case(self, sop: str, values: Mapping[str, Any], *, code: str | None = None) -> Any:
        """A new case of another SOP, in the state that SOP begins with; its history begins with this one's number."""
        declared = SOPS[sop]
        return creation.open_case(
            self.session, declared, self.actor, values, self.now, action=declared.create.key, code=code,
            changes={"from": [None, self.case.number]},
        )  # fmt: skip

    def link(self, kind: str, source: Any, target: Any) -> None:
        self.session.add(Link(kind=kind, source_id=source.id, target_id=target.id))
        self.session.flush()

    def release(self, document: str) -> None:
        """Lets everyone who sees the case open the newest version of a confidential document."""
        newest = self.session.scalars(
            select(Document)
            .where(Document.case_id == self.case.id, Document.type == document)
            .order_by(Document.version.desc())
            .limit(1)
        ).one_or_none()
        if newest is not None:
            newest.released = True
