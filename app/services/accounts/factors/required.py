"""The roles whose people must have a second factor (``SECOND_FACTOR_ROLES``)."""

from __future__ import annotations

from collections.abc import Collection

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.services.core.access import Actor
from environment import WrongSetting

SENTENCE = _l("Your role needs a second factor. Sign in to the panel and set one up first.")


def roles() -> frozenset[str]:
    found: frozenset[str] = current_app.config["SECOND_FACTOR_ROLES"]
    return found


def of(actor: Actor) -> bool:
    """Whether one of the actor's roles wants one."""
    return bool(actor.roles & roles())


def check(wanted: Collection[str], declared: Collection[str]) -> None:
    """Raises ``WrongSetting`` for a role that nobody can have."""
    if unknown := sorted(set(wanted) - set(declared)):
        raise WrongSetting(
            f"SECOND_FACTOR_ROLES: there is no role {', '.join(f'“{name}”' for name in unknown)}, "
            f"only {', '.join(sorted(declared))}"
        )
