"""What the operators of expressions mean: which types go together, and how values are compared and calculated."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from app.workflow.document.expressions import Run, Scope, Type, WrongExpression
from app.workflow.mistakes import N_, nearest
from app.workflow.parts import Field

COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}  # fmt: skip
ORDERED: frozenset[Type] = frozenset({"number", "date", "moment", "span"})
#: Left, operator, right: what a sum or a difference of these types is.
SUMS: dict[tuple[Type, type[ast.operator], Type], Type] = {
    ("number", ast.Add, "number"): "number", ("number", ast.Sub, "number"): "number",
    ("number", ast.Mult, "number"): "number",
    ("date", ast.Add, "span"): "date", ("date", ast.Sub, "span"): "date", ("date", ast.Sub, "date"): "span",
    ("date", ast.Add, "months"): "date", ("date", ast.Sub, "months"): "date",
    ("moment", ast.Add, "span"): "moment", ("moment", ast.Sub, "span"): "moment",
    ("moment", ast.Sub, "moment"): "span", ("moment", ast.Add, "months"): "moment",
    ("moment", ast.Sub, "months"): "moment", ("span", ast.Add, "span"): "span", ("span", ast.Sub, "span"): "span",
    ("text", ast.Add, "text"): "text",
}  # fmt: skip
CALCULATED: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
}  # fmt: skip


@dataclass(frozen=True)
class Compiled:
    """A part of an expression. ``of``: the field whose value it is, for its choices and its way of being shown;
    ``literal``: the value, where it is written out; ``written``: those of both branches of a choice."""

    type: Type
    run: Run
    of: Field | None = None
    literal: Any = None
    written: tuple[Any, ...] = ()


def each(calculate: Callable[..., Any], parts: tuple[Compiled, ...]) -> Run:
    """Calculates with the values of the parts; unknown where one of them is."""
    if len(parts) == 1:
        only = parts[0].run
        return lambda s: None if (x := only(s)) is None else calculate(s, x)
    if len(parts) == 2:
        first, second = parts[0].run, parts[1].run
        return lambda s: None if (x := first(s)) is None or (y := second(s)) is None else calculate(s, x, y)

    def run(scope: Scope) -> Any:
        values = [part.run(scope) for part in parts]
        return None if any(value is None for value in values) else calculate(scope, *values)

    return run


def offered(one: Compiled, written: Compiled) -> None:
    """Refuses a written value that the field never has."""
    if one.of is not None and one.of.choices and isinstance(written.literal, str):
        keys = [choice.key for choice in one.of.choices]
        if written.literal not in keys:
            raise no_such("choice", written.literal, keys)


def no_such(kind: str, name: str, known: Collection[str]) -> WrongExpression:
    near = nearest(name, known)
    if near:
        message = N_("unknown %(kind)s “%(name)s”; did you mean “%(near)s”?")
        return WrongExpression(message, kind=kind, name=name, near=near)
    return WrongExpression(N_("unknown %(kind)s “%(name)s”"), kind=kind, name=name)


def mismatch(node: ast.expr, left: Compiled, right: Compiled) -> WrongExpression:
    return WrongExpression(
        N_("“%(part)s”: a %(left)s and a %(right)s don't go together"),
        part=ast.unparse(node)[:80], left=left.type, right=right.type,
    )  # fmt: skip
