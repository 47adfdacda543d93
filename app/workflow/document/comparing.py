"""What differs between two documents, told by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """``before`` is None where something was added, ``after`` where it was taken away."""

    path: str
    before: Any
    after: Any


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Between the tables of two documents; what a table has lost or gained as a whole is one difference."""
    return list(_between("", old, new))


def _between(path: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from _between(f"{path}.{key}" if path else str(key), old.get(key), new.get(key))
    elif old != new:
        yield Difference(path, old, new)
