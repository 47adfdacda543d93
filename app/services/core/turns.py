"""For whom a case waits."""

from __future__ import annotations

from typing import Any

from app.models import Case
from app.workflow.declaration import Sop


def waits_for(sop: Sop, case: Case | Any) -> tuple[str, ...]:
    """The roles whose step the case waits for: none once it was declared void, whatever its state."""
    return () if case.voided_at is not None else sop.responsible_roles(case.state)
