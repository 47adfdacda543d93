"""Signing in for programs: a token for name and password, its renewal, and refusals in words."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, jsonify, make_response
from flask_appbuilder.api import expose
from flask_appbuilder.security.api import SecurityApi
from flask_appbuilder.utils.limit import Limit
from flask_babel import gettext as _
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jwt,
    get_jwt_identity,
    jwt_required,
)
from flask_limiter.util import get_remote_address

from app.api.cases.body import json_object
from app.api.spec import documented
from app.services.accounts import entrance
from app.services.accounts.factors import checking, enrolled
from app.services.core.access import Actor
from app.services.core.errors import Forbidden, Malformed
from app.web.actor import SECOND
from app.web.hardening import locks_by_itself
from app.web.problems import as_json
from app.web.second_factor import refuse_without

#: The only provider: the system's own users.
PROVIDER = "db"
TOKEN = {"type": "object", "properties": {"access_token": {"type": "string"}, "refresh_token": {"type": "string"}}}
JSON_TOKEN = {"application/json": {"schema": TOKEN}}
CREDENTIALS = {
    "type": "object",
    "required": ["username", "password"],
    "properties": {
        "username": {"type": "string"},
        "password": {"type": "string"},
        "provider": {"type": "string", "enum": [PROVIDER]},
        "refresh": {"type": "boolean"},
        "otp": {
            "type": "string",
            "description": "Code of an authenticator app, or a recovery code, of who has a second factor.",
        },
    },
}


class TokenApi(SecurityApi):
    """Flask-AppBuilder's sign-in, but it refuses as every resource does and ``provider`` may be left out."""

    limits = [Limit(lambda: str(current_app.config["AUTH_RATE_LIMIT"]), get_remote_address, methods=("POST",))]
    openapi_spec_methods = {
        "login": {"post": {"requestBody": {"required": True, "content": {"application/json": {"schema": CREDENTIALS}}}}}
    }

    @expose("/login", methods=["POST"])
    @documented("post", JSON_TOKEN, 400, 403, 415, 429, 503)
    @locks_by_itself
    def login(self) -> Response:
        """A token for name and password, and for a code (``otp``) of who has a second factor."""
        sent = json_object()
        name, password = sent.get("username"), sent.get("password")
        if not (isinstance(name, str) and name and isinstance(password, str) and password):
            raise Malformed(_("Send “username” and “password”."))
        if sent.get("provider", PROVIDER) != PROVIDER:
            raise Malformed(_("The provider can only be “%(provider)s”.", provider=PROVIDER))
        user = entrance.admit(name, password, "api")
        if user is None:
            return _unauthorized(_("The user name or the password is wrong."))
        user_id, ways = user.id, enrolled.ways(user.id)
        if ways and (refusal := _second_step(user, sent.get("otp"), ways)):
            return refusal
        if user.one_time_until is not None:
            raise Forbidden(_("This is a one-time password. Sign in to the panel and choose one of your own first."))
        refuse_without(user, shown=bool(ways))
        shown = {SECOND: bool(ways)}
        tokens = {"access_token": create_access_token(identity=str(user_id), fresh=True, additional_claims=shown)}
        if sent.get("refresh"):
            tokens["refresh_token"] = create_refresh_token(identity=str(user_id), additional_claims=shown)
        response: Response = self.response(200, **tokens)
        return response

    @expose("/refresh", methods=["POST"])
    @jwt_required(refresh=True)
    @documented("post", JSON_TOKEN, 429)
    def refresh(self) -> Response:
        """A new token for a refresh token."""
        shown = {SECOND: bool(get_jwt().get(SECOND))}
        token = create_access_token(identity=get_jwt_identity(), fresh=False, additional_claims=shown)
        response: Response = self.response(200, access_token=token)
        return response


def _second_step(user: Any, code: Any, ways: list[str]) -> Response | None:
    """The refusal of somebody who has a second factor and has not shown it; ``code``: as it was sent."""
    user_id = user.id
    if code is not None and not isinstance(code, str):
        raise Malformed(_("“otp” is a code, in quotes."))
    message = _("Send the code of your second factor as “otp” too. Programs use an API key.")
    if code:
        second = checking.check(Actor.of(user), code[:100], "api")
        if second is not None:
            entrance.complete(user_id, "api", second)
            return None
        message = _("This code is wrong, or was used already.")
    return make_response(jsonify(as_json(message) | {"second_factor": ways}), 401)


def refuse_in_words(manager: JWTManager) -> None:
    """Every way in which a token can be wrong is one answer: 401, with a sentence."""
    manager.unauthorized_loader(lambda reason: _unauthorized(_("Please sign in first.")))
    manager.invalid_token_loader(lambda reason: _unauthorized(_("The token is not valid. Please sign in again.")))
    for loader in (
        manager.expired_token_loader,
        manager.revoked_token_loader,
        manager.needs_fresh_token_loader,
        manager.user_lookup_error_loader,
        manager.token_verification_failed_loader,
    ):
        loader(lambda header, data: _unauthorized(_("The token has expired. Please sign in again.")))


def _unauthorized(message: str) -> Response:
    return make_response(jsonify(as_json(message)), 401)
