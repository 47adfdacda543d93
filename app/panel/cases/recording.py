"""Which recording the player of a case plays (``sections/recording.html``)."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Document
from app.services.core.access import may_open
from app.sop import sop_of
from app.web.actor import current_actor
from app.workflow.values import position


def register(app: Flask) -> None:
    app.jinja_env.globals["recording_of"] = recording_of
    app.jinja_env.filters["position"] = position


def recording_of(case: Case, kind: str) -> Document | None:
    """The newest version of a recording that the present user may open."""
    versions = db.session.scalars(
        select(Document).where(Document.case_id == case.id, Document.type == kind).order_by(Document.version.desc())
    )
    actor, sop = current_actor(), sop_of(case)
    return next((version for version in versions if may_open(actor, sop, version)), None)
