"""What every request passes: known hosts, bounded bodies, CSRF, security headers, a write lock for what will write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from app.extensions import csrf
from app.services.core.database import expect_writes
from app.web.hardening import arguments, bodies, headers, hosts
from app.web.hardening.proxies import TrustedProxies

View = TypeVar("View", bound=Callable[..., Any])
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: The header of requests that a page sends by itself, without its user.
UNATTENDED = "X-Unattended"


def locks_by_itself(view: View) -> View:
    """Marks a method that stands in for one of Flask-AppBuilder's, but writes in a ``write_transaction``, as all of our
    own do: others write while it reads. Nearest to the function, below what wraps it."""
    view.locks_by_itself = True  # type: ignore[attr-defined]
    return view


class Sessions(SecureCookieSessionInterface):
    """A page that polls for news by itself does not keep a forgotten session alive. Nor does a file of the design: one
    that still travels while somebody changes the language or signs out would bring back the session of before."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        if (request.endpoint or "").rpartition(".")[2] == "static":
            return False
        return session.modified or (UNATTENDED not in request.headers and super().should_set_cookie(app, session))


def register(app: Flask) -> None:
    app.session_interface = Sessions()
    hosts.register(app)
    # CSRF reads the form, so what is too large for a stranger is refused before.
    bodies.register(app)
    arguments.register(app)
    csrf.init_app(app)
    headers.register(app)
    app.wsgi_app = TrustedProxies(app.wsgi_app, app.config["TRUSTED_PROXIES"])  # type: ignore[method-assign]

    @app.before_request
    def lock_for_writes() -> None:
        bodies.take_in()
        view = app.view_functions.get(request.endpoint or "")
        expect_writes(request.method not in SAFE and _writes_without_transaction(view))

    @app.teardown_request
    def no_more_writes(error: BaseException | None) -> None:
        expect_writes(False)


def _writes_without_transaction(view: Any) -> bool:
    """What Flask-AppBuilder wrote itself, or a method of ours in its place: it reads first and writes later, so on
    SQLite it has to begin as a writer. All of our own take the lock by ``write_transaction``, once they have read."""
    if getattr(view, "locks_by_itself", False):
        return False
    bases = type(getattr(view, "__self__", None)).__mro__
    return any(view.__name__ in vars(base) for base in bases if base.__module__.startswith("flask_appbuilder"))
