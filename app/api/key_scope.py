"""What an API key may ask for, decided once for every resource: a key is asked for before anything of it runs."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from flask_babel import gettext as _

from app.services.accounts.keys import NOTHING, Scope, tell_refused
from app.services.audit.log import Subject
from app.services.core.errors import Forbidden
from app.web.hardening import SAFE


def check(scope: Scope, key: Subject) -> None:
    """Raises ``Forbidden`` for what is beyond the scope of a key. The cases themselves, and all that tells of them, are
    narrowed by ``Actor.limited_to``."""
    resource: Any = getattr(current_app.view_functions.get(request.endpoint or ""), "__self__", None)
    refusal = _refusal(scope, resource)
    if refusal:
        tell_refused(key, "scope")
        raise Forbidden(refusal)


def _refusal(scope: Scope, resource: Any) -> str | None:
    if scope == NOTHING or not getattr(resource, "for_keys", True):
        return str(_("An API key can't do this; sign in for it."))
    if not scope.writes and request.method not in SAFE:
        return str(_("This API key may only read."))
    if scope.sops is None:
        return None
    sop = getattr(resource, "sop", None)
    # What does not say that it tells of some SOPs alone, tells of all.
    if sop.key not in scope.sops if sop else not getattr(resource, "narrows", False):
        return str(_("This API key is not for this; it is for certain SOPs."))
    return None
