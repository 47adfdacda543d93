"""What is left of a value for whom it is masked."""

from __future__ import annotations

MASK = "***"


class Masked(str):
    """Stands in place of a value of any kind, and is shown as it is."""

    __slots__ = ()
