"""When a field is obligatory that is so only under a condition, as a page can follow it while answers are chosen.

The condition itself is asked for every combination of the answers that it depends on, so the page has a table and no
rule of its own; what is obligatory is decided where the form is sent. A condition that needs more than that a text is
empty, or has too many combinations, gives no table: its mark is that of the answers with which the page came.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from app.workflow.declaration import Facts, Field
from app.workflow.document.bound import OnForm

MOST = 64
#: An answer to whatever is only asked for being there.
FILLED = "*"
#: Names of the form's file inputs, before the key of the document.
FILE = "file:"
THERE_OR_NOT = {"": False, FILLED: True}
Offered = Callable[[Field], Sequence[str]]


def table(
    field: Field, asked: Mapping[str, Field], documents: Collection[str], facts: Facts, offered: Offered
) -> dict[str, Any] | None:
    """``{"by": ["channel"], "when": [["inbound"], ["walk_in"]]}``: the answers with which ``field`` is obligatory, ""
    for none, ``FILLED`` for any. ``asked``: the fields of the form by key, ``documents``: the types that it takes.
    None: nothing on the form changes it, or no table can say how."""
    if not field.required or not isinstance(field.needed, OnForm):
        return None
    expression = field.needed.expression
    tree = ast.parse(expression.source.strip(), mode="eval")
    answers = [key for key in asked if key in expression.fields]
    files = [key for key in documents if key in _named_documents(tree)]
    domains = [_domain(asked[key], tree, offered) for key in answers] + [THERE_OR_NOT] * len(files)
    known = [domain for domain in domains if domain is not None]
    if not known or len(known) < len(domains) or prod(map(len, known)) > MOST:
        return None
    when = [
        [said for said, _value in combination]
        for combination in product(*(domain.items() for domain in known))
        if _needed(field, answers, files, facts, [value for _said, value in combination])
    ]
    return {"by": [*answers, *(FILE + key for key in files)], "when": when}


def _needed(field: Field, answers: Sequence[str], files: Sequence[str], facts: Facts, values: Sequence[Any]) -> bool:
    came = {key for key, there in zip(files, values[len(answers) :], strict=True) if there}
    given = dict(zip(answers, values, strict=False))
    return field.is_required(facts.case, given | {"documents": facts.attached | came, "fresh": facts.fresh | came})


def _domain(field: Field, tree: ast.AST, offered: Offered) -> dict[str, Any] | None:
    """What the control can say, with the value that it means; None where more than its being there matters."""
    if field.kind.control == "tick":
        return THERE_OR_NOT
    if field.kind.control == "one":
        return {"": None} | {key: key for key in offered(field)}
    return {"": None, FILLED: FILLED} if _only_emptiness(field.key, tree) else None


def _only_emptiness(key: str, tree: ast.AST) -> bool:
    """Whether a condition asks no more of a field than whether it is empty."""
    compared = {
        id(side)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and len(node.comparators) == 1
        for side, other in ((node.left, node.comparators[0]), (node.comparators[0], node.left))
        if isinstance(other, ast.Name) and other.id == "null"
    }
    named = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == key)
    return all(id(node) in compared for node in named)


def _named_documents(tree: ast.AST) -> set[str]:
    return {
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("has", "fresh")
        for argument in node.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
