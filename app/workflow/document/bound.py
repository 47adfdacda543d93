"""Expressions in the places of a declaration: as guard, condition of a requirement, day of a deadline, branch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.workflow.declaration import Facts
from app.workflow.document.expressions import Expression, Scope
from app.workflow.texts import Words


def scope_of(facts: Facts) -> Scope:
    return Scope(
        facts.case, facts.values, facts.now, "", facts.last, facts.attached, facts.fresh, facts.hidden
    )  # fmt: skip


@dataclass(frozen=True)
class Holds:
    """A guard: what is unknown refuses nothing."""

    expression: Expression

    def __call__(self, facts: Facts) -> bool:
        return self.expression.value(scope_of(facts)) is not False

    @property
    def words(self) -> Words:
        return self.expression.words


@dataclass(frozen=True)
class OfCase:
    """A condition on a case. Before there is a case it holds, so that a program that knows only the declaration is told
    of everything."""

    expression: Expression

    def __call__(self, case: Any) -> bool:
        return case is None or self.expression.value(Scope(case)) is True

    @property
    def words(self) -> Words:
        return self.expression.words


@dataclass(frozen=True)
class OnForm:
    """A condition on a case, None before there is one, and the answers of the form; ``documents`` among them are the
    types attached or handed in, ``fresh`` those that came since the case entered its state or are handed in."""

    expression: Expression

    def __call__(self, case: Any, values: Mapping[str, Any]) -> bool:
        documents = values.get("documents", ())
        return self.expression.value(Scope(case, values, attached=documents, fresh=values.get("fresh", ()))) is True

    @property
    def words(self) -> Words:
        return self.expression.words


@dataclass(frozen=True)
class ValueOf:
    """A value read from a case: a day, a moment, a figure."""

    expression: Expression

    def __call__(self, case: Any) -> Any:
        return self.expression.value(Scope(case))

    @property
    def words(self) -> Words:
        return self.expression.words


@dataclass(frozen=True)
class Chooses:
    """The first branch whose condition holds, else ``otherwise`` (None: the case stays)."""

    branches: tuple[tuple[str, Expression], ...]
    otherwise: str | None

    def __call__(self, case: Any, values: Mapping[str, Any]) -> str:
        scope = Scope(case, values)
        found = (state for state, expression in self.branches if expression.value(scope) is True)
        return next(found, self.otherwise or str(case.state))
