"""Which part of a text is what somebody has typed: to be marked, or to tell whether a person is meant."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz.distance import OSA

from app.services.core import phones
from app.services.search import tokens

#: Words beyond that many are not compared.
MOST_WORDS = 10
#: A word is unfinished from this length on; fewer letters begin too many words.
LEAST_BEGINNING = 2
#: From these lengths on one letter may be wrong, and two.
ONE_TYPO, TWO_TYPOS = 4, 6
#: Digits that stand within a number or a phone.
LEAST_DIGITS = 4


class Typed:
    """What was typed into a search box, to be found in texts."""

    def __init__(self, words: str) -> None:
        self._words = tokens.words_in(words)[:MOST_WORDS]
        key = tokens.compact(words)
        # A number of this country is kept with its code instead of the nought, and may not be typed to its end yet.
        keys = {key, tokens.compact(phones.normalised(words)), key.lstrip("0") if key.isdigit() else key}
        self._keys = {key for key in keys if sum(c.isdigit() for c in key) >= LEAST_DIGITS}

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where it stands in a text, from and to; of a number or a phone the whole of it, however it is written."""
        if self.is_key_of(text):
            return [(0, len(text))] if text else []
        return [span for span, word in _words(text) if self._means(word)]

    def is_key_of(self, text: str) -> bool:
        """Whether ``text`` is a number or a phone that was typed, or part of it was."""
        if not self._keys or not tokens.is_identifier(text):
            return False
        written = {tokens.compact(text), tokens.compact(phones.normalised(text))}
        return any(key in whole for key in self._keys for whole in written)

    def tells(self, texts: list[str]) -> bool:
        """Whether the texts together have every word that was typed, or one of them its key."""
        if any(self.is_key_of(text) for text in texts):
            return True
        there = [word for text in texts for _span, word in _words(text)]
        return bool(self._words) and all(
            any(word.startswith(typed) or _alike(typed, word) for word in there) for typed in self._words
        )

    def _means(self, word: str) -> bool:
        return any(_alike(typed, word) for typed in self._words)


def _words(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    for match in tokens.WORD.finditer(text):
        yield match.span(), tokens.folded(match[0])


def _alike(typed: str, word: str) -> bool:
    """Whether it is that word, its beginning, or the word with a letter wrong."""
    if typed == word or (len(typed) >= LEAST_BEGINNING and word.startswith(typed)):
        return True
    if len(typed) < ONE_TYPO or not (typed.isalpha() and word.isalpha()):
        return False
    return OSA.distance(typed, word) <= (2 if len(typed) >= TWO_TYPOS else 1)
