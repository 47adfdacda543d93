"""Who handles what people ask about their personal data: the roles that the settings name."""

from __future__ import annotations

from flask import current_app, has_app_context

from app.services.core.access import ADMIN, Actor
from app.sop.common import SUPERVISOR

#: Unless the settings name others; also for who asks before there is an application.
USUAL = (ADMIN, SUPERVISOR)


def privacy_officers() -> frozenset[str]:
    return frozenset(current_app.config["PRIVACY_OFFICERS"] if has_app_context() else USUAL)


def is_privacy_officer(actor: Actor) -> bool:
    return bool(actor.roles & privacy_officers())
