"""Who isn't signed in is asked to, and comes back to the page that they wanted."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

HOME = "/"
SAFE = frozenset({"GET", "HEAD"})


def register(app: Flask) -> None:
    app.before_request(asked_to_sign_in)


def asked_to_sign_in() -> Response | None:
    """The way to the form of signing in, for a page that needs it; Flask-AppBuilder's own would say that access is
    denied. Who sent something comes back to the page from which it was sent."""
    if not _needs_signing_in() or current_user.is_authenticated:
        return None
    wanted = request.full_path.rstrip("?") if request.method in SAFE else page_within(request.referrer)
    return redirect(url_for("AuthDBView.login", next=wanted))


def page_within(address: str | None) -> str:
    """The path and query of a page of ours, given absolute or relative; the first page for anything else, so that no
    link leads by way of our form to somebody else's site."""
    address = address or HOME
    if any(unicodedata.category(one).startswith("C") for one in address) or "\\" in address:
        return HOME
    try:
        parts = urlsplit(address)
    except ValueError:
        return HOME
    ours = (parts.scheme, parts.netloc) in (("", ""), ("http", request.host), ("https", request.host))
    if not ours or address.startswith("//") or not parts.path.startswith("/") or parts.path.startswith("//"):
        return HOME
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _needs_signing_in() -> bool:
    """Flask-AppBuilder marks what asks for a right. Programs get their answer from the API itself."""
    view = current_app.view_functions.get(request.endpoint or "")
    return hasattr(view, "_permission_name") and not request.path.startswith("/api/")
