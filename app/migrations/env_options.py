"""What Alembic compares and how it writes it down."""

from __future__ import annotations

from typing import Any, Literal

from app.models.types import UTCDateTime

#: Made by hand in a migration, because no model describes it.
NOT_OURS = "search_"


def render(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Migrations know nothing of the product's own types: they change, the past does not."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UTCDateTime) else False


def included(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    return not (kind == "table" and reflected and str(name).startswith(NOT_OURS))
