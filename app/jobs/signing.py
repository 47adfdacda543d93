"""Messages in the queue are signed: they are pickles, and whoever wrote one would have the worker run their code."""

from __future__ import annotations

import hashlib
import hmac

from huey.serializer import SignedSerializer

PURPOSE = b"tuntas: messages of the queue"


class Signed(SignedSerializer):
    """Huey's, with SHA-256 and a key that signs nothing else. What bears another signature is never unpickled: Huey
    says so in the log and goes on with the next."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret=secret)
        self._key = hmac.new(secret.encode(), PURPOSE, hashlib.sha256).digest()

    def _signature(self, message: bytes) -> bytes:
        return hmac.new(self._key, message, hashlib.sha256).hexdigest().encode()
