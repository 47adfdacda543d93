"""The dialect in which somebody gets their CSV files, kept with the user."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import update

from app.models import User
from app.services.core.access import Actor
from app.services.core.database import write_transaction
from app.services.core.errors import Malformed
from app.services.tables.dialects import DIALECTS


def choose(actor: Actor, key: str) -> None:
    """``actor``'s files are written so from now on. Raises ``Malformed`` for a dialect that there is not."""
    if key not in DIALECTS:
        raise Malformed(_("There is no such CSV format."))
    with write_transaction() as session:
        session.execute(update(User).where(User.id == actor.id).values(csv_dialect=key))
