"""The shapes that a word of a document can have: how each is read, and how it is written in JSON Schema.

``read`` returns the value in one normal form, or ``WRONG`` after it has noted why not; what is wrong is left out of the
document, so that everything else can be checked as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from app.workflow.mistakes import N_, Mistakes, nearest, unknown
from app.workflow.texts import LANGUAGES, Words

WRONG: Any = object()
Schema = dict[str, Any]
KEY = re.compile(r"[a-z][a-z0-9_]*")
LONGEST_TEXT = 4000
LONGEST_KEY = 60
#: What no text of a document holds; a line break and a tab are none of them.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Shape(Protocol):
    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any: ...
    @property
    def schema(self) -> Schema: ...


def below(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def is_a(value: Any, kind: type, named: str, at: str, mistakes: Mistakes) -> bool:
    right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    if not right:
        mistakes.add(at, N_("must be %(kind)s, not “%(value)s”"), kind=named, value=shown(value))
    return right


def shown(value: Any) -> str:
    """The beginning of what stands in the document, for a mistake."""
    try:
        return str(value).lower() if isinstance(value, bool) else str(value)[:60]
    except ValueError:  # a number of thousands of digits
        return "…"


def _readable(text: str, at: str, mistakes: Mistakes) -> bool:
    if not text.strip() or len(text) > LONGEST_TEXT:
        mistakes.add(at, N_("must not be empty or longer than %(longest)s characters"), longest=LONGEST_TEXT)
    elif CONTROL.search(text):
        mistakes.add(at, N_("holds a character that can't be shown"))
    else:
        return True
    return False


@dataclass(frozen=True)
class Str:
    """A text of one line, such as a name or an expression."""

    pattern: str = ""
    such_as: str = ""

    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any:
        if not is_a(value, str, "a text", at, mistakes):
            return WRONG
        if not _readable(value, at, mistakes):
            return WRONG
        if self.pattern and not re.fullmatch(self.pattern, value):
            mistakes.add(at, N_("“%(value)s” must look like “%(such_as)s”"), value=value[:60], such_as=self.such_as)
            return WRONG
        return value

    @property
    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1} | ({"pattern": f"^({self.pattern})$"} if self.pattern else {})


@dataclass(frozen=True)
class Label:
    """A text in every language."""

    one_line: bool = False

    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any:
        languages = ", ".join(f'{language} = "…"' for language in LANGUAGES)
        if not isinstance(value, dict):
            mistakes.add(at, N_("must be in every language: { %(languages)s }"), languages=languages)
            return WRONG
        wrong = len(mistakes)
        others = sorted(value.keys() - set(LANGUAGES))
        for other in others:
            unknown(mistakes, at, "language", other, LANGUAGES)
        meant = {nearest(other, LANGUAGES) for other in others}
        for language in LANGUAGES:
            if language not in value and language in meant:
                continue
            if not isinstance(value.get(language), str) or not value[language].strip():
                mistakes.add(at, N_("lacks the text in the language “%(language)s”"), language=language)
            else:
                _readable(value[language], f"{at}.{language}", mistakes)
                if self.one_line and "\n" in value[language]:
                    mistakes.add(f"{at}.{language}", N_("must stand in one line"))
        return WRONG if len(mistakes) > wrong else Words.of(value)

    @property
    def schema(self) -> Schema:
        return {"$ref": "#/$defs/label"}


@dataclass(frozen=True)
class Truth:
    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any:
        return value if is_a(value, bool, "true or false", at, mistakes) else WRONG

    @property
    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Whole:
    least: int
    most: int

    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any:
        if not is_a(value, int, "a whole number", at, mistakes):
            return WRONG
        if not self.least <= value <= self.most:
            mistakes.add(at, N_("must be between %(least)s and %(most)s"), least=self.least, most=self.most)
            return WRONG
        return value

    @property
    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Day:
    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        mistakes.add(at, N_("must be a day, such as 2026-12-01, without quotes"))
        return WRONG

    @property
    def schema(self) -> Schema:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True)
class OneOf:
    """One of some written words; ``kind`` says what they are."""

    kind: str
    words: tuple[str, ...]

    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any:
        if value in self.words and isinstance(value, str):
            return value
        unknown(mistakes, at, self.kind, shown(value), self.words)
        return WRONG

    @property
    def schema(self) -> Schema:
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Scalar:
    """A text, a number or a tick, such as the default of a field."""

    def read(self, value: Any, at: str, mistakes: Mistakes) -> Any:
        if isinstance(value, str | int):
            return value
        mistakes.add(at, N_("must be %(kind)s, not “%(value)s”"), kind="a text, a number or true",
                     value=shown(value))  # fmt: skip
        return WRONG

    @property
    def schema(self) -> Schema:
        return {"type": ["string", "integer", "boolean"]}
