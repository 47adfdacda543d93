"""Cases by the beginning of a phone or an ID, while it is still being typed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, select

from app.extensions import db
from app.services.core.access import Actor, visible_cases
from app.services.search import tokens
from app.services.search.search import LAST, first_seen
from app.services.search.tables import KEYS
from app.workflow.declaration import Sop

#: Fewer digits begin too many numbers.
LEAST_DIGITS = 4
#: How many keys are looked at.
LOOKED_AT = 500
#: How numbers of this country are kept, which people begin with a nought.
AT_HOME, ABROAD = "0", "62"


def beginning_with(actor: Actor, sops: Iterable[Sop], typed: str, limit: int) -> list[int]:
    """Ids of cases of ``sops`` that ``actor`` sees, the newest first; nothing for words."""
    key = tokens.compact(typed)
    if sum(c.isdigit() for c in key) < LEAST_DIGITS:
        return []
    keys = {key, ABROAD + key.lstrip(AT_HOME) if key.startswith(AT_HOME) else key}
    begun = or_(*(KEYS.c.key.between(one, one + LAST) for one in keys))
    ids = db.session.scalars(select(KEYS.c.case_id).where(begun, KEYS.c.field != tokens.NUMBER).limit(LOOKED_AT))
    return first_seen(sorted(set(ids), reverse=True), visible_cases(actor, sops), limit)
