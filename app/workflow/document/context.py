"""What the parts of a document share while it is built: its names, its expressions, the mistakes found."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from app.workflow.document.compiler import compiled
from app.workflow.document.expressions import FUNCTIONS, NAMES, Expression, Surface, WrongExpression
from app.workflow.document.sentences import BRACE, Sentence, sentence
from app.workflow.document.surroundings import Surroundings
from app.workflow.mistakes import N_, Mistakes, unknown
from app.workflow.parts import Field, Records, Text
from app.workflow.texts import Words

RULE_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
#: Where the names of a kind are declared: while something is wrong with the whole of it, none of them is unknown.
DECLARED = {
    "state": "states", "step": "steps", "role": "roles", "document": "documents", "records": "records",
    "field": "fields", "mail": "mails", "deadline": "deadlines", "group of fields": "field_groups",
}  # fmt: skip
#: What decides the type of a field or column, where it is wrong; filled in with its key.
OF_TYPE = r"(fields|records\.[^.]+\.fields)\.{}(\.(type|choices|documents|reference)\b.*)?"
#: The names that a function in Python takes, by the place at which a document names it.
OF_FACTS, OF_CASE, OF_FORM, EFFECT = ("facts",), ("case",), ("case", "values"), ("case", "work")
#: What the expressions at a place see besides fields.
ON_CASE: Collection[str] = ("round", "number", "state", "created_at", "closed_at", "count", "newest")
FORM: Collection[str] = (*ON_CASE, "has", "fresh")
GUARD: Collection[str] = (*ON_CASE, "has", "fresh", "now", "today", "note", "last")
STEP: Collection[str] = (*ON_CASE, "now", "today", "actor", "note")
ALWAYS = ("date", "short", "days", "hours", "months", "len", "lower", "starts_with", "is_mail", "is_phone")


class Context:
    """``fields``: the case's own; ``records``: with their columns. Both are filled while the document is built."""

    def __init__(self, raw: Mapping[str, Any], around: Surroundings, mistakes: Mistakes) -> None:
        self.raw, self.around, self.mistakes = raw, around, mistakes
        self.fields: dict[str, Field] = {}
        self.records: dict[str, Records] = {}
        #: The groups and conditions that something names.
        self.used: set[str] = set()

    def labels(self, of: str) -> dict[str, Text]:
        return {key: words.get("label", key) for key, words in self.raw.get(of, {}).items()}

    def names(self, written: Iterable[str] | None, kind: str, at: str, known: Collection[str]) -> tuple[str, ...]:
        """The names with groups spelled out, each once; a name that is not among ``known`` is a mistake."""
        groups = self.raw.get("groups", {})
        spelled = [name for one in written or () for name in groups.get(one, [one])]
        self.used.update(one for one in written or () if one in groups)
        for name in spelled:
            if name not in known and not self.unsure(kind, name):
                unknown(self.mistakes, at, kind, name, [*known, *groups])
        return tuple(dict.fromkeys(name for name in spelled if name in known))

    def roles(self, words: Mapping[str, Any], at: str) -> tuple[str, ...]:
        """Those that may read what ``words`` declare."""
        written = words.get("confidential_to")
        return self.names(written, "role", f"{at}.confidential_to", self.raw.get("roles", ()))

    def name(self, written: str | None, kind: str, at: str, known: Collection[str]) -> str | None:
        if written is not None and written not in known:
            if not self.unsure(kind, written):
                unknown(self.mistakes, at, kind, written, known)
            return None
        return written

    def unsure(self, kind: str, name: str) -> bool:
        """Whether the part of the document that declares such names, or this one, is itself what is wrong."""
        if kind == "channel":
            kind, name = "field", "channel"
        if (kind.startswith("column") or "." in name) and self._rows_unknown:
            return True
        of_type = "with" in kind or kind == "list field" or name == "channel"
        return self._undeclared(kind) or (of_type and self.type_unknown(name))

    @property
    def _rows_unknown(self) -> bool:
        """Whether the columns of some records are not known."""
        return any(re.fullmatch(r"records(\.[^.]+(\.fields)?)?", mistake.about) for mistake in self.mistakes)

    def type_unknown(self, key: str) -> bool:
        """Whether what the document says of the type of a field or column is wrong."""
        return any(re.fullmatch(OF_TYPE.format(re.escape(key)), mistake.about) for mistake in self.mistakes)

    def _undeclared(self, kind: str) -> bool:
        part = DECLARED.get(kind, "-")
        wrong = any(mistake.about == part or mistake.about.startswith(f"{part}[") for mistake in self.mistakes)
        return wrong or self.mistakes.parts_unknown

    def surface(self, sees: Collection[str], more: Iterable[Field] = ()) -> Surface:
        """``more``: fields of the form that are no fields of the case."""
        return Surface(
            fields=self.fields | {field.key: field for field in more},
            names=[name for name in sees if name in NAMES],
            functions=[name for name in (*ALWAYS, *sees) if name in FUNCTIONS],
            steps=self.labels("steps"),
            records=self.records,
            documents=self.labels("documents"),
            references=self.around.references,
        )

    def expression(self, source: str, at: str, surface: Surface, wanted: Collection[str] = ()) -> Expression | None:
        conditions = self.raw.get("conditions", {})
        if source in conditions:
            self.used.add(source)
            at, source = f"conditions.{source}", conditions[source]
        try:
            return compiled(source, surface, wanted)
        except WrongExpression as error:
            self._wrong(at, source, error)
            return None

    def _wrong(self, at: str, source: str, error: WrongExpression) -> None:
        """What follows from a field whose type is wrong, or from fields that can't be read, is not told."""
        if self._undeclared("field") or any(self.type_unknown(word) for word in re.findall(r"\w+", source)):
            return
        if error.values.get("kind") == "column" and self._rows_unknown:
            return
        self.mistakes.add(at, error.message, **error.values)

    def sentence(self, words: Words, at: str, surface: Surface) -> Sentence | Words:
        """Words without values stay as they are."""
        if not any(BRACE.search(text) for text in words.texts):
            return words
        try:
            return sentence(words, surface)
        except WrongExpression as error:
            self._wrong(at, " ".join(words.texts), error)
            return words

    def misplaced(self, at: str, field: Field) -> None:
        self.mistakes.add(at, N_("does not go with the type “%(type)s”"), type=field.kind.key)

    def is_rule(self, source: str) -> bool:
        """Whether it is the name of a function in Python rather than an expression."""
        packages = {name.split(".")[0] for name in self.around.rules}
        return bool(RULE_NAME.fullmatch(source)) and source.split(".")[0] in packages - set(self.fields)

    def rule(self, name: str, takes: tuple[str, ...], at: str) -> Callable[..., Any] | None:
        """The function of that name, which takes just these arguments."""
        found = self.around.rules.get(name)
        if found is None:
            unknown(self.mistakes, at, "rule", name, self.around.rules)
            return None
        given = tuple(inspect.signature(found).parameters)
        if given != takes:
            self.mistakes.add(at, N_("the rule “%(name)s” takes (%(given)s), but (%(takes)s) is given here"),
                              name=name, given=", ".join(given), takes=", ".join(takes))  # fmt: skip
            return None
        return found


def name_of(rule: Callable[..., Any]) -> str:
    """The name by which a document calls a function in Python."""
    return f"{rule.__module__.split('.')[-2]}.{rule.__name__}"
