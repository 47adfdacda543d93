"""What a case says of itself, in the groups in which it was asked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.models import Case
from app.workflow.declaration import Field, Sop, Text

NOTED = _l("Noted by the steps")


@dataclass(frozen=True)
class FactGroup:
    """``heading``: that of the declared group; of fields without one, the step whose form asked first for them, none
    for what the case began with, and ``NOTED`` for what no form has."""

    heading: Text
    facts: list[tuple[Field, Any]]


def fact_groups(sop: Sop, case: Case, closed: Collection[str]) -> list[FactGroup]:
    """Without what is empty, and without what the reader may not read (``closed``: keys)."""
    found: dict[Text, FactGroup] = {
        "": FactGroup("", []),
        **{g.label: FactGroup(g.label, []) for g in sop.field_groups},
    }
    for key, field in sop.fields.items():
        value = getattr(case, key)
        if key in closed or value is None or value in ("", []):
            continue
        heading = field.group.label if field.group else _asked_in(sop, key)
        found.setdefault(heading, FactGroup(heading, [])).facts.append((field, value))
    noted = found.pop(NOTED, None)
    return [group for group in (*found.values(), noted) if group and group.facts]


def _asked_in(sop: Sop, key: str) -> Text:
    step = next((t for t in sop.known_transitions.values() if t.field(key) is not None), None)
    if step is None:
        return NOTED
    return "" if step.creates else step.label


def person_of(sop: Sop, case: Case, closed: Collection[str]) -> list[tuple[Field, Any]]:
    """Who reported, and how they are reached, as far as it is known and may be read."""
    fields = (sop.fields.get(key) for key in sop.reporter or () if key not in closed)
    return [(field, value) for field in fields if field is not None and (value := getattr(case, field.key))]
