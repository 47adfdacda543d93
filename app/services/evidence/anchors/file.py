"""A file to which lines are added and nothing else: beside the database, or on a disk or share that only takes what is
added (``chattr +a``, WORM)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from flask import current_app

from app.services.evidence.anchors import Given

PACE = timedelta(0)
NAME = "checkpoints.jsonl"
OFF = "off"


def path() -> Path | None:
    written = current_app.config["ANCHOR_FILE"]
    if written == OFF:
        return None
    return Path(written) if written else Path(current_app.config["INSTANCE_PATH"]) / NAME


def is_set_up() -> bool:
    return path() is not None


def take(given: Sequence[Given]) -> None:
    add([one.line() for one in given])


def add(lines: Sequence[str]) -> None:
    """Raises ``OSError``. What a full disk or a death has cut off is ended first, so that no other line is spoilt."""
    beside = path()
    if beside is None:
        return
    descriptor = os.open(beside, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        cut_off = _is_cut_off(beside)
        file.write(b"\n" * cut_off + "".join(f"{line}\n" for line in lines).encode())
        file.flush()
        os.fsync(descriptor)


def stamped(number: int, token: str) -> None:
    """Beside the checkpoints, for auditors; the verifier reads over it."""
    add([json.dumps({"stamp": {"number": number, "token": token}}, separators=(",", ":"))])


def _is_cut_off(beside: Path) -> bool:
    with beside.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
