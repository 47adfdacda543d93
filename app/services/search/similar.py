"""Finds open reports that may be about the same matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select, union_all

from app.extensions import db
from app.models import Case
from app.services.core.access import Actor, visible_cases
from app.services.core.veiled import listed_for
from app.services.search import tokens
from app.services.search.search import first_seen
from app.services.search.tables import KEYS
from app.sop import SOPS
from app.workflow.declaration import Sop

#: Nobody reads more; whoever needs all of them searches.
LIMIT = 20
#: Cases that are looked at for them: an address may be no more than the name of a town.
LOOKED_AT = 2_000


@dataclass(frozen=True)
class Similar:
    """``reasons``: labels of the fields in which ``case`` agrees with the given values; masked where its reader gets it
    masked."""

    case: Case
    reasons: tuple[str, ...]


def similar(actor: Actor, sop: Sop, values: Mapping[str, Any], case: Case | None = None) -> list[Similar]:
    """Open cases of ``sop``'s family that ``actor`` sees and that agree with ``values`` in one of ``sop.similar``.

    Closed ones count as well where the SOP says so. ``values``: by field key, as typed or as read; what is not among
    them is taken from ``case``, which itself is left out of the answer. Most agreements first, then newest; at most
    ``LIMIT``.
    """
    agreed: dict[int, list[str]] = {}
    keys = {name: tokens.key_of(sop.fields[name], values.get(name, getattr(case, name, None))) for name in sop.similar}
    for name, ids in _agreeing(actor, sop, {name: key for name, key in keys.items() if key}, case).items():
        for pk in ids:
            agreed.setdefault(pk, []).append(str(sop.fields[name].label))
    if not agreed:
        return []
    best = sorted(agreed, key=lambda pk: (-len(agreed[pk]), -pk))[:LIMIT]
    found = {c.id: c for c in db.session.scalars(select(Case).where(Case.id.in_(best))).unique()}
    return [Similar(listed_for(actor, found[pk]), tuple(agreed[pk])) for pk in best]


def family(sop: Sop) -> list[Sop]:
    """``sop`` and every other one whose reports can be of the same matter."""
    return [other for other in SOPS.values() if other.key == sop.key or (sop.similar and other.similar == sop.similar)]


def _agreeing(actor: Actor, sop: Sop, keys: Mapping[str, str], case: Case | None) -> dict[str, list[int]]:
    """By field, the ids of the cases with the same key in it, newest first. The index holds the keys of open cases side
    by side, so closed ones cost nothing where they do not count."""
    visible = and_(visible_cases(actor, family(sop)), Case.voided_at.is_(None))
    if not sop.reopens:
        visible = and_(visible, Case.closed_at.is_(None))
    parts = []
    for name, key in keys.items():
        keyed = select(KEYS.c.field, KEYS.c.case_id).where(KEYS.c.key == key, KEYS.c.field == name)
        keyed = keyed if sop.reopens else keyed.where(KEYS.c.is_open)
        parts.append(select(keyed.order_by(KEYS.c.case_id.desc()).limit(LOOKED_AT).subquery()))
    ids: dict[str, list[int]] = {}
    for name, pk in db.session.execute(union_all(*parts)).tuples() if parts else ():
        if case is None or pk != case.id:
            ids.setdefault(name, []).append(pk)
    return {name: first_seen(sorted(ids[name], reverse=True), visible, LIMIT) for name in keys if name in ids}
