"""What an instance keeps on disk is its owner's alone: others on the machine do not even see which files there are."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

#: What SQLite lays beside a database.
BESIDE = ("", "-wal", "-shm", "-journal")
SQLITE = "sqlite:///"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def close(settings: Mapping[str, Any]) -> list[str]:
    """Takes from everybody else what is there already; what is made from now on is closed by the process's umask
    (``config.py``). Answers what stays open, in words for who runs the server."""
    return [f"{path} can be read by others on this machine ({_mode(path):04o})." for path in _open(settings)]


def _open(settings: Mapping[str, Any]) -> Iterator[Path]:
    for path in _kept(settings):
        if path.exists() and _mode(path) & OTHERS:
            try:
                path.chmod(_mode(path) & ~OTHERS)
            except OSError:
                yield path


def _kept(settings: Mapping[str, Any]) -> Iterator[Path]:
    """Folders keep what is in them; of files that may lie elsewhere, each."""
    instance = Path(settings["INSTANCE_PATH"])
    yield from (instance, instance / "secret_key", instance / "metrics")
    if settings["STORAGE_URL"].startswith("file://"):
        yield Path(settings["STORAGE_URL"].removeprefix("file://"))
    for url in (settings["SQLALCHEMY_DATABASE_URI"], settings["QUEUE_URL"]):
        if url.startswith(SQLITE):
            yield from (Path(url.removeprefix(SQLITE).partition("?")[0] + ending) for ending in BESIDE)


def _mode(path: Path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)
