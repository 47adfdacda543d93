"""Showing once more who one is, before what an open session alone must not do.

Views call ``require_recent_sign_in()`` (``web/recent.py``) or wear ``@recently_signed_in``. Who has not shown it in the
last ten minutes is asked here and goes on where they were: after a page they come back to it, and what they had sent is
sent again along with the password, except files and passwords.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, g, make_response, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.extensions import db
from app.models.people import OIDC
from app.web.hardening import SAFE, locks_by_itself
from app.web.pages import Access, everyone
from app.web.problems import refused
from app.web.recent import FIELD, NotRecent, confirmed_by, require_recent_sign_in
from app.web.signing_in import page_within

View = TypeVar("View", bound=Callable[..., Any])
#: Fields that are not sent back to the browser, by a part of their name.
SECRET = ("password", "csrf_token")


def recently_signed_in(view: View) -> View:
    """For a view of the panel, below ``@has_access``."""

    @wraps(view)
    def guarded(*arguments: Any, **more: Any) -> Any:
        require_recent_sign_in()
        return view(*arguments, **more)

    return guarded  # type: ignore[return-value]


class ConfirmView(BaseView):
    route_base = "/confirm"
    default_view = "ask"

    @expose("/", methods=["GET"])
    @has_access
    def ask(self) -> Response:
        return _page(page_within(request.args.get("next")), status=200)

    @expose("/", methods=["POST"])
    @has_access
    @locks_by_itself
    def check(self) -> Response:
        """Back to the page for which it was asked (``next``)."""
        wanted = page_within(request.form.get("next"))
        if confirmed_by(request.form.get(FIELD, "")):
            return redirect(wanted, 303)
        return _page(wanted, status=200, wrong=True)


ACCESS = Access(ConfirmView, everyone)


def register(app: Flask) -> None:
    app.register_error_handler(NotRecent, _ask_first)


def _ask_first(error: NotRecent) -> Any:
    db.session.rollback()
    if request.path.startswith("/api/") or request.is_json:
        return refused(error)
    if request.method in SAFE or request.files:
        wanted = request.full_path.rstrip("?") if request.method in SAFE else page_within(request.referrer)
        return redirect(url_for("ConfirmView.ask", next=wanted), 303)
    return _page(request.full_path.rstrip("?"), error.status, again=list(_sent()), wrong=error.wrong)


def _page(wanted: str, status: int, again: Any = None, wrong: bool = False) -> Response:
    """``again``: what was sent to ``wanted``, to be sent there once more; None: ``wanted`` is a page to go to."""
    provider = current_app.config["OIDC"] if g.user.origin == OIDC else None
    page = render_template(
        "panel/account/confirm.html", title=_("Confirm that it is you"), wanted=wanted, again=again, wrong=wrong,
        field=FIELD, provider=provider and provider.label,
    )  # fmt: skip
    return make_response(page, status)


def _sent() -> Iterator[tuple[str, str]]:
    for name, value in request.form.items(multi=True):
        if not any(part in name for part in SECRET):
            yield name, value
