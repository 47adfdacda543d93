"""The files of an instance, in another storage: each is read back and its hash compared. Those that are there already
are compared alone, so an aborted move goes on where it stopped."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any

import obstore
from obstore.store import ObjectStore

from app.services.documents import storage
from app.services.moving.trouble import Trouble

#: Names that a message lists.
LISTED = 5


def listed(store: ObjectStore) -> dict[str, int]:
    """Every file that is kept, with its size in bytes. What is just being uploaded is nobody's yet."""
    found = (one for page in obstore.list(store) for one in page)
    return {one["path"]: one["size"] for one in found if not one["path"].startswith(storage.INCOMING)}


def check_complete(there: Mapping[str, int], known: Mapping[str, str]) -> None:
    """Raises ``Trouble`` for documents whose file is not there. ``known``: SHA-256 by key."""
    if missing := sorted(known.keys() - there.keys()):
        raise Trouble(f"{len(missing)} documents have no file in the storage: {_some(missing)}.")


def check_alone(source: Mapping[str, int], target: Mapping[str, int]) -> None:
    if others := sorted(target.keys() - source.keys()):
        raise Trouble(f"The storage holds {len(others)} files of something else: {_some(others)}.")


def verify(
    store: ObjectStore, there: Mapping[str, int], known: Mapping[str, str], advance: Callable[[int], Any]
) -> None:
    """Reads every file. Raises ``Trouble`` for a document's that is not what it was."""
    for key, size in there.items():
        _expect(key, _hash(_chunks(store, key)), known)
        advance(size)


def copy(
    source: ObjectStore, target: ObjectStore, there: Mapping[str, int], known: Mapping[str, str],
    advance: Callable[[int], Any],
) -> None:  # fmt: skip
    """Raises ``Trouble`` for a file that is damaged, or does not arrive as it was sent."""
    arrived = listed(target)
    for key, size in there.items():
        # By way of a file of our own: the stores' library can't read one while it writes another.
        with tempfile.TemporaryFile() as passing:
            sent = _hash(_written(_chunks(source, key), passing))
            _expect(key, sent, known)
            if arrived.get(key) != size or _hash(_chunks(target, key)) != sent:
                passing.seek(0)
                obstore.put(target, key, passing)
                if _hash(_chunks(target, key)) != sent:
                    raise Trouble(f"The file {key} did not arrive as it was sent.")
        advance(size)


def _written(chunks: Iterable[bytes], file: IO[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        file.write(chunk)
        yield chunk


def _expect(key: str, found: str, known: Mapping[str, str]) -> None:
    if known.get(key, found) != found:
        raise Trouble(f"The file {key} is not the one that was handed in: its hash is another.")


def _hash(chunks: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()


def _chunks(store: ObjectStore, key: str) -> Iterator[bytes]:
    for chunk in obstore.get(store, key).stream(min_chunk_size=storage.CHUNK):
        yield bytes(chunk)


def _some(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (", …" if len(names) > LISTED else "")
