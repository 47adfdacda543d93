"""Who handles what people ask about their personal data: the roles that the settings name."""

from __future__ import annotations

from flask import current_app

from app.services.core.access import Actor


def privacy_officers() -> frozenset[str]:
    return frozenset(current_app.config["PRIVACY_OFFICERS"])


def is_privacy_officer(actor: Actor) -> bool:
    return bool(actor.roles & privacy_officers())
