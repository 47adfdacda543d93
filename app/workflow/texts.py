"""Texts of an SOP in the languages of its document, spoken in that of whoever reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

#: The languages in which every text of a document stands, the default first.
LANGUAGES = ("id", "en")


def _default() -> str:
    return LANGUAGES[0]


_chosen: ContextVar[str] = ContextVar("_chosen", default="")
_speak: Callable[[], str] = _default


def speak(language: Callable[[], str]) -> None:
    """From now on texts are spoken in the language that ``language`` answers."""
    global _speak
    _speak = language


@contextmanager
def spoken_in(language: str) -> Iterator[None]:
    """Within it texts are spoken in this language."""
    token = _chosen.set(language)
    try:
        yield
    finally:
        _chosen.reset(token)


def present_language() -> str:
    """The language in which a text is spoken now, one of ``LANGUAGES``."""
    language = _chosen.get() or _speak()
    return language if language in LANGUAGES else LANGUAGES[0]


@dataclass(frozen=True)
class Words:
    """A text in every language of ``LANGUAGES``, in their order; ``str()`` speaks it."""

    texts: tuple[str, ...]

    @classmethod
    def of(cls, by_language: Mapping[str, str]) -> Words:
        return cls(tuple(by_language[language] for language in LANGUAGES))

    def in_language(self, language: str) -> str:
        return self.texts[LANGUAGES.index(language)]

    @property
    def sentence(self) -> Words:
        """The same with a full stop."""
        return Words(tuple(text if text.endswith(".") else f"{text}." for text in self.texts))

    def __str__(self) -> str:
        return self.in_language(present_language())

    def __bool__(self) -> bool:
        return any(self.texts)


#: What an organisation sets itself before a deadline.
INTERNAL_TARGET = Words(("Target internal", "Internal target"))


def about(kind: Words, what: object) -> Words:
    """``Internal target: Reply``: a text with what it is about, in every language."""
    told = what.texts if isinstance(what, Words) else (str(what),) * len(LANGUAGES)
    return Words(tuple(f"{first}: {second}" for first, second in zip(kind.texts, told, strict=True)))
