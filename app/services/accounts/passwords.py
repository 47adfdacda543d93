"""Which passwords are good enough: none that a guesser tries first. No rules on their composition (NIST SP 800-63B)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from zxcvbn import matching, scoring

SHORTEST, LONGEST = 12, 128
#: Guesses that a password must be worth; below it zxcvbn speaks of "somewhat guessable" (score 2).
ENOUGH = 10**8
#: Of a longer one the beginning is judged: zxcvbn takes long over many characters.
JUDGED = 72
#: Letters that must be left of a password without the names in it.
LEFT = 4
#: What zxcvbn calls a word that somebody's name, user name or organisation has.
OURS = "user_inputs"
WORDS = Path(__file__).with_name("common_words.txt")
#: Without letters and digits that are taken for one another when they are read out.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def problem(password: str, *about: str | None) -> str | None:
    """Why this is no password to choose, and what to do, in the reader's language; None for a good one. ``about``: the
    user's names, user name and address."""
    if len(password) > LONGEST:
        return str(_("Please take at most %(count)s characters.", count=LONGEST))
    return _weakness(password, *about) or _too_short(password)


def _too_short(password: str) -> str | None:
    if len(password) >= SHORTEST:
        return None
    return str(_("Please take at least %(count)s characters.", count=SHORTEST))


def _weakness(password: str, *about: str | None) -> str | None:
    """By what a guesser would find it, long before its length is of any help."""
    ours = list(dict.fromkeys(_words((*about, *_house()))))
    if _nothing_else(password, ours):
        return f"{_built_on_names()} {_advice()}"
    known = matching.RANKED_DICTIONARIES | {"indonesian": _indonesian(), OURS: matching.build_ranked_dict(ours)}
    judged = password[:JUDGED]
    found = scoring.most_guessable_match_sequence(judged, matching.omnimatch(judged, known))
    return None if found["guesses"] >= ENOUGH else f"{_why(found['sequence'])} {_advice()}"


def one_time() -> str:
    """A password that a person can read out: four groups of four, 79 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _n in range(4)) for _group in range(4))


def _advice() -> str:
    return str(_("Take three or four words that have nothing to do with each other, or let your browser make one."))


def _why(sequence: list[dict[str, Any]]) -> str:
    kinds = {part["pattern"] for part in sequence}
    lists = {part["dictionary_name"] for part in sequence if part["pattern"] == "dictionary"}
    if OURS in lists:
        return _built_on_names()
    if "dictionary" in kinds:
        return str(_("This password is on the lists of common ones, or close to one that is."))
    if kinds & {"spatial", "sequence", "repeat", "regex"}:
        return str(_("This password is a row of keys, a sequence or a repetition, which are tried first."))
    return str(_("This password is too easy to guess."))


def _built_on_names() -> str:
    return str(_("This password is built on a name of this person or of the organisation, which is tried first."))


def _nothing_else(password: str, ours: list[str]) -> bool:
    """Whether names, digits and signs are all there is: a year and a blank do not make a name a secret."""
    rest = password.casefold()
    for word in sorted((word for word in ours if len(word) > 2), key=len, reverse=True):
        rest = rest.replace(word, "")
    return sum(letter.isalpha() for letter in rest) < LEFT and len(rest) < len(password)


def _house() -> tuple[str, ...]:
    return (current_app.config["APP_NAME"], current_app.config["COMPANY_NAME"])


def _words(written: Iterable[str | None]) -> Iterator[str]:
    """Each whole, run together, and its words."""
    for text in filter(None, written):
        words = re.findall(r"\w+", text.casefold().replace("_", " "))
        yield from dict.fromkeys([text.casefold(), "".join(words), *(word for word in words if len(word) > 1)])


@cache
def _indonesian() -> dict[str, int]:
    lines = WORDS.read_text(encoding="utf-8").splitlines()
    words = (word for line in lines if not line.startswith("#") for word in line.split())
    ranked: dict[str, int] = matching.build_ranked_dict(list(dict.fromkeys(words)))
    return ranked
