"""What an instance keeps on disk is its owner's alone: others on the machine do not even see which files there are."""

from __future__ import annotations

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
    return [
        f"{path} can be read by others on this machine ({mode:04o})."
        for path in _kept(settings)
        if (mode := _left_open(path))
    ]


def _left_open(path: Path) -> int:
    """The mode of what can't be closed; 0 of what is closed, or gone meanwhile."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0
    try:
        if mode & OTHERS:
            path.chmod(mode & ~OTHERS)
    except FileNotFoundError:
        return 0
    except OSError:
        return mode
    return 0


def _kept(settings: Mapping[str, Any]) -> Iterator[Path]:
    """The instance's folder and what lies in it; a closed folder keeps the rest. Of what may lie elsewhere, each."""
    instance = Path(settings["INSTANCE_PATH"])
    yield from (instance, *instance.iterdir())
    if settings["STORAGE_URL"].startswith("file://"):
        yield Path(settings["STORAGE_URL"].removeprefix("file://"))
    for url in (settings["SQLALCHEMY_DATABASE_URI"], settings["QUEUE_URL"]):
        if url.startswith(SQLITE):
            yield from (Path(url.removeprefix(SQLITE).partition("?")[0] + ending) for ending in BESIDE)
