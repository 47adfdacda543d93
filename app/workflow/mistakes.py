"""Mistakes in a document: each with its place and a sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any


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

    def __str__(self) -> str:
        text = self.message % self.values
        return f"{self.place}: {text}" if self.place else text


class Mistakes(list[Mistake]):
    """The mistakes found so far."""

    def add(self, path: str, message: str, /, **values: Any) -> None:
        self.append(Mistake(path, message, values))


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
