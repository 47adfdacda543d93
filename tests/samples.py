"""For every kind of field what somebody may type, what they may not, and a field that asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.workflow.declaration import Choice, Field
from app.workflow.kinds import KINDS, FieldKind


@dataclass(frozen=True)
class Sample:
    """``typed`` is read; none of ``wrong`` is. ``more``: what else such a field declares."""

    typed: Any
    wrong: tuple[Any, ...]
    more: dict[str, Any] = field(default_factory=dict)


ANSWERS = (Choice("married", "Menikah"), Choice("single", "Lajang"))
SAMPLES: dict[str, Sample] = {
    "text": Sample("Rina Maharani", (["Rina"], "x" * 256)),
    "longtext": Sample("Rina bilang begini\nlalu begitu", ({}, "x" * 20_001)),
    "email": Sample("rina@contoh.example", ("bukan email", "rina@", "rina@@contoh.id", "a b@contoh.id", "rina@contoh")),
    "phone": Sample("0812-3456-7890", ("bukan nomor", "-", "12", "rina@contoh.id", "Jl. Mawar 12")),
    "contact": Sample("rina@contoh.example", ("bukan email", "rina@", "x", "-")),
    "integer": Sample(7345, ("tujuh", 1.5, True)),
    "position": Sample("12:45", ("menit ke-12", "12", True)),
    "money": Sample("Rp7.345.000", ("sejuta", "1.25")),
    "date": Sample("23/11/1987", ("besok", "31/02/1987")),
    "datetime": Sample("1987-11-23 14:05", ("besok", "1987-11-23 25:00")),
    "boolean": Sample(True, ("mungkin",)),
    "choice": Sample("married", ("widowed", 1), {"choices": ANSWERS}),
    "reference": Sample("CUSTOMER", (True, []), {"reference": "customer"}),
    "list": Sample(["married"], ("widowed", 7, {}), {"choices": ANSWERS}),
}


def field_of(kind: FieldKind, key: str = "field", **more: Any) -> Field:
    """A field of a kind."""
    return Field(key, "Field", kind.type, format=kind.format, **{**SAMPLES[kind.key].more, **more})


def every() -> list[Any]:
    """Each kind, for ``parametrize``."""
    return sorted(KINDS.values(), key=lambda kind: kind.key)
