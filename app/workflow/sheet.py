"""The control sheet of an SOP: which document it is, who answers for it, since when it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Change:
    """What a revision changed."""

    revision: int
    what: Any
    on: date | None = None


@dataclass(frozen=True)
class Sheet:
    """``code``: the number of the controlled document. ``revision`` counts from 0 and takes new cases from the day
    ``effective`` on (None: at once)."""

    code: str = ""
    revision: int = 0
    effective: date | None = None
    prepared_by: str = ""
    checked_by: str = ""
    approved_by: str = ""
    changes: tuple[Change, ...] = ()
