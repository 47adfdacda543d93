"""The newest state of an instance that is known: written down at each backup, asked before an older one is put back.

It lies in the instance's folder, in the storage, and beside the archives, as ``last_backup.json``.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from app.services.backup.places import Folder, Local
from app.services.backup.trouble import Trouble
from app.services.core.formatting import moment as written
from app.services.documents import storage

NAME = "last_backup.json"


@dataclass(frozen=True)
class Known:
    """``taken_at``: ISO 8601 in UTC. ``events``: lines of all histories; ``heads``: the SHA-256 over their newest
    hashes."""

    taken_at: str
    cases: int
    events: int
    heads: str

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Known:
        return cls(manifest["taken_at"], **manifest["chains"])

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.taken_at)

    def is_older_than(self, other: Known) -> bool:
        """Whether something happened after it that the other one has."""
        return self.heads != other.heads and (self.moment < other.moment or self.events < other.events)


def remember(known: Known, beside: Folder) -> None:
    """Writes it down where it is looked for. Raises ``Trouble``."""
    content = json.dumps(asdict(known), indent=1).encode() + b"\n"
    for folder in (_instance(), beside):
        with folder.writing(NAME, replace=True) as file:
            file.write(content)
    storage.put(NAME, io.BytesIO(content))


def newest(beside: Folder, more: Path | None) -> Known | None:
    """The newest that is written down here, beside an archive, or in the file ``more``. Raises ``Trouble`` for a file
    that can't be read."""
    found = [*_from(_instance()), *_from(beside), *_from_storage()]
    if more is not None:
        with Local(more.resolve().parent).reading(more.name) as file:
            found.append(_read(file.read(), str(more)))
    return max(found, key=lambda known: (known.moment, known.events), default=None)


def warning(archived: Known, known: Known | None) -> str:
    """What is lost when ``archived`` is put back; nothing when it is not older than what is known."""
    if known is None or not archived.is_older_than(known):
        return ""
    return str(
        _(
            "The archive is OLDER than the last state that is known of this instance: taken %(taken)s with %(events)s "
            "lines of history, known are %(known_events)s of %(known)s. What was done in between would be lost, and "
            "numbers of cases be given a second time.",
            taken=written(archived.moment), events=archived.events, known=written(known.moment),
            known_events=known.events,
        )
    )  # fmt: skip


def _instance() -> Local:
    return Local(Path(current_app.config["INSTANCE_PATH"]))


def _from(folder: Folder) -> Iterable[Known]:
    if NAME in folder.names():
        with folder.reading(NAME) as file:
            yield _read(file.read(), f"{folder}/{NAME}")


def _from_storage() -> Iterable[Known]:
    try:
        size = storage.size(NAME)
    except FileNotFoundError:
        return
    yield _read(b"".join(storage.read(NAME, 0, size)), NAME)


def _read(content: bytes, name: str) -> Known:
    try:
        known = Known(**json.loads(content))
        return replace(known, taken_at=known.moment.astimezone(UTC).isoformat())
    except (ValueError, TypeError) as error:
        raise Trouble(_("%(file)s does not tell a last backup.", file=name)) from error
