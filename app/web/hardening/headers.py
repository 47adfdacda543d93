"""What every answer tells a browser of itself: what it may load and run, who may embed or open it."""

from __future__ import annotations

from flask import Flask, Response
from flask_talisman import Talisman

#: No script and no style but ours, neither in an element nor in an attribute; scripts of ours may set styles (CSSOM).
CSP = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": ["'self'", "data:"],
    "media-src": "'self'",
    "worker-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
#: What a page never asks a browser for, so that nothing that got into one could.
PERMISSIONS = dict.fromkeys(
    (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
        "microphone", "midi", "payment", "usb",
    ),
    "()",
)  # fmt: skip
#: No other site's page shares a process with ours, or has it, its pictures or its files among its own.
ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}


def register(app: Flask) -> None:
    Talisman(
        app,
        content_security_policy=CSP,
        content_security_policy_nonce_in=["script-src"],
        permissions_policy=PERMISSIONS,
        force_https=app.config["HTTPS"],
        strict_transport_security=app.config["HTTPS"],
        session_cookie_secure=app.config["HTTPS"],
        session_cookie_samesite="Lax",
        frame_options="SAMEORIGIN",
        referrer_policy="same-origin",
    )

    @app.after_request
    def keep_to_ourselves(answer: Response) -> Response:
        answer.headers.update(ISOLATION)
        return answer
