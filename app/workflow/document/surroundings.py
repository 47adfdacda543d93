"""What a document may name that stands outside of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.workflow.document.expressions import Type


@dataclass(frozen=True)
class Surroundings:
    """``rules``: functions in Python by ``package.name``. ``references``: per table of master data its columns with
    their types. ``sops``: keys of the other SOPs. ``templates``: of sections and side panels. ``forms``: per
    printed form the kinds of file that it comes as. ``taken_keys``: what no SOP may be called, nor a table of its rows;
    ``taken_fields``, ``taken_columns``, ``taken_roles``: what no field, no column of rows and no role may.
    ``longest_role``: in characters."""

    rules: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    references: Mapping[str, Mapping[str, Type]] = field(default_factory=dict)
    sops: Collection[str] = ()
    settings: Collection[str] = ()
    templates: Collection[str] = ()
    forms: Mapping[str, Collection[str]] = field(default_factory=dict)
    taken_keys: Collection[str] = ()
    taken_fields: Collection[str] = ()
    taken_columns: Collection[str] = ()
    taken_roles: Collection[str] = ()
    longest_role: int = 64
