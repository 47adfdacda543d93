"""Secrets at rest: encrypted with a key that follows from ``SECRET_KEY``, so that a copy of the database alone does not
give them away."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

PURPOSE = b"tuntas: secrets in the database"


class Unreadable(Exception):
    """It was sealed under another ``SECRET_KEY``."""


def seal(secret: str) -> str:
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises ``Unreadable``."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _fernet() -> Fernet:
    secret = str(current_app.config["SECRET_KEY"]).encode()
    derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(secret)
    return Fernet(base64.urlsafe_b64encode(derived))
