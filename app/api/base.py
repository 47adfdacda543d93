"""The base class of all REST resources, and how they answer."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Response, abort, jsonify, make_response
from flask_appbuilder.api import BaseApi


class Resource(BaseApi):
    """A resource for programs and for our own pages: a token, an API key, or the panel's cookie (see ``guard``).

    Refusals are answered by ``app.web.problems``, as everywhere; so none of our methods has Flask-AppBuilder's
    ``@safe``, which turns every refusal into a server error.
    """

    allow_browser_login = True
    #: Whether programs with an API key come here at all, and whether it tells a key for certain SOPs of them alone
    #: (``key_scope``).
    for_keys, narrows = True, False

    def response_401(self) -> NoReturn:
        abort(401)

    def response_403(self) -> NoReturn:
        abort(403)


def answer(body: Any, status: int = 200) -> Response:
    """JSON of any shape, not to be kept by a cache."""
    response = make_response(jsonify(body), status)
    response.cache_control.private = True
    response.cache_control.no_store = True
    return response
