"""Sentences with values in them: ``Possible from {date(last('send')) + months(3)}.``"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.workflow.document.bound import scope_of
from app.workflow.document.compiler import compiled
from app.workflow.document.expressions import Expression, Scope, Surface, WrongExpression
from app.workflow.mistakes import N_
from app.workflow.parts import Field
from app.workflow.texts import LANGUAGES, Words, present_language
from app.workflow.veil import MASK, Masked

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
BRACE = re.compile(r"[{}]")
#: How a value is written, by the field whose value it is and its type; ``services.core.formatting`` puts its own in.
Written = Callable[[Field | None, str, Any], str]


def _plainly(_field: Field | None, _type: str, value: Any) -> str:
    return "–" if value is None else str(value)


_written: Written = _plainly


def write_values(written: Written) -> None:
    """From now on values in sentences are written by ``written``."""
    global _written
    _written = written


def _told(part: Expression, scope: Scope) -> Any:
    value = part.value(scope)
    return Masked(MASK) if part.fields & scope.hidden and value is not None else value


@dataclass(frozen=True)
class Sentence:
    """``parts``: per language texts and expressions in turn. ``said`` fills it in."""

    words: Words
    parts: tuple[tuple[str | Expression, ...], ...]

    def said(self, scope: Scope) -> Said:
        return Said(self, tuple(
            tuple(p if isinstance(p, str) else (p, _told(p, scope)) for p in parts) for parts in self.parts
        ))  # fmt: skip

    @property
    def general(self) -> Words:
        """With the words of its values rather than the values."""
        return Words(tuple(
            "".join(p if isinstance(p, str) else p.words.texts[nth] for p in parts)
            for nth, parts in enumerate(self.parts)
        ))  # fmt: skip

    def __call__(self, facts: Any) -> Said:
        """As the sentence of a guard."""
        return self.said(scope_of(facts))


@dataclass(frozen=True)
class Said:
    """A sentence with the values of its moment, spoken when it is read."""

    sentence: Sentence
    parts: tuple[tuple[str | tuple[Expression, Any], ...], ...]

    def __str__(self) -> str:
        parts = self.parts[LANGUAGES.index(present_language())]
        return "".join(p if isinstance(p, str) else _written(p[0].of, p[0].type, p[1]) for p in parts)


@dataclass(frozen=True)
class Constant:
    """The sentence of a guard that is always the same."""

    words: Words

    def __call__(self, facts: Any) -> Words:
        return self.words


def sentence(words: Words, surface: Surface) -> Sentence:
    """Reads the placeholders. Raises ``WrongExpression``."""
    return Sentence(words, tuple(_parts(text, surface) for text in words.texts))


def _parts(text: str, surface: Surface) -> tuple[str | Expression, ...]:
    split = PLACEHOLDER.split(text)
    if any(BRACE.search(part) for part in split[::2]):
        raise WrongExpression(N_("has a brace without its other: “%(text)s”"), text=text[:80])
    return tuple(part if at % 2 == 0 else compiled(part, surface) for at, part in enumerate(split) if part or at % 2)
