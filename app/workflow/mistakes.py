"""Mistakes in a document: each with its place and a sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from unicodedata import category


def N_(message: str) -> str:
    """Marks the id of a message that is translated where it is shown."""
    return message


@dataclass(frozen=True)
class Mistake:
    """``path``: the place in the document, ``steps.propose.only_if[0]``; ``message`` has the ``values`` as
    ``%(name)s``. ``file``: the document, as its owner knows it."""

    path: str
    message: str
    values: dict[str, Any] = field(default_factory=dict)
    file: str = ""

    @property
    def place(self) -> str:
        return ": ".join(part for part in (self.file, self.path) if part)

    @property
    def about(self) -> str:
        """The path with the word that is lacking there, or that was meant by an unknown one."""
        word = self.values.get("near") if self.values.get("kind") == "word" else self.values.get("word")
        return self.path if word is None else f"{self.path}.{word}".lstrip(".")

    def said(self, text: str) -> str:
        """``text`` (the message in some language) behind the place, in one line whatever the document holds."""
        line = f"{self.place}: {text}" if self.place else text
        return "".join(c if c.isprintable() or category(c) == "Zs" else "\N{REPLACEMENT CHARACTER}" for c in line)

    def __str__(self) -> str:
        return self.said(self.message % self.values)


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith((f"{place}.", f"{place}[", f"{place}:"))


class Mistakes(list[Mistake]):
    """The mistakes found so far."""

    def add(self, path: str, message: str, /, **values: Any) -> None:
        self.append(Mistake(path, message, values))

    def told_in(self, place: str) -> bool:
        """Whether there is one at this place or below it."""
        return any(_within(mistake.about, place) for mistake in self)

    @property
    def parts_unknown(self) -> bool:
        """Whether a whole part of the document is called as none is, so that what it declares is not known."""
        return any(not mistake.path and mistake.values.get("kind") == "word" for mistake in self)

    def told_around(self, place: str) -> bool:
        """Whether there is one at this place, below it or above it."""
        return any(_within(m.about, place) or _within(place, m.about) for m in self if m.about)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    return next(iter(get_close_matches(name, list(known), 1, 0.6)), None)


def unknown(mistakes: Mistakes, path: str, kind: str, name: str, known: Iterable[str]) -> None:
    """Adds that there is no ``kind`` of this name, with the name that was probably meant."""
    near = nearest(name, known)
    if near:
        mistakes.add(path, N_("unknown %(kind)s “%(name)s”; did you mean “%(near)s”?"), kind=kind, name=name, near=near)
    else:
        mistakes.add(path, N_("unknown %(kind)s “%(name)s”"), kind=kind, name=name)
