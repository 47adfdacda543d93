"""Reads from a copy of the database (``DATABASE_READ_URL``), for what reads much and may be some seconds behind:
reports, dashboards, exports.

Who asks, and what they may see, is read from the primary before. Whatever is written goes to the primary, and so does
everything where no copy is set or it does not answer.
"""

from __future__ import annotations

import time
from typing import Any

from flask import current_app
from sqlalchemy import Engine, UpdateBase, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.extensions import READS, db
from app.services.core.database import in_write_transaction, refuse_unfit

#: Seconds for which a copy that did not answer is not asked again, and for which one waits for it.
REST, PATIENCE = 30, 3
KEY = "tuntas_replica"


class Replica:
    """The engine of the copy, and until when it is left alone."""

    def __init__(self, url: str) -> None:
        # It is only read, also where it could be written to.
        options = {"connect_timeout": PATIENCE, "options": "-cdefault_transaction_read_only=on"}
        self.engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=options)
        refuse_unfit(self.engine)
        self.away_until = 0.0

    def answers(self) -> bool:
        if time.monotonic() < self.away_until:
            return False
        try:
            self.engine.connect().close()
        except OperationalError as error:
            self.away_until = time.monotonic() + REST
            reason = str(error.orig).strip().partition("\n")[0]
            current_app.logger.warning("DATABASE_READ_URL does not answer, the primary is read instead: %s", reason)
            return False
        return True


def read_from_replica(session: Session | None = None) -> None:
    """From now on ``session`` (the present one) reads from the copy, until it is put away."""
    url = current_app.config["DATABASE_READ_URL"]
    if not url:
        return
    replica: Replica = current_app.extensions.get(KEY) or current_app.extensions.setdefault(KEY, Replica(url))
    if replica.answers():
        reading: Session = session or db.session()
        reading.info[READS] = lambda clause: _engine(replica, reading, clause)


def _engine(replica: Replica, session: Any, clause: Any) -> Engine | None:
    writes = in_write_transaction() or session._flushing or isinstance(clause, UpdateBase)
    return None if writes else replica.engine
