"""Anchors: places outside of the database to which checkpoints are handed, a small file each, with the same functions.

``is_set_up() -> bool``: whether the settings name it. ``PACE``: how often it wants something at most. ``take(given)``:
hands over checkpoints, oldest first; what it raises says why it could not, and they are handed over again. A worker
that dies in between hands them over twice, so each anchor bears that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Given:
    """A checkpoint as it is handed over. ``body``: what was signed. ``entries``: those that are new in it."""

    number: int
    body: str
    signature: str
    entries: tuple[str, ...]

    def line(self, entries: bool = True) -> str:
        """JSON without a line break; ``entries``: whether they are told, or stand in the database alone."""
        told = {"body": self.body, "signature": self.signature} | ({"entries": list(self.entries)} if entries else {})
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
