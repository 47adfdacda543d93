"""A line of the history as JSON: in the history of a case, and in the answer to a save that came too late."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.models import Event
from app.services.core import masking
from app.services.core.access import Actor
from app.workflow.declaration import Sop


def event(actor: Actor, sop: Sop, entry: Event) -> dict[str, Any]:
    """A line of the history."""
    masked = masking.masked(actor, sop)
    return {
        "at": moment(entry.at),
        "actor": person(entry.actor_name, masked),
        "account": person(entry.known_account, masked),
        "action": entry.action,
        "from": entry.from_state,
        "to": entry.to_state,
        "note": masking.note_of(actor, sop, entry),
        "changes": masking.changes_for(actor, sop, entry.changes),
        "documents": entry.documents,
        "hash": entry.hash,
    }


def person(name: str | None, masked: bool) -> str | None:
    """Who did something, by name or account; None for nobody."""
    return masking.mask(name) if masked and name else name


def moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
