"""Compiles the text of an expression to a function of a ``Scope``, its names and types checked."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import Any

from app.workflow.document.expressions import (
    CONSTANTS,
    FUNCTIONS,
    NAMES,
    TYPES,
    Expression,
    Run,
    Scope,
    Surface,
    Type,
    WrongExpression,
    newest,
    value_of,
)
from app.workflow.document.operations import (
    CALCULATED,
    COMPARED,
    ORDERED,
    SUMS,
    Compiled,
    each,
    mismatch,
    no_such,
    offered,
)
from app.workflow.document.verbal import in_words
from app.workflow.mistakes import N_

LONGEST, DEEPEST = 1000, 40


def compiled(source: str, surface: Surface, wanted: Collection[str] = ()) -> Expression:
    """Reads an expression whose value has one of the ``wanted`` types (none: any). Raises ``WrongExpression``."""
    tree = _parsed(source)
    compiler = _Compiler(surface)
    part = compiler.compile(tree)
    if wanted and part.type not in wanted:
        raise WrongExpression(
            N_("gives a %(found)s, but a %(wanted)s is needed"), found=part.type, wanted="/".join(wanted)
        )
    written = part.written or (() if part.literal is None else (part.literal,))
    words = in_words(tree, surface, tuple(wanted) == ("truth",))
    return Expression(source, part.type, part.run, frozenset(compiler.read), part.of, written, words)


def _parsed(source: str) -> ast.expr:
    if len(source) > LONGEST:
        raise WrongExpression(N_("is longer than %(longest)s characters"), longest=LONGEST)
    try:
        tree = ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        at = getattr(error, "offset", None) or len(source)  # 0: it ends too early
        raise WrongExpression(
            N_("can't be read at character %(at)s: “%(source)s”"), at=at, source=source[:80]
        ) from None
    ahead: list[tuple[ast.AST, int]] = [(tree, 1)]
    while ahead:
        node, depth = ahead.pop()
        if depth > DEEPEST:
            raise WrongExpression(N_("is nested too deeply: “%(source)s”"), source=source[:80])
        ahead += [(inner, depth + 1) for inner in ast.iter_child_nodes(node)]
    return tree


class _Compiler:
    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.read: set[str] = set()

    def compile(self, node: ast.expr) -> Compiled:
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            raise WrongExpression(N_("“%(part)s” is not possible in an expression"), part=ast.unparse(node)[:60])
        part: Compiled = method(node)
        return part

    def _Constant(self, node: ast.Constant) -> Compiled:
        value = node.value
        kinds: dict[type, Type] = {bool: "truth", int: "number", str: "text"}
        kind = kinds.get(type(value))
        if value is None or isinstance(value, bool):
            raise WrongExpression(N_("write true, false and null in small letters"))
        if kind is None:
            raise WrongExpression(N_("“%(part)s” is not possible in an expression"), part=str(value)[:60])
        return Compiled(kind, lambda _s: value, literal=value)

    def _Name(self, node: ast.Name) -> Compiled:
        name = node.id
        if name in CONSTANTS:
            kind, value = CONSTANTS[name]
            return Compiled(kind, lambda _s: value, literal=value)
        if name in self.surface.names and name in NAMES:
            return Compiled(NAMES[name].type, NAMES[name].run)
        found = self.surface.fields.get(name)
        if found is None:
            if name in NAMES:
                raise WrongExpression(N_("“%(name)s” can't be used here"), name=name)
            known = [*self.surface.fields, *self.surface.names, *CONSTANTS]
            raise no_such("field", name, known)
        self.read.add(name)
        return Compiled(TYPES[found.kind.storage], lambda s: value_of(name, s), found)

    def _Attribute(self, node: ast.Attribute) -> Compiled:
        """``case.field`` is what the case had before the step, ``reference.column`` a column of the row of master
        data."""
        if isinstance(node.value, ast.Name) and node.value.id == "case":
            found = self.surface.fields.get(node.attr)
            if found is None:
                raise no_such("field", node.attr, self.surface.fields)
            key = node.attr
            return Compiled(TYPES[found.kind.storage], lambda s: value_of(key, Scope(s.case)), found)
        row = self.compile(node.value)
        columns = self.surface.references.get((row.of.reference or "") if row.of else "", {})
        if row.type != "row" or node.attr not in columns:
            raise no_such("column", node.attr, columns)
        column = node.attr
        return Compiled(columns[column], each(lambda _s, one: getattr(one, column, None), (row,)))

    def _BoolOp(self, node: ast.BoolOp) -> Compiled:
        parts = [self._wanted(one, "truth") for one in node.values]
        decides = isinstance(node.op, ast.Or)

        def run(scope: Scope) -> Any:
            result: bool | None = not decides
            for part in parts:
                found = part.run(scope)
                if found is decides:
                    return decides
                result = None if found is None else result
            return result

        return Compiled("truth", run)

    def _UnaryOp(self, node: ast.UnaryOp) -> Compiled:
        if isinstance(node.op, ast.Not):
            return Compiled("truth", each(lambda _s, x: not x, (self._wanted(node.operand, "truth"),)))
        part = self._wanted(node.operand, "number")
        if not isinstance(node.op, ast.USub):
            raise WrongExpression(N_("“%(part)s” is not possible in an expression"), part=ast.unparse(node)[:60])
        return Compiled("number", each(lambda _s, x: -x, (part,)), literal=-part.literal if part.literal else None)

    def _BinOp(self, node: ast.BinOp) -> Compiled:
        if type(node.op) not in CALCULATED:
            raise WrongExpression(N_("“%(part)s” is not possible in an expression"), part=ast.unparse(node)[:60])
        left, right = self.compile(node.left), self.compile(node.right)
        kind = SUMS.get((left.type, type(node.op), right.type))
        if kind is None:
            raise mismatch(node, left, right)
        calculate = CALCULATED[type(node.op)]
        return Compiled(kind, each(lambda _s, a, b: calculate(a, b), (left, right)))

    def _IfExp(self, node: ast.IfExp) -> Compiled:
        asked = self._wanted(node.test, "truth")
        then, other = self.compile(node.body), self.compile(node.orelse)
        if then.type != other.type and "null" not in (then.type, other.type):
            raise mismatch(node, then, other)
        kind = other.type if then.type == "null" else then.type
        given = [one.written or (one.literal,) for one in (then, other) if one.type != "null"]
        written = tuple(value for values in given for value in values)
        return Compiled(
            kind, lambda s: (then if asked.run(s) is True else other).run(s), then.of or other.of,
            written=() if None in written else written,
        )  # fmt: skip

    def _Compare(self, node: ast.Compare) -> Compiled:
        operands = [node.left, *node.comparators]
        pairs = [
            self._pair(a, op, b, node) for a, op, b in zip(operands, node.ops, operands[1:], strict=False)
        ]  # fmt: skip
        if len(pairs) == 1:
            return Compiled("truth", pairs[0])

        def run(scope: Scope) -> bool | None:
            found = [pair(scope) for pair in pairs]
            return False if False in found else None if None in found else True

        return Compiled("truth", run)

    def _pair(self, a: ast.expr, op: ast.cmpop, b: ast.expr, node: ast.Compare) -> Run:
        if isinstance(op, ast.In | ast.NotIn):
            return self._member(a, isinstance(op, ast.In), b)
        compare = COMPARED.get(type(op))
        left, right = self.compile(a), self.compile(b)
        if compare is None:
            raise WrongExpression(N_("“%(part)s” is not possible in an expression"), part=ast.unparse(node)[:60])
        if "null" in (left.type, right.type):
            return self._emptiness(left, op, right, node)
        if left.type != right.type or (left.type not in ORDERED and not isinstance(op, ast.Eq | ast.NotEq)):
            raise mismatch(node, left, right)
        offered(left, right)
        offered(right, left)
        return each(lambda _s, x, y: compare(x, y), (left, right))

    def _emptiness(self, left: Compiled, op: ast.cmpop, right: Compiled, node: ast.Compare) -> Run:
        if not isinstance(op, ast.Eq | ast.NotEq):
            raise mismatch(node, left, right)
        asked, empty = (right if left.type == "null" else left), isinstance(op, ast.Eq)
        return lambda s: (asked.run(s) is None) is empty

    def _member(self, a: ast.expr, inside: bool, b: ast.expr) -> Run:
        one = self.compile(a)
        if isinstance(b, ast.List | ast.Tuple):
            among = [self._wanted(item, one.type) for item in b.elts]
            for item in among:
                offered(one, item)
            values = frozenset(item.literal for item in among if item.literal is not None)
            if len(values) != len(among):
                raise WrongExpression(N_("“%(part)s” may hold written values only"), part=ast.unparse(b)[:60])
            return each(lambda _s, x: (x in values) is inside, (one,))
        many = self._wanted(b, "list")
        offered(many, one)
        return each(lambda _s, x, xs: (x in xs) is inside, (one, many))

    def _Call(self, node: ast.Call) -> Compiled:
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if name in FUNCTIONS and name not in self.surface.functions:
            raise WrongExpression(N_("“%(name)s” can't be used here"), name=name)
        if name not in FUNCTIONS:
            raise no_such("function", name[:60], self.surface.functions)
        function = FUNCTIONS[name]
        takes = function.takes + function.takes[-1:] * (len(node.args) - len(function.takes)) * function.several
        if len(node.args) != len(takes) or node.keywords:
            raise WrongExpression(N_("“%(name)s” takes %(number)s values"), name=name, number=len(function.takes))
        if name == "newest":
            return self._of_newest(node)
        parts = tuple(self._argument(one, arg) for one, arg in zip(takes, node.args, strict=True))
        return Compiled(function.gives, each(function.run, parts))

    def _argument(self, takes: str, node: ast.expr) -> Compiled:
        known = {"step": self.surface.steps, "records": self.surface.records, "document": self.surface.documents}
        if takes not in known:
            part = self.compile(node)
            if part.type not in takes:
                raise WrongExpression(
                    N_("“%(part)s” is a %(found)s, but a %(wanted)s is needed"),
                    part=ast.unparse(node)[:60], found=part.type, wanted=takes,
                )  # fmt: skip
            return part
        key = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
        if key is None or key not in known[takes]:
            raise no_such(takes, str(key or ast.unparse(node))[:60], known[takes])
        return Compiled("text", lambda _s: key, literal=key)

    def _of_newest(self, node: ast.Call) -> Compiled:
        records = self._argument("records", node.args[0]).literal
        columns = {column.key: column for column in self.surface.records[records].columns}
        asked = node.args[1]
        key = asked.value if isinstance(asked, ast.Constant) else None
        if not isinstance(key, str) or key not in columns:
            raise no_such("column", str(key or ast.unparse(asked))[:60], columns)
        return Compiled(TYPES[columns[key].kind.storage], lambda s: newest(s, records, key), columns[key])

    def _wanted(self, node: ast.expr, wanted: Type) -> Compiled:
        part = self.compile(node)
        if part.type != wanted:
            raise WrongExpression(
                N_("“%(part)s” is a %(found)s, but a %(wanted)s is needed"),
                part=ast.unparse(node)[:60], found=part.type, wanted=wanted,
            )  # fmt: skip
        return part
