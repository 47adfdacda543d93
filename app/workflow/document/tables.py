"""Shapes made of other shapes: lists, tables with keys of the owner's choice, tables with words of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.workflow.document.shapes import KEY, LONGEST_KEY, WRONG, Schema, Shape, below, is_a
from app.workflow.mistakes import N_, Mistakes, nearest, unknown


@dataclass(frozen=True)
class ListOf:
    """Several of a shape; one alone need not stand in brackets."""

    item: Shape

    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any:
        if not isinstance(value, list):
            read = self.item.read(value, at, mistakes)
            return WRONG if read is WRONG else [read]
        read = [self.item.read(one, f"{at}[{nth}]", mistakes) for nth, one in enumerate(value)]
        return [one for one in read if one is not WRONG]

    @property
    def schema(self) -> Schema:
        return {"anyOf": [self.item.schema, {"type": "array", "items": self.item.schema}]}


@dataclass(frozen=True)
class Either:
    """A text in short, or a table (or another shape) in full."""

    short: Shape
    full: Shape
    full_type: type = dict

    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any:
        return (self.full if isinstance(value, self.full_type) else self.short).read(value, at, mistakes)

    @property
    def schema(self) -> Schema:
        return {"anyOf": [self.short.schema, self.full.schema]}


@dataclass(frozen=True)
class MapOf:
    """A table with keys of the owner's choice. ``key``: what a key must look like. ``blank``: what stands for an entry
    that is wrong, so that its key stays known: else everything that names it would be called unknown."""

    item: Shape
    key: re.Pattern[str] = KEY
    blank: Any = WRONG

    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any:
        if not is_a(value, dict, "a table", at, mistakes):
            return WRONG
        result = {}
        blank = {} if isinstance(self.item, Table) else self.blank
        for key, one in value.items():
            if not self.key.fullmatch(key) or len(key) > LONGEST_KEY:
                mistakes.add(
                    below(at, key), N_("the key must be of small letters, digits and _, up to %(longest)s of them"),
                    longest=LONGEST_KEY,
                )  # fmt: skip
                result[key] = blank
                continue
            read = self.item.read(one, below(at, key), mistakes)
            result[key] = blank if read is WRONG else read
        return {key: read for key, read in result.items() if read is not WRONG}

    @property
    def schema(self) -> Schema:
        names = {"pattern": f"^({self.key.pattern})$", "maxLength": LONGEST_KEY}
        return {"type": "object", "propertyNames": names, "additionalProperties": self.item.schema}


@dataclass(frozen=True)
class Word:
    """A word of a table: its shape, what it says, whether it must be there."""

    shape: Shape
    says: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """A table with words of its own. ``name``: under which it stands in the schema."""

    name: str
    words: Mapping[str, Word]

    def __hash__(self) -> int:
        return hash(self.name)

    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any:
        if not is_a(value, dict, "a table", at, mistakes):
            return WRONG
        result = {}
        for key, one in value.items():
            word = self.words.get(key)
            if word is None:
                unknown(mistakes, at, "word", str(key), self.words)
                continue
            read = word.shape.read(one, below(at, key), mistakes)
            if read is not WRONG:
                result[key] = read
            if word.required and read in ([], {}) and not mistakes.told_in(below(at, key)):
                mistakes.add(below(at, key), N_("must not be empty"))
        meant = {nearest(key, self.words) for key in value if key not in self.words}
        for key, word in self.words.items():
            if word.required and key not in value and key not in meant:
                mistakes.add(at, N_("lacks “%(word)s”"), word=key)
        return result

    @property
    def schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.name}"}

    @property
    def definition(self) -> Schema:
        """The table in JSON Schema, to which ``schema`` refers."""
        return {
            "type": "object",
            "properties": {key: word.shape.schema | {"description": word.says} for key, word in self.words.items()},
            "required": [key for key, word in self.words.items() if word.required],
            "additionalProperties": False,
        }
