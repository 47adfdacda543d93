"""Encryption of an archive, by age: to the keys of whoever may read it, or with a passphrase.

With keys an archive is an age file as it is. age's own passphrases need the whole in memory, so with one the archive is
encrypted to a key made for it alone, and that key with the passphrase: it stands in the first line, ``SEALED`` and the
base64 of an age file.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyrage
from flask_babel import gettext as _

from app.services.backup import pipes
from app.services.backup.trouble import Damaged, Trouble, WrongKey

SEALED = b"TUNTAS-BACKUP-1 passphrase "
AGE = b"age-encryption.org/v1\n"
#: Bytes of a beginning that tell what it is; no first line is longer than ``LONGEST``.
TOLD, LONGEST = max(len(SEALED), len(AGE)), 4096


@dataclass(frozen=True)
class Keys:
    """What closes an archive, a passphrase or ``recipients`` (``age1…``), and what opens it: the passphrase, or what
    stands in files of ``identities`` (``AGE-SECRET-KEY-1…``)."""

    passphrase: str = ""
    recipients: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()

    @property
    def close(self) -> bool:
        """Whether what is written is encrypted."""
        return bool(self.passphrase or self.recipients)


def recipients(written: Sequence[str]) -> list[Any]:
    """Raises ``Trouble`` for what is no key."""
    try:
        return [pyrage.x25519.Recipient.from_str(one.strip()) for one in written]
    except pyrage.RecipientError as error:
        raise Trouble(_("“%(key)s” is no age key (age1…).", key=", ".join(written))) from error


def _identities(written: Sequence[str]) -> list[Any]:
    """Those of the lines of key files; raises ``Trouble``."""
    lines = [line.strip() for one in written for line in one.splitlines()]
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as error:
        raise Trouble(_("The key file holds no age key (AGE-SECRET-KEY-1…).")) from error


@contextmanager
def closed(out: Any, keys: Keys) -> Iterator[Any]:
    """A file whose content goes to ``out``, encrypted where there are keys for it."""
    if not keys.close:
        yield out
        return
    to = recipients(keys.recipients)
    if keys.passphrase:
        made = pyrage.x25519.Identity.generate()
        out.write(SEALED + base64.b64encode(pyrage.passphrase.encrypt(str(made).encode(), keys.passphrase)) + b"\n")
        to = [made.to_public()]
    with pipes.into(lambda pipe: pyrage.encrypt_io(pipe, out, to)) as pipe:
        yield pipe


@contextmanager
def opened(source: Any, keys: Keys) -> Iterator[Any]:
    """A file with the archive that is in ``source``. Raises ``WrongKey``."""
    begin = _Begun(source)
    head = begin.peek(TOLD)
    with ExitStack() as stack:
        if head.startswith(SEALED):
            identities = [_unsealed(begin.line(), keys)]
        elif head.startswith(AGE):
            identities = _identities(keys.identities)
            if not identities:
                raise WrongKey(_("The archive is encrypted to an age key: say where that is (--identity)."))
        else:
            yield begin
            return
        yield stack.enter_context(pipes.out_of(lambda pipe: _decrypt(begin, pipe, identities)))


def _decrypt(source: Any, pipe: pipes.Pipe, identities: list[Any]) -> None:
    try:
        pyrage.decrypt_io(source, pipe, identities)
    except pyrage.DecryptError as error:
        raise WrongKey(_("None of the keys given opens this archive.")) from error
    except OSError as error:
        if pipe.left:
            raise pipes.Left from error
        raise Damaged(_("The archive was cut off or altered: it can't be decrypted to its end.")) from error


def _unsealed(line: bytes, keys: Keys) -> Any:
    if not keys.passphrase:
        raise WrongKey(_("The archive is encrypted with a passphrase (--passphrase-file, or when asked)."))
    try:
        return pyrage.x25519.Identity.from_str(_key(line, keys.passphrase))
    except (pyrage.DecryptError, pyrage.IdentityError, binascii.Error, UnicodeDecodeError) as error:
        raise WrongKey(_("The passphrase is wrong, or the archive is damaged in its first line.")) from error


@lru_cache(maxsize=1)
def _key(line: bytes, passphrase: str) -> str:
    """It takes a second, by intention; an archive is opened to be checked and again to be restored."""
    key: bytes = pyrage.passphrase.decrypt(base64.b64decode(line[len(SEALED) :], validate=True), passphrase)
    return key.decode()


class _Begun:
    """A file of which the beginning was read already."""

    def __init__(self, source: Any) -> None:
        self._source, self._read = source, b""

    def peek(self, size: int) -> bytes:
        while len(self._read) < size and (chunk := self._source.read(size - len(self._read))):
            self._read += bytes(chunk)
        return self._read

    def line(self) -> bytes:
        """The first line without its end."""
        line, _end, self._read = self.peek(LONGEST).partition(b"\n")
        return line

    def read(self, size: int = -1) -> bytes:
        if not self._read:
            return bytes(self._source.read(size))
        given = self._read if size < 0 else self._read[:size]
        self._read = self._read[len(given) :]
        return given + bytes(self._source.read()) if size < 0 else given
