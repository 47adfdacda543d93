"""Signing in by way of a provider of OpenID Connect: authorization code with PKCE, by Authlib.

Where Authlib trusts what the provider says of itself, we hold it to the settings: whose the ID token is, for whom, and
signed by which kind of key.
"""

from __future__ import annotations

from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask_appbuilder import BaseView, expose, has_access
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.utils.limit import Limit
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_limiter.util import get_remote_address
from joserfc.errors import JoseError

from app.models.people import OIDC
from app.panel.account import second_step
from app.panel.account.arrival import arrived
from app.services.accounts import entrance
from app.services.accounts.directories.person import Person, mapped
from app.services.accounts.factors import enrolled
from app.services.core.errors import Refused, Unavailable
from app.web.pages import Access
from app.web.recent import is_lately, mark_recent
from app.web.signing_in import HOME, page_within
from directory_settings import Oidc

#: Kinds of signatures that only the provider can make; what it says it can is narrowed to them.
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: Seconds to wait for the provider.
PATIENCE = 10
#: In the session: the page that was wanted.
WANTED = "oidc_wanted"
#: What Authlib keeps in the session for each attempt begins so.
ATTEMPT = f"_state_{OIDC}_"
CLIENT = "tuntas_oidc"
FAILED = _l("Signing in with %(name)s did not succeed. Please try again.")


class OidcView(BaseView):
    route_base = "/login/oidc"
    default_view = "begin"
    limits = [Limit(lambda: str(current_app.config["AUTH_RATE_LIMIT"]), get_remote_address)]

    @expose("/", methods=["GET"])
    @no_cache
    def begin(self) -> Any:
        """On to the provider."""
        wanted = page_within(request.args.get("next"))
        if g.user is not None and g.user.is_authenticated:
            return redirect(wanted)
        return _begun(wanted)

    @expose("/again", methods=["GET"])
    @has_access
    @no_cache
    def again(self) -> Any:
        """The same for who is signed in and has to show once more who they are."""
        if g.user.origin != OIDC:
            abort(404)
        return _begun(page_within(request.args.get("next")), prompt="login", max_age="0")

    @expose("/callback", methods=["GET"])
    @no_cache
    def callback(self) -> Any:
        """Back from the provider, with a code for the token."""
        wanted = page_within(session.pop(WANTED, HOME))
        signed_in = g.user is not None and g.user.is_authenticated
        try:
            said = _said()
            if signed_in:
                return _confirmed(said, wanted)
            user = entrance.admit_person(described(_settings(), said), "oidc")
        except Refused as refusal:
            return _not_in(refusal, refusal.message)
        except (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError) as error:
            return _not_in(error)
        finally:
            _forget_attempts()
        if enrolled.has_any(user.id):
            return second_step.begin(user, wanted)
        return arrived(user, wanted)


def register(app: Flask) -> None:
    """The client is there where the settings name a provider; it is asked for its addresses when first needed."""
    settings: Oidc | None = app.config["OIDC"]
    if settings is None:
        return
    app.extensions[CLIENT] = OAuth(app).register(
        OIDC,
        overwrite=True,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email", "code_challenge_method": "S256", "default_timeout": PATIENCE,
        },
    )  # fmt: skip


def _settings() -> Oidc:
    settings: Oidc | None = current_app.config["OIDC"]
    return settings or abort(404)


def _client() -> Any:
    """Raises ``Unavailable`` where the provider calls itself something else than the settings do."""
    settings = _settings()
    client = current_app.extensions[CLIENT]
    said = client.load_server_metadata()
    if said.get("issuer") != settings.issuer:
        current_app.logger.warning("OIDC_ISSUER is %s, but the provider calls itself otherwise", settings.issuer)
        raise Unavailable(_("Signing in with %(name)s is not set up as it should be.", name=settings.label))
    able = said.get("id_token_signing_alg_values_supported") or ["RS256"]
    said["id_token_signing_alg_values_supported"] = [one for one in able if one in SIGNATURES]
    return client


def _way_back() -> str:
    return str(current_app.config["PUBLIC_URL"] + url_for("OidcView.callback"))


def _begun(wanted: str, **asked: str) -> Any:
    _forget_attempts()
    session[WANTED] = wanted
    try:
        return _client().authorize_redirect(_way_back(), **asked)
    except (AuthlibBaseError, requests.RequestException, ValueError, Refused) as error:
        return _not_in(error)


def _said() -> dict[str, Any]:
    """The claims of the ID token, checked."""
    settings, client = _settings(), _client()
    # Authlib itself compares neither: the audience not at all, the issuer with what the provider said.
    held_to = {
        "iss": {"essential": True, "value": settings.issuer},
        "aud": {"essential": True, "value": settings.client_id},
    }
    said = client.authorize_access_token(claims_options=held_to).get("userinfo")
    if not said:
        raise ValueError("there is no ID token")
    return dict(said)


def _confirmed(said: dict[str, Any], wanted: str) -> Any:
    """Back to the page, for who is signed in and has just shown it to the provider as well."""
    at, mine = said.get("auth_time"), (g.user.origin, g.user.origin_key) == (OIDC, said["sub"])
    if not mine or not isinstance(at, int | float) or not is_lately(at):
        flash(_("You were not signed in anew as the same person. Please try again."), "warning")
        return redirect(HOME)
    mark_recent(g.user)
    return redirect(wanted)


def described(settings: Oidc, said: dict[str, Any]) -> Person:
    """The person of an ID token that was checked. Groups come as a list or as words; an address counts only where the
    provider does not say that it is unchecked."""
    groups = said.get(settings.claim)
    words = groups.split() if isinstance(groups, str) else groups if isinstance(groups, list) else []
    names = (_text(said, "given_name"), _text(said, "family_name"), _text(said, "name"))
    email = _text(said, "email") if said.get("email_verified", True) is True else ""
    username = _text(said, "preferred_username") or email or _text(said, "sub")
    roles = mapped([one for one in words if isinstance(one, str)], settings.groups)
    return Person.of(OIDC, _text(said, "sub"), username, names, email, roles)


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _forget_attempts() -> None:
    """Only the newest attempt counts: each takes room in the cookie."""
    for key in [key for key in session if key.startswith(ATTEMPT)]:
        session.pop(key)


def _not_in(error: Exception, message: str = "") -> Any:
    """Back to the form, with a sentence; why, stands in the log."""
    current_app.logger.warning("Sign-in by OpenID Connect: %r", error)
    flash(message or str(FAILED) % {"name": _settings().label}, "warning")
    return redirect(url_for("AuthDBView.login"))


ACCESS = Access(OidcView, None)
