"""A key that never leaves its token: PKCS#11 by python-pkcs11, an extra (``pip install tuntas[pkcs11]``)."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any
from urllib.parse import unquote

#: How the address of a key in a token begins (RFC 7512).
SCHEME = "pkcs11:"
#: DER before the 32 bytes of an Ed25519 point, as a token tells it.
OCTETS = b"\x04\x20"


class NoKey(Exception):
    """There is none that signs; the message says why."""


class TokenKey:
    """Of one process; a session of a token serves one thread at a time."""

    def __init__(self, session: Any, private: Any, public: bytes, mechanism: Any) -> None:
        self._session, self._private, self._mechanism = session, private, mechanism
        self._public, self._turn = public, threading.Lock()

    @classmethod
    def of(cls, address: str) -> TokenKey:
        """The key at ``pkcs11:token=…;object=…?module-path=…&pin-source=…`` (RFC 7512). Raises ``NoKey``."""
        try:
            import pkcs11
        except ImportError as error:
            raise NoKey("A key in a token needs python-pkcs11: pip install 'tuntas[pkcs11]'") from error
        told = attributes(address)
        try:
            token = pkcs11.lib(told["module-path"]).get_token(token_label=told.get("token"))
            session = token.open(user_pin=_pin(told))
            private = session.get_key(
                object_class=pkcs11.ObjectClass.PRIVATE_KEY, key_type=pkcs11.KeyType.EC_EDWARDS, label=told["object"]
            )
            public = session.get_key(
                object_class=pkcs11.ObjectClass.PUBLIC_KEY, key_type=pkcs11.KeyType.EC_EDWARDS, label=told["object"]
            )
            point = bytes(public[pkcs11.Attribute.EC_POINT])
        except (pkcs11.PKCS11Error, OSError, RuntimeError) as error:
            raise NoKey(f"The token has no such key: {type(error).__name__} {error}".strip()) from error
        return cls(session, private, point.removeprefix(OCTETS), pkcs11.Mechanism.EDDSA)

    @property
    def public(self) -> bytes:
        return self._public

    def sign(self, message: bytes) -> bytes:
        from pkcs11 import PKCS11Error

        try:
            with self._turn:
                return bytes(self._private.sign(message, mechanism=self._mechanism))
        except PKCS11Error as error:
            raise NoKey(f"The token does not sign: {type(error).__name__} {error}".strip()) from error


def attributes(address: str) -> dict[str, str]:
    parts = address.removeprefix(SCHEME).replace("?", ";").replace("&", ";").split(";")
    return {name: unquote(value) for name, _equals, value in (part.partition("=") for part in parts)}


def _pin(told: dict[str, str]) -> str | None:
    """From its file, so that it stands in no list of processes and no environment."""
    if source := told.get("pin-source"):
        return Path(source.removeprefix("file:")).read_text().strip()
    return told.get("pin-value")
