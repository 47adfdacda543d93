"""Names of people, as a reader tells them apart."""

from __future__ import annotations

import unicodedata

from sqlalchemy import select

from app.extensions import db
from app.models import User


def looks_taken(first: str, last: str, user_id: int) -> bool:
    """Whether another active user's name reads like this one, unless ``user_id`` has it already."""
    wanted = _read(first, last)
    active = db.session.execute(select(User.id, User.first_name, User.last_name).where(User.active))
    named = {pk: _read(*name) for pk, *name in active}
    return named.pop(user_id, None) != wanted and wanted in named.values()


def _read(first: str | None, last: str | None) -> str:
    """Without what no reader sees: capitals, widths of letters and blanks, characters that show nothing."""
    seen = unicodedata.normalize("NFKC", f"{first or ''} {last or ''}")
    return " ".join("".join(one for one in seen if unicodedata.category(one) != "Cf").casefold().split())
