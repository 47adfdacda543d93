"""Fields and records as several revisions of an SOP know them together: nothing that an older case has goes unnamed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Protocol, TypeVar

from app.workflow.parts import Choice, Field, Records


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=_Keyed)


def by_key(groups: Iterable[Iterable[K]]) -> dict[str, K]:
    """Each by its key, as the first of the groups has it."""
    found: dict[str, K] = {}
    for group in groups:
        for item in group:
            found.setdefault(item.key, item)
    return found


def fields(groups: Iterable[Mapping[str, Field]]) -> dict[str, Field]:
    """Each as the first of the groups has it, with the choices that the others know besides."""
    found: dict[str, Field] = {}
    for group in groups:
        for key, field in group.items():
            found[key] = _with_choices(found[key], field.choices) if key in found else field
    return found


def records(groups: Iterable[Iterable[Records]]) -> dict[str, Records]:
    """Each as the first of the groups has it, with the columns and choices that the others know besides."""
    found: dict[str, Records] = {}
    for group in groups:
        for item in group:
            found[item.key] = _with_columns(found[item.key], item) if item.key in found else item
    return found


def _with_choices(field: Field, others: Iterable[Choice]) -> Field:
    known = {choice.key for choice in field.choices}
    more = tuple(choice for choice in others if choice.key not in known)
    return replace(field, choices=field.choices + more) if more else field


def _with_columns(item: Records, other: Records) -> Records:
    columns = fields({column.key: column for column in one.columns} for one in (item, other))
    return replace(item, columns=tuple(columns.values()))
