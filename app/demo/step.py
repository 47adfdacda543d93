"""The error for a step of an SOP at which the demo failed."""

from __future__ import annotations

from app.services.accounts.sop_tables import Unfit
from app.services.core.errors import Refused
from app.workflow.declaration import Sop, Transition

LONGEST = 300


class Stuck(Exception):
    """The message names SOP and step by their keys, and the reason."""

    def __init__(self, sop: Sop, step: Transition, error: Exception) -> None:
        super().__init__(f"{sop.key}, step “{step.key}”: {reason(error)}")


def reason(error: BaseException) -> str:
    """A refusal in its own words, a fault by its kind; one line."""
    if isinstance(error, Refused | Stuck | Unfit):
        return str(error)
    said = next(iter(str(error).splitlines()), "")[:LONGEST]
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
