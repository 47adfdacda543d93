"""The stage of the tests of retention: a closed hard complaint full of personal data."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.models import Document
from app.services.cases import transitions
from app.services.core.access import Actor, visible_or_404
from app.services.documents import documents, storage
from app.services.retention import retention
from app.sop import SOPS
from tests.cast import Cast
from tests.recordings import silence

#: Users and their rights, and what the full-text index keeps for itself in no readable form.
NOT_READ = ("ab_", "search_text_", "search_grams_")
START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
YEAR = timedelta(days=365, hours=12)
REQUEST = {
    "program": "ct0", "source": "plasa", "received_by": "email", "requester_name": "Plasa Rahasia",
    "requester_contact": "rahasia@contoh.example", "customer_number": "122345678901",
    "customer_name": "Zulkarnain Rahasia", "complaint_date": "2026-11-17",
    "criterion": "disputes_arrears", "complaint": "Zulkarnain Rahasia mengeluh",
}  # fmt: skip
ROWS = [{"position": "00:12", "speaker": "agent", "said": "Menyebut Zulkarnain Rahasia"}]
STEPS: list[tuple[str, str, dict[str, Any]]] = [
    ("qco", "attach_recording", {"call_at": "2026-11-16 10:15", "agent": "Agent 0417"}),
    ("qco", "submit_chronology",
     {"arrears": 125_000, "customer_profile": "Rahasia", "finding": "proven", "chronology": ROWS}),
    ("spv", "validate", {"listened": True}),
    ("manager_operasional", "approve", {}),
    ("spv", "send_result", {"sent_to": "rahasia@contoh.example", "sent_by": "email"}),
]  # fmt: skip
#: Two versions of each form, one recording.
FILES = 5
KEY = "hard_complaint"


class Stage:
    """One hard complaint, closed on ``START``, and the people around it."""

    def __init__(self, app: Flask, clock: Any) -> None:
        self.app, self.clock, self.cast = app, clock, Cast(app)
        self.pk = self.closed_case()

    def actor(self, name: str) -> Actor:
        return self.cast.actor(name)

    def closed_case(self, steps: int = len(STEPS)) -> int:
        actors = {name: self.actor(name) for name in ("spv", *(step[0] for step in STEPS))}
        pk = int(transitions.create(actors["spv"], KEY, REQUEST, note="Rahasia").id)
        for name, key, answers in STEPS[:steps]:
            uploads = {"voice_recording": [documents.Upload("rahasia.mp3", io.BytesIO(silence(60)))]}
            files = uploads if key == "attach_recording" else None
            transitions.perform(actors[name], KEY, pk, key, answers, files, note="Catatan Rahasia")
        return pk

    def later(self, years: int) -> None:
        self.clock.shift(YEAR * years)

    def case(self) -> Any:
        db.session.rollback()
        return visible_or_404(self.actor("qc"), KEY, self.pk)

    def due(self) -> list[retention.Due]:
        return retention.due([SOPS[KEY]])

    def stored(self) -> list[str]:
        return list(db.session.scalars(select(Document.storage_key).where(Document.case_id == self.pk)))


def is_there(key: str) -> bool:
    try:
        return bool(list(storage.read(key, 0, 1)))
    except FileNotFoundError:
        return False


def everything_in(app: Flask) -> str:
    """All that the database says, in one text."""
    with db.engine.connect() as connection:
        tables = [t for t in db.inspect(connection).get_table_names() if not t.startswith(NOT_READ)]
        return "\n".join(str(row) for table in tables for row in connection.execute(text(f'SELECT * FROM "{table}"')))
