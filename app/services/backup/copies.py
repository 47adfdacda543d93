"""An archive as somebody asks for it: written to its place, remembered, older ones rotated; and read again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from app.services.backup import known, rotation, sealing, taking
from app.services.backup.archive import CHUNK
from app.services.backup.known import Known
from app.services.backup.places import Folder, place
from app.services.backup.rotation import Keep
from app.services.backup.sealing import SEALED, TOLD, Keys
from app.services.backup.taking import Watch
from app.services.backup.trouble import Damaged, Trouble
from app.services.core import clock
from app.services.core.errors import Refused
from app.services.core.formatting import moment as written


@dataclass
class Done:
    """``says`` what was written; ``removed``: archives that rotation has taken away; ``lacking``: how many files the
    storage had lost."""

    says: str
    lacking: int
    removed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def write(target: str, keys: Keys, keep: Keep, replace: bool, watch: Watch) -> Done:
    """Takes an archive to ``target``. Raises ``Trouble``, and then there is none."""
    sealing.recipients(keys.recipients)
    folder, name = place(target)
    if keep and name:
        raise Trouble(_("Only archives in a folder are rotated, and %(file)s is a file.", file=target))
    name = name or rotation.name_for(clock.now(), keys)
    with folder.writing(name, replace) as file:
        counted = _Counted(file)
        with sealing.closed(counted, keys) as out:
            manifest = taking.take(out, watch, secret=keys.close)
    done = Done(f"{folder}/{name}: {summary(manifest)}", manifest["missing"], warnings=list(_warnings(manifest, keys)))
    try:
        known.remember(Known.of(manifest), folder)
    except (Trouble, Refused) as error:
        done.warnings.append(_("The state was not written down for the next restore: %(why)s", why=error))
    if keep:
        _read_back(folder, name, counted.hash.hexdigest())
        done.removed = rotation.superfluous(folder.names(), keep, clock.zone())
        for old in done.removed:
            folder.remove(old)
    return done


def _warnings(manifest: Mapping[str, Any], keys: Keys) -> Iterator[str]:
    if missing := manifest["missing"]:
        yield ngettext(
            "%(num)s document has no file in the storage any more.",
            "%(num)s documents have no files in the storage any more.",
            missing,
        )
    if not keys.close:
        yield _("The archive is not encrypted, so it is without the secret key: keep that one yourself.")


def _read_back(folder: Folder, name: str, sha256: str) -> None:
    """Nothing older goes before the new one lies there as it was written."""
    found = hashlib.sha256()
    with folder.reading(name) as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    if found.hexdigest() != sha256:
        raise Damaged(_("%(file)s does not read as it was written; no older archive was removed.", file=name))


@contextmanager
def read(source: str, keys: Keys) -> Iterator[Any]:
    """An archive, decrypted. Raises ``Trouble``."""
    folder, name = place(source)
    if not name:
        raise Trouble(_("%(file)s is a folder, and no archive.", file=source))
    with folder.reading(name) as file, sealing.opened(file, keys) as content:
        yield content


def needs_passphrase(source: str) -> bool:
    folder, name = place(source)
    if not name:
        return False
    with folder.reading(name) as file:
        return bool(file.read(TOLD).startswith(SEALED))


def summary(manifest: Mapping[str, Any]) -> str:
    """What an archive holds, in a line."""
    return str(
        _(
            "%(cases)s cases, %(events)s lines of history, %(files)s files (%(mb)s MB), as of %(moment)s",
            cases=manifest["chains"]["cases"], events=manifest["chains"]["events"], files=manifest["files"],
            mb=format_decimal(round(manifest["bytes"] / (1 << 20), 1)), moment=written(Known.of(manifest).moment),
        )
    )  # fmt: skip


class _Counted:
    """A file that knows the sum of what was written to it."""

    def __init__(self, out: Any) -> None:
        self._out, self.hash = out, hashlib.sha256()

    def write(self, data: Any) -> int:
        self.hash.update(data)
        self._out.write(data)
        return len(data)

    def flush(self) -> None:
        """Its owner does that."""
