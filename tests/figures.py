"""Figures of a run, for ``python -m benchmarks.security``: lines at the end of the file that ``FIGURES`` names."""

from __future__ import annotations

import json
import os


def count(name: str, many: int = 1) -> None:
    """``many`` more of ``name``; nothing where no file is named. Several processes may write into one file."""
    if path := os.environ.get("FIGURES"):
        with open(path, "ab", buffering=0) as file:
            file.write(json.dumps([name, int(many)]).encode() + b"\n")


def read(path: str | os.PathLike[str]) -> dict[str, int]:
    """What was counted, by name; a name that was counted as nothing is there with 0."""
    found: dict[str, int] = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, many = json.loads(line)
            found[name] = found.get(name, 0) + many
    return found
