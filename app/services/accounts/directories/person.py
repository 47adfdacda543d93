"""Somebody as a directory describes them."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.workflow.contacts import mail_address

#: As much of it as the columns of a user take.
LONGEST_NAME, LONGEST_MAIL, LONGEST_USERNAME, LONGEST_KEY = 64, 320, 64, 255


@dataclass(frozen=True)
class Person:
    """``origin``: which directory says so, one of ``models.people.ORIGINS``. ``key``: what it calls them for ever,
    whatever becomes of their name. ``roles``: those that follow from their groups. An address that can't be one is
    empty."""

    origin: str
    key: str
    username: str
    first_name: str
    last_name: str
    email: str
    roles: frozenset[str]

    @classmethod
    def of(
        cls, origin: str, key: str, username: str, names: tuple[str, str, str], email: str, roles: Iterable[str]
    ) -> Person:
        """``names``: first, last, and the whole name; what is missing of them follows from the rest."""
        first, last, whole = (_readable(name) for name in names)
        if not (first or last):
            first, _blank, last = whole.partition(" ")
        elif not first:
            first, last = last, ""
        address = mail_address(_readable(email), internal=True) or ""
        return cls(
            origin, key, _readable(username), (first or _readable(username))[:LONGEST_NAME], last[:LONGEST_NAME],
            address if len(address) <= LONGEST_MAIL else "", frozenset(roles),
        )  # fmt: skip

    @property
    def is_fit(self) -> bool:
        """Whether an account can be called so: the same rules as where an admin types the name. Without a key it would
        be any account that waits for its first sign-in."""
        named = 0 < len(self.username) <= LONGEST_USERNAME and not any(one.isspace() for one in self.username)
        return named and 0 < len(self.key) <= LONGEST_KEY


def mapped(groups: Collection[str], mapping: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The roles of who is in these groups; a group that the settings do not name gives none."""
    return frozenset(role for group, role in mapping if group in groups)


def _readable(written: str) -> str:
    """Without what shows nothing or turns the direction of reading."""
    plain = unicodedata.normalize("NFC", written)
    return "".join(one for one in plain if not unicodedata.category(one).startswith("C")).strip()
