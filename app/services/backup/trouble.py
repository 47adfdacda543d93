"""What can go wrong with a backup, in words for whoever takes it or puts it back."""

from __future__ import annotations


class Trouble(Exception):
    """The message says what was wrong and what there is now."""


class WrongKey(Trouble):
    """The archive can't be opened with what was given."""


class Damaged(Trouble):
    """The archive is not what was written."""
