"""Which recording the player of a case plays (``sections/recording.html``)."""

from __future__ import annotations

from flask import Flask
from flask_babel import format_decimal
from sqlalchemy import select

from app.extensions import db
from app.models import Case, Document
from app.services.core.opening import may_open
from app.sop import sop_of
from app.web.actor import current_actor
from app.workflow.values import position

SPEEDS = (0.75, 1, 1.25, 1.5, 2)


def register(app: Flask) -> None:
    app.jinja_env.globals.update(recording_of=recording_of, speeds=speeds)
    app.jinja_env.filters["position"] = position


def speeds() -> list[tuple[float, str]]:
    """How fast a recording is heard, each as the reader writes numbers."""
    return [(speed, format_decimal(speed)) for speed in SPEEDS]


def recording_of(case: Case, kind: str) -> Document | None:
    """The newest version of a recording that the present user may open."""
    versions = db.session.scalars(
        select(Document).where(Document.case_id == case.id, Document.type == kind).order_by(Document.version.desc())
    )
    actor, sop = current_actor(), sop_of(case)
    return next((version for version in versions if may_open(actor, sop, version)), None)
