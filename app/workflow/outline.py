"""What a declaration says without a case: conditions in words, the limits of a field, where a deadline runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from app.workflow.declaration import Deadline, Facts, Field, Guard, Sop, Text, Transition

#: A rule in Python.
Own = TypeVar("Own", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rule:
    """A limit on the values of a field: ``rule`` names it, ``value`` is what it compares with (None: the word alone
    says it), ``sentence`` what it demands, where the document says so."""

    rule: str
    value: Any
    sentence: Text = ""


def condition_in_words(condition: Any) -> str:
    """The words that a condition carries, a function or an expression; "" for one that has none."""
    return str(getattr(condition, "words", ""))


def told(words: Text) -> Callable[[Own], Own]:
    """Gives a rule in Python the words that an expression has by itself."""

    def give(rule: Own) -> Own:
        rule.__dict__["words"] = words
        return rule

    return give


def guard_in_words(guard: Guard, now: datetime) -> str:
    """What a guard demands of any case; ``now`` is in the deployment's zone."""
    return str(guard.general or guard.sentence(Facts(user_id=None, roles=frozenset(), now=now)))


def rules(field: Field) -> tuple[Rule, ...]:
    """Its bounds, then what its answer is compared with."""
    bounds = {"minimum": field.minimum, "maximum": field.maximum}
    bounded = (Rule(name, value) for name, value in bounds.items() if value is not None)
    return (*bounded, *(Rule(one.rule, one.value or None, one.general) for one in field.rules))


def branches(step: Transition) -> tuple[tuple[str, Any], ...]:
    """The other states in which a step may end, each with its condition; the first that holds decides."""
    found: tuple[tuple[str, Any], ...] | None = getattr(step.choose, "branches", None)
    return found if found is not None else tuple((state, step.choose) for state in step.branches)


def runs_in(sop: Sop, deadline: Deadline) -> tuple[str, ...]:
    """The states in which a deadline runs, in the order of the procedure."""
    return tuple(key for key in sop.open_states if key in (deadline.states or sop.open_states))


def pauses_in(sop: Sop, deadline: Deadline) -> tuple[str, ...]:
    """Those of them in which it pauses; a day that the case gives is not counted, so it never does."""
    running = runs_in(sop, deadline) if deadline.limits else ()
    return tuple(key for key in running if sop.state_by_key[key].kind == "waiting")
