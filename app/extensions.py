"""Extensions, made once here and bound to the app in ``create_app``."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.models.sqla.base import SQLA
from flask_migrate import Migrate
from flask_sqlalchemy.session import Session as BaseSession
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Connection, Engine

#: Under this name a session's ``info`` may have a function from a statement to the engine that it is read from.
READS = "reads"


class Session(BaseSession):
    """Flask-SQLAlchemy's, which may read from another database than it writes to (``services/core/replica.py``)."""

    def get_bind(
        self, mapper: Any = None, clause: Any = None, bind: Any = None, **more: Any
    ) -> Engine | Connection:  # fmt: skip
        elsewhere = self.info.get(READS)
        engine = elsewhere(clause) if elsewhere and bind is None else None
        return engine or super().get_bind(mapper, clause, bind, **more)


db = SQLA(session_options={"class_": Session})
csrf = CSRFProtect()
migrate = Migrate()
