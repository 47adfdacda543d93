"""What all resources share."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Response, abort, jsonify, make_response
from flask_appbuilder.api import BaseApi


class Resource(BaseApi):
    """A resource for programs and for our own pages: a token, an API key, or the panel's cookie (see ``guard``).

    Whatever is refused is told by ``app.problems``, as everywhere; so Flask-AppBuilder's ``@safe``, which turns every
    refusal into an error of ours, stands before none of our methods.
    """

    allow_browser_login = True

    def response_401(self) -> NoReturn:
        abort(401)

    def response_403(self) -> NoReturn:
        abort(403)


def answer(told: Any, status: int = 200) -> Response:
    """JSON of any shape; nobody on the way keeps it."""
    response = make_response(jsonify(told), status)
    response.cache_control.private = True
    response.cache_control.no_store = True
    return response
