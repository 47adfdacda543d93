"""A provider of OpenID Connect in a thread: metadata, keys, a page of signing in, tokens by code with PKCE. It can be
told to lie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from waitress.server import create_server

CLIENT, SECRET = "tuntas", "rahasia penyedia"
PAGE = """<!doctype html><html lang="id"><title>Penyedia</title><main><h1>Penyedia</h1><form method="post">
<label>Nama <input name="name"></label><button>Masuk</button></form></main></html>"""


class Provider:
    """``people``: the claims of each by the name that is typed on its page; ``lie``: what is put over the claims of a
    token, ``header`` over its header; ``key``: with what it signs; ``calls_itself``: in its metadata, if not by its
    address; ``asked``: the questions with which people were led here."""

    def __init__(self) -> None:
        self.published = RSAKey.generate_key(2048, {"kid": "satu", "use": "sig", "alg": "RS256"})
        self.key, self.lie, self.header = self.published, dict[str, Any](), dict[str, str]()
        self.calls_itself, self.algorithms, self.without_token = "", ["RS256"], False
        self.asked: list[dict[str, str]] = []
        self.people: dict[str, dict[str, Any]] = {}
        self._codes: dict[str, dict[str, Any]] = {}
        self._server: Any = create_server(self._app(), host="127.0.0.1", port=0, threads=4)
        self.url = f"http://127.0.0.1:{self._server.effective_port}"
        threading.Thread(target=self._server.run, daemon=True).start()

    def knows(self, name: str, *groups: str, **more: Any) -> None:
        self.people[name] = {
            "sub": f"id-{name}", "preferred_username": name, "given_name": name.title(), "family_name": "Luar",
            "email": f"{name}@luar.example", "groups": list(groups),
        } | more  # fmt: skip

    def settings(self, public_url: str, **more: str) -> dict[str, str]:
        """As the environment has them."""
        return {
            "OIDC_ISSUER": self.url,
            "OIDC_CLIENT_ID": CLIENT,
            "OIDC_CLIENT_SECRET": SECRET,
            "OIDC_ROLES": "groups: /pelayanan=CS; /admin=Admin; hukum=Legal Litigasi 1",
            "OIDC_LABEL": "Akun Terang",
            "PUBLIC_URL": public_url,
        } | more

    def close(self) -> None:
        self._server.close()

    def allowed(self, question: dict[str, str], name: str) -> str:
        """The address to which the browser of ``name`` is led back."""
        code = secrets.token_urlsafe(8)
        self._codes[code] = question | {"name": name}
        return f"{question['redirect_uri']}?{urlencode({'code': code, 'state': question['state']})}"

    def _app(self) -> Flask:
        app = Flask("provider")
        app.add_url_rule("/.well-known/openid-configuration", view_func=self._metadata)
        app.add_url_rule("/keys", view_func=self._keys)
        app.add_url_rule("/authorize", view_func=self._authorize, methods=["GET", "POST"])
        app.add_url_rule("/token", view_func=self._token, methods=["POST"])
        return app

    def _metadata(self) -> Response:
        return jsonify(
            issuer=self.calls_itself or self.url, authorization_endpoint=f"{self.url}/authorize",
            token_endpoint=f"{self.url}/token", jwks_uri=f"{self.url}/keys",
            id_token_signing_alg_values_supported=self.algorithms,
        )  # fmt: skip

    def _keys(self) -> Response:
        return jsonify(keys=[self.published.as_dict(private=False)])

    def _authorize(self) -> Any:
        question = request.args.to_dict()
        if request.method == "GET":
            self.asked.append(question)
            return PAGE
        return redirect(self.allowed(question, request.form["name"]))

    def _token(self) -> Any:
        sent, client = request.form, request.authorization
        known = self._codes.pop(sent["code"], None)
        verifier = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=")
        assert known is not None, "a code is good once"
        assert client is not None
        assert (client.username, client.password) == (CLIENT, SECRET)
        assert known["code_challenge_method"] == "S256"
        assert known["code_challenge"] == verifier.decode()
        assert sent["redirect_uri"] == known["redirect_uri"]
        answer = {"access_token": "x", "token_type": "Bearer", "expires_in": 60}
        return answer if self.without_token else answer | {"id_token": self._signed(known)}

    def _signed(self, known: dict[str, Any]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": known["nonce"], "auth_time": now,
        }  # fmt: skip
        header = {"alg": "RS256", "kid": "satu"} | self.header
        said = claims | self.people[known["name"]] | self.lie
        return jwt.encode(
            header, {k: v for k, v in said.items() if v is not None}, self.key, algorithms=[header["alg"]]
        )

    def _forged(self, header: dict[str, str], told: dict[str, Any]) -> str:
        """Signed with the public key as if it were a secret, which joserfc refuses to do."""
        parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in (header, told)]
        seal = hmac.digest(self.published.as_pem(private=False), b".".join(parts), "sha256")
        return b".".join([*parts, base64.urlsafe_b64encode(seal).rstrip(b"=")]).decode()


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()
    try:
        yield provider
    finally:
        provider.close()
