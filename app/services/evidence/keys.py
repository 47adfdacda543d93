"""The key that signs checkpoints, which no database holds: a file beside the secret, or a token by PKCS#11."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from flask import current_app

from app.services.evidence.token import SCHEME, TokenKey
from app.services.evidence.token import NoKey as NoKey
from environment import kept_once

#: In the instance, where no setting says otherwise.
NAME = "checkpoint_key"


class Signer(Protocol):
    @property
    def public(self) -> bytes:
        """The public key, 32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes. Raises ``NoKey``."""


class FileKey:
    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def signer() -> Signer:
    """The deployment's; a file is made where there is none yet. Raises ``NoKey``."""
    kept: Signer | None = current_app.extensions.get("tuntas_checkpoint_key")
    if kept is None:
        written = current_app.config["CHECKPOINT_KEY"] or str(Path(current_app.config["INSTANCE_PATH"]) / NAME)
        kept = current_app.extensions["tuntas_checkpoint_key"] = _opened(written)
    return kept


def _opened(written: str) -> Signer:
    if written.startswith(SCHEME):
        return TokenKey.of(written)
    return FileKey(_of_file(Path(written)))


def _of_file(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(kept_once(path, _made), None)
    except (OSError, ValueError, TypeError) as error:
        raise NoKey(f"The key of the checkpoints ({path}) can't be read: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKey(f"The key of the checkpoints ({path}) is no Ed25519 key.")
    _publish(path, key.public_key())
    return key


def _made() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _publish(path: Path, key: Ed25519PublicKey) -> None:
    """The public half, for auditors, beside the key. That it can't be written is no reason not to sign."""
    beside = path.with_name(f"{path.name}.pub")
    written = pem(key.public_bytes_raw())
    try:
        if not beside.exists() or beside.read_text() != written:
            beside.write_text(written)
    except OSError:
        current_app.logger.warning("%s can't be written; flask checkpoint-key tells the public key", beside)


def pem(public: bytes) -> str:
    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """As ``verifier.is_signed``, by the library."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
