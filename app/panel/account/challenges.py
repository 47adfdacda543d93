"""Challenges that passkeys answer, kept in the cookie between question and answer; and who we are to a browser."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import webauthn
from flask import Response, current_app, request, session
from webauthn.helpers import bytes_to_base64url

from app.services.accounts.factors.passkeys import VALID, RelyingParty
from app.services.core import clock

#: In the session: for what, the challenge, until when (seconds since 1970).
KEY = "challenge"


def relying_party() -> RelyingParty | None:
    """By the settings' address of the site, else by the host that was asked, which no untrusted proxy has named. None
    for an address without a name, which browsers give no passkeys."""
    parts = urlsplit(current_app.config["PUBLIC_URL"] or request.host_url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return RelyingParty(host, f"{parts.scheme}://{parts.netloc.lower()}") if host else None
    return None


def asked(purpose: str, options: str, challenge: bytes) -> Response:
    """The question as JSON; its challenge is remembered for this purpose alone."""
    until = int((clock.now() + VALID).timestamp())
    session[KEY] = [purpose, bytes_to_base64url(challenge), until]
    answer = Response(options, content_type="application/json")
    answer.cache_control.no_store = True
    return answer


def taken(purpose: str) -> bytes | None:
    """The challenge that was asked for this purpose, which is forgotten with that; None for none, or one too old."""
    known = session.pop(KEY, None)
    if not isinstance(known, list) or len(known) != 3 or known[0] != purpose:
        return None
    return webauthn.base64url_to_bytes(known[1]) if known[2] > clock.now().timestamp() else None
