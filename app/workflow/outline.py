"""What a declaration says without a case: conditions in words, the limits of a field, where a deadline runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.workflow.declaration import Deadline, Facts, Field, Guard, Sop


@dataclass(frozen=True)
class Rule:
    """A limit on the values of a field: ``rule`` names it, ``value`` is what it compares with."""

    rule: str
    value: Any


def condition_in_words(condition: Callable[..., Any] | None) -> str:
    """The words that a condition carries; "" for one that has none."""
    return str(getattr(condition, "words", ""))


def guard_in_words(guard: Guard, now: datetime) -> str:
    """What a guard demands of any case; ``now`` is in the deployment's zone."""
    return str(guard.general or guard.sentence(Facts(user_id=None, roles=frozenset(), now=now)))


def rules(field: Field) -> tuple[Rule, ...]:
    bounds = {"minimum": field.minimum, "maximum": field.maximum}
    return tuple(Rule(name, value) for name, value in bounds.items() if value is not None)


def runs_in(sop: Sop, deadline: Deadline) -> tuple[str, ...]:
    """The states in which a deadline runs, in the order of the procedure."""
    return tuple(key for key in sop.open_states if key in (deadline.states or sop.open_states))


def pauses_in(sop: Sop, deadline: Deadline) -> tuple[str, ...]:
    """Those of them in which it pauses; a day that the case gives is not counted, so it never does."""
    running = runs_in(sop, deadline) if deadline.limits else ()
    return tuple(key for key in running if sop.state_by_key[key].kind == "waiting")
