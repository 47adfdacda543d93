"""The columns of a list of cases that somebody has chosen for themselves."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import ListColumns
from app.services.core.access import Actor, reads
from app.services.core.database import write_transaction
from app.services.core.errors import Conflict, NotVisible
from app.sop import SOPS
from app.workflow.declaration import Sop


def chosen(actor: Actor, sop: Sop) -> list[str] | None:
    """The keys that ``actor`` has chosen for the list of ``sop``; None: they have chosen nothing."""
    mine = (ListColumns.user_id == actor.id, ListColumns.sop == sop.key)
    kept: list[str] | None = db.session.scalar(select(ListColumns.shown).where(*mine))
    return kept


def choose(actor: Actor, sop_key: str, keys: Iterable[str], offered: Collection[str]) -> None:
    """From now on ``actor`` sees these of the ``offered`` columns; what is not offered is left out."""
    _known(actor, sop_key)
    wanted = [key for key in offered if key in set(keys)]
    try:
        with write_transaction() as session:
            row = session.scalars(
                select(ListColumns).where(ListColumns.user_id == actor.id, ListColumns.sop == sop_key)
            ).one_or_none()
            if row is None:
                session.add(ListColumns(user_id=actor.id, sop=sop_key, shown=wanted))
            else:
                row.shown = wanted
    except IntegrityError as error:
        raise Conflict(_("Somebody else has just done this.")) from error


def forget(actor: Actor, sop_key: str) -> None:
    """The list of the SOP is again as it is for everybody."""
    _known(actor, sop_key)
    with write_transaction() as session:
        session.execute(delete(ListColumns).where(ListColumns.user_id == actor.id, ListColumns.sop == sop_key))


def _known(actor: Actor, sop_key: str) -> None:
    sop = SOPS.get(sop_key)
    if sop is None or actor.id is None or not reads(actor, sop):
        raise NotVisible(_("There is no such SOP."))
