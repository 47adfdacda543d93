"""Pages that read from the copy of the database, where there is one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from app.services.core.replica import read_from_replica

P = ParamSpec("P")
Answer = TypeVar("Answer")


def from_replica(view: Callable[P, Answer]) -> Callable[P, Answer]:
    """Marks a page of figures or reports. Nearest to the function, so that who asks is known already: rights are never
    those of some seconds ago."""

    @wraps(view)
    def reading(*args: P.args, **kwargs: P.kwargs) -> Answer:
        read_from_replica()
        return view(*args, **kwargs)

    return reading
