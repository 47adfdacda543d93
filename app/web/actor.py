"""The actor behind a request."""

from __future__ import annotations

from flask import current_app, g

from app.services.core.access import Actor

#: The claim of a token that says before which log-out or change of password it was issued.
EPOCH = "epoch"
#: The claim of a session or token that says that a second factor was shown, besides the password or instead of it.
SECOND = "second_factor"


def current_actor() -> Actor:
    """The actor of this request: by session cookie, token or API key; nobody without one of them."""
    if "actor" not in g:
        scope = g.get("key_scope")
        user = current_app.appbuilder.sm.current_user  # type: ignore[attr-defined]
        g.actor = Actor.of(user, scope.sops if scope else None)
    return g.actor  # type: ignore[no-any-return]
