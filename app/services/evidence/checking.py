"""Holds this deployment's own database against its checkpoints, and writes down what an auditor needs for the same."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rfc3161_client import decode_timestamp_response
from sqlalchemy import select

from app.extensions import db
from app.models import Checkpoint, CheckpointStamp
from app.services.core.database import reading
from app.services.evidence import keys, verifier
from app.services.evidence.anchors import file, stamp
from app.services.evidence.tables import SqlTables
from app.services.evidence.verifier import Judgement


@dataclass(frozen=True)
class Stamped:
    """``at``: when the authority stamped the checkpoint; None where its stamp does not hold, and ``error`` says why."""

    number: int
    at: datetime | None
    error: str = ""


@contextmanager
def _tables() -> Iterator[SqlTables]:
    """All as of one moment."""
    engine = db.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reading(), engine.connect() as connection:
        yield SqlTables(connection)


def verify(anchor: Path | None = None, public: Sequence[bytes] = ()) -> Judgement:
    """``anchor``: the file of an anchor; None: that of the settings, where it is there. ``public``: earlier keys beside
    the deployment's own. Raises ``NoKey``, ``OSError`` or ``ValueError`` for an anchor that can't be read."""
    own = file.path()
    path = anchor or (own if own is not None and own.exists() else None)
    anchored = []
    if path is not None:
        with path.open(encoding="utf-8") as lines:
            anchored = verifier.read_anchor(lines)
    with _tables() as tables:
        return verifier.judge(tables.records(), anchored, [keys.signer().public, *public], keys.is_signed)


def export(to: Any) -> int:
    """Writes all that the stand-alone verifier reads, a JSON object a line; how many lines."""
    lines = 0
    with _tables() as tables:
        for record in tables.records():
            to.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
            lines += 1
    return lines


def stamps() -> Iterator[Stamped]:
    """What the time-stamping authority said of checkpoints, each held against the checkpoint as it is now."""
    bodies = select(CheckpointStamp.number, CheckpointStamp.token, Checkpoint.body).outerjoin(
        Checkpoint, Checkpoint.number == CheckpointStamp.number
    )
    for number, token, body in db.session.execute(bodies.order_by(CheckpointStamp.number)):
        if body is None:
            yield Stamped(number, None, "the checkpoint is gone")
            continue
        try:
            response = decode_timestamp_response(base64.b64decode(token))
            yield Stamped(number, stamp.verified(response, body.encode()))
        except (ValueError, OSError, stamp.NotStamped) as error:
            yield Stamped(number, None, str(error))
