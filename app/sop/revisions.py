"""The SOPs that are loaded, in all their revisions, and the one by which a case is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from app.models.derive import derive_cases
from app.workflow import revisions
from app.workflow.checks import WrongDeclaration, check
from app.workflow.declaration import Sop

#: The SOPs by key, in the order of the menu: of each the revision that was in effect when the process started.
SOPS: dict[str, Sop] = {}
#: The loaded revisions of each SOP by number.
REVISIONS: dict[str, dict[int, Sop]] = {}


class Standing(Protocol):
    """A case, or a row with as much of one: under which revision of which SOP it stands."""

    @property
    def sop(self) -> str: ...
    @property
    def revision(self) -> int: ...
    @property
    def closed_at(self) -> datetime | None: ...


class NotLoaded(LookupError):
    """An open case stands under a revision that is not loaded (``services/cases/revisions.py`` tells it at start)."""


def register(sops: Iterable[Sop], today: date | None = None) -> None:
    """Loads ``sops`` with all their revisions, in the order of the menu. ``today`` decides which revision is in effect. Raises ``WrongDeclaration``."""
    found: dict[str, list[Sop]] = defaultdict(list)
    for sop in sops:
        found[sop.key].append(check(sop))
    for key, several in found.items():
        if wrong := revisions.mistakes(several):
            raise WrongDeclaration(replace(mistake, file=key) for mistake in wrong)
    for key, several in found.items():
        REVISIONS[key] = revisions.joined(several)
        SOPS[key] = in_effect(key, today or date.today(), REVISIONS[key])
    derive_cases(SOPS[key] for key in found)


def revisions_of(key: str) -> dict[int, Sop]:
    """The loaded revisions of an SOP by number. ``KeyError`` for an unknown SOP."""
    current = SOPS[key]
    return {**REVISIONS.get(key, {}), current.revision: current}


def in_effect(key: str, day: date, among: dict[int, Sop] | None = None) -> Sop:
    """The revision of an SOP by which a case is opened on ``day``. ``KeyError`` for an unknown SOP."""
    return revisions.in_effect((among or revisions_of(key)).values(), day)


def sop_of(case: Standing) -> Sop:
    """The revision under which the case stands; for a closed case whose revision is no longer loaded, the current one.

    Raises ``NotLoaded`` for an open one, ``KeyError`` for an unknown SOP.
    """
    current = SOPS[case.sop]
    if case.revision == current.revision:
        return current
    found = REVISIONS.get(case.sop, {}).get(case.revision)
    if found is None and case.closed_at is None:
        raise NotLoaded(f"{case.sop}: revision {case.revision} is not loaded, but has open cases")
    return found or current
