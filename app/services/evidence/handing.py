"""Hands checkpoints to the anchors, remembers how far each has them, and tries again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.extensions import db
from app.models import Checkpoint, CheckpointAnchor
from app.services.core import clock, exclusive
from app.services.core.database import aside_transaction
from app.services.evidence.anchors import Given, bucket, file, mail, stamp
from app.services.evidence.tables import SqlTables
from app.services.notices.channels import pause_after
from app.workflow.declaration import Text

FILE, MAIL, BUCKET, STAMP = "file", "mail", "bucket", "stamp"
ANCHORS: dict[str, ModuleType] = {FILE: file, MAIL: mail, BUCKET: bucket, STAMP: stamp}
LOCKS: dict[str, exclusive.Name] = {
    FILE: "anchor_file", MAIL: "anchor_mail", BUCKET: "anchor_bucket", STAMP: "anchor_stamp"
}  # fmt: skip
LABELS: dict[str, Text] = {
    FILE: _l("File that only grows"), MAIL: _l("Email to the auditor"), BUCKET: _l("Bucket with object lock"),
    STAMP: _l("Time-stamping authority"),
}  # fmt: skip
#: Checkpoints that are handed over at once.
MOST = 200
#: Characters of a reason.
LONGEST = 500
log = structlog.get_logger("tuntas.evidence")


@dataclass(frozen=True)
class State:
    """How an anchor does. ``behind``: so many checkpoints it does not have yet."""

    name: str
    label: Text
    behind: int
    handed_at: datetime | None
    failing_since: datetime | None
    next_at: datetime | None
    error: str


def all_of_them() -> dict[str, ModuleType]:
    """Those that the settings name."""
    return {name: anchor for name, anchor in ANCHORS.items() if anchor.is_set_up()}


def hand_over_all() -> int:
    """What each anchor lacks and wants by now; how many checkpoints were handed over. None keeps another one waiting
    for the next run, and what fails is told by ``states``."""
    return sum(hand_over(name) for name in all_of_them())


def hand_over(name: str) -> int:
    """The same for one anchor; 0 while another process is at it, or it is not set up."""
    anchor = all_of_them().get(name)
    if anchor is None:
        return 0
    with exclusive.held(LOCKS[name], wait=False) as got:
        return _hand_over(name, anchor) if got else 0


def _hand_over(name: str, anchor: ModuleType) -> int:
    now, state = clock.now(), _row(name)
    if (state.next_at and state.next_at > now) or (state.handed_at and state.handed_at > now - anchor.PACE):
        return 0
    handed = 0
    while given := list(_after(state.upto)):
        try:
            anchor.take(given)
        except Exception as error:
            log.warning("an anchor has not taken a checkpoint", anchor=name, exc_info=True)
            _remember_failure(name, state, error)
            break
        handed += len(given)
        state = _remember(name, given[-1].number)
    return handed


def _after(number: int) -> Iterator[Given]:
    with db.engine.connect() as connection:
        size = 0
        for one in SqlTables(connection).checkpoints(number, MOST):
            size += sum(map(len, one["entries"]))
            yield Given(json.loads(one["body"])["number"], one["body"], one["signature"], tuple(one["entries"]))
            if size > 4 << 20:
                return


def _row(name: str) -> CheckpointAnchor:
    with aside_transaction() as session:
        row = session.get(CheckpointAnchor, name)
        if row is None:
            row = CheckpointAnchor(name=name, upto=0, attempts=0, error="")
            session.add(row)
            session.flush()
        session.expunge(row)
        return row


def _remember(name: str, upto: int) -> CheckpointAnchor:
    with aside_transaction() as session:
        row = session.get_one(CheckpointAnchor, name)
        row.upto, row.handed_at, row.attempts, row.error = upto, clock.now(), 0, ""
        row.failing_since = row.next_at = None
        session.flush()
        session.expunge(row)
        return row


def _remember_failure(name: str, state: CheckpointAnchor, error: Exception) -> None:
    now = clock.now()
    with aside_transaction() as session:
        row = session.get_one(CheckpointAnchor, name)
        row.attempts = state.attempts + 1
        row.failing_since, row.next_at = row.failing_since or now, now + pause_after(row.attempts)
        row.error = (str(error) or type(error).__name__)[:LONGEST]


def states() -> Sequence[State]:
    """Of those that are set up, for the page of background work."""
    known = {row.name: row for row in db.session.scalars(select(CheckpointAnchor))}
    newest = db.session.scalar(select(func.max(Checkpoint.number))) or 0
    return [_state(name, known.get(name), newest) for name in all_of_them()]


def _state(name: str, row: CheckpointAnchor | None, newest: int) -> State:
    if row is None:
        return State(name, LABELS[name], newest, None, None, None, "")
    behind = max(0, newest - row.upto)
    return State(name, LABELS[name], behind, row.handed_at, row.failing_since, row.next_at, row.error)


def are_well() -> bool:
    """Whether no anchor has failed for a while: one attempt may always fail."""
    since = clock.now() - timedelta(minutes=10)
    failing = select(CheckpointAnchor.name).where(CheckpointAnchor.failing_since < since)
    return not set(db.session.scalars(failing)) & all_of_them().keys()
