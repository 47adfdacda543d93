"""An expression in words, for people who read the procedure: ``“Approved amount” ≤ “Paid amount”``."""

from __future__ import annotations

import ast
from typing import Any

from app.workflow.document.expressions import CONSTANTS, Surface
from app.workflow.parts import Field, Text
from app.workflow.texts import LANGUAGES, Words, spoken_in

SIGNS: dict[type[ast.AST], str] = {
    ast.Eq: "=", ast.NotEq: "≠", ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.Add: "+", ast.Sub: "-",
    ast.Mult: "×",
}  # fmt: skip
#: Per phrase in the languages of ``LANGUAGES``; ``{}`` is what it is said of.
PHRASES: dict[str, tuple[str, ...]] = {
    "and": (" dan ", " and "),
    "or": (" atau ", " or "),
    "not": ("bukan ({})", "not ({})"),
    "unticked": ("{} tidak dicentang", "{} is not ticked"),
    "ticked": ("{} dicentang", "{} is ticked"),
    "empty": ("{} kosong", "{} is empty"),
    "filled": ("{} terisi", "{} is filled in"),
    "in": ("{} salah satu dari {}", "{} is one of {}"),
    "not in": ("{} bukan salah satu dari {}", "{} is none of {}"),
    "if": ("{} bila {}, selain itu {}", "{} if {}, else {}"),
    "before": ("{} sebelum langkah ini", "{} before this step"),
    "of": ("{} ({})", "{} ({})"),
    "now": ("sekarang", "now"),
    "today": ("hari ini", "today"),
    "actor": ("nama pelaku", "the user’s name"),
    "note": ("catatan", "the note"),
    "round": ("putaran", "the round"),
    "number": ("nomor kasus", "the case number"),
    "state": ("status", "the status"),
    "created_at": ("waktu kasus dibuka", "the opening of the case"),
    "closed_at": ("waktu kasus ditutup", "the closing of the case"),
    "true": ("ya", "yes"),
    "false": ("tidak", "no"),
    "null": ("kosong", "empty"),
    "days": ("{} hari", "{} days"),
    "hours": ("{} jam", "{} hours"),
    "months": ("{} bulan", "{} months"),
    "date": ("{}", "{}"),
    "short": ("{}", "{}"),
    "lower": ("{}", "{}"),
    "starts_with": ("{} diawali {}", "{} starts with {}"),
    "is_mail": ("{} alamat email", "{} is a mail address"),
    "is_phone": ("{} nomor telepon", "{} is a phone number"),
    "len": ("panjang {}", "the length of {}"),
    "last": ("waktu langkah {}", "the time of the step {}"),
    "count": ("jumlah baris “{}”", "the number of rows of “{}”"),
    "newest": ("“{1}” pada baris “{0}” terakhir", "“{1}” in the newest row of “{0}”"),
    "has": ("dokumen “{}” ada", "the document “{}” is there"),
    "fresh": ("dokumen “{}” baru", "the document “{}” is new"),
}


def in_words(tree: ast.expr, surface: Surface, condition: bool = False) -> Words:
    """The same in every language. ``condition``: it is to hold, so a tick alone is said to be ticked."""
    texts = []
    for language in LANGUAGES:
        with spoken_in(language):
            speaker = _Speaker(surface, LANGUAGES.index(language))
            texts.append(speaker.truth(tree) if condition else speaker.say(tree))
    return Words(tuple(texts))


class _Speaker:
    def __init__(self, surface: Surface, language: int) -> None:
        self.surface, self.language = surface, language

    def say(self, node: ast.AST, of: Field | None = None) -> str:
        """``of``: the field with which a written value is compared, so that a choice is said by its label."""
        method = getattr(self, f"_{type(node).__name__}")
        said: str = method(node, of) if isinstance(node, ast.Constant) else method(node)
        return said

    def phrase(self, key: str, *said: str) -> str:
        return PHRASES[key][self.language].format(*said)

    def _Constant(self, node: ast.Constant, of: Field | None) -> str:
        label = next((c.label for c in of.choices if c.key == node.value), None) if of else None
        return f"“{label}”" if label else str(node.value)

    def _Name(self, node: ast.Name) -> str:
        field = self.surface.fields.get(node.id)
        return f"“{field.label}”" if field else self.phrase(node.id)

    def _Attribute(self, node: ast.Attribute) -> str:
        if isinstance(node.value, ast.Name) and node.value.id == "case":
            return self.phrase("before", f"“{self.surface.fields[node.attr].label}”")
        return self.phrase("of", self.say(node.value), node.attr)

    def truth(self, node: ast.expr) -> str:
        """A condition; a tick stands for itself."""
        said = self.say(node)
        tick = isinstance(node, ast.Name | ast.Attribute) and not (isinstance(node, ast.Name) and node.id in CONSTANTS)
        return self.phrase("ticked", said) if tick else said

    def _BoolOp(self, node: ast.BoolOp) -> str:
        joined = self.phrase("or" if isinstance(node.op, ast.Or) else "and")
        parts = [f"({self.truth(v)})" if isinstance(v, ast.BoolOp) else self.truth(v) for v in node.values]
        return joined.join(parts)

    def _UnaryOp(self, node: ast.UnaryOp) -> str:
        if isinstance(node.op, ast.USub):
            return f"-{self.say(node.operand)}"
        if isinstance(node.operand, ast.Name | ast.Attribute):
            return self.phrase("unticked", self.say(node.operand))
        return self.phrase("not", self.say(node.operand))

    def _BinOp(self, node: ast.BinOp) -> str:
        return f"{self.say(node.left)} {SIGNS[type(node.op)]} {self.say(node.right)}"

    def _IfExp(self, node: ast.IfExp) -> str:
        return self.phrase("if", self.say(node.body), self.truth(node.test), self.say(node.orelse))

    def _Compare(self, node: ast.Compare) -> str:
        operands = [node.left, *node.comparators]
        pairs = zip(operands, node.ops, operands[1:], strict=False)
        return self.phrase("and").join(self._pair(a, op, b) for a, op, b in pairs)

    def _pair(self, a: ast.expr, op: ast.cmpop, b: ast.expr) -> str:
        if isinstance(b, ast.Name) and b.id == "null":
            return self.phrase("empty" if isinstance(op, ast.Eq) else "filled", self.say(a))
        field = self._field(a)
        if isinstance(op, ast.In | ast.NotIn):
            among = (
                ", ".join(self.say(i, field) for i in b.elts) if isinstance(b, ast.List | ast.Tuple) else self.say(b)
            )
            return self.phrase("in" if isinstance(op, ast.In) else "not in", self.say(a, self._field(b)), among)
        return f"{self.say(a, self._field(b))} {SIGNS[type(op)]} {self.say(b, field)}"

    def _field(self, node: ast.expr) -> Field | None:
        return self.surface.fields.get(node.id) if isinstance(node, ast.Name) else None

    def _Call(self, node: ast.Call) -> str:
        name = ast.unparse(node.func)
        said = [self._named(name, at, arg) for at, arg in enumerate(node.args)]
        if name == "last":
            said = [self.phrase("or").join(f"“{step}”" for step in said)]
        return self.phrase(name, *said)

    def _named(self, function: str, at: int, node: ast.expr) -> str:
        key: Any = getattr(node, "value", None)
        labels: dict[str, Text] = {}
        if function == "last":
            labels = dict(self.surface.steps)
        elif function in ("has", "fresh"):
            labels = dict(self.surface.documents)
        elif function in ("count", "newest") and at == 0:
            labels = {records.key: records.label for records in self.surface.records.values()}
        elif function == "newest":
            labels = {c.key: c.label for r in self.surface.records.values() for c in r.columns}
        return str(labels[key]) if key in labels else self.say(node)
