"""What Alembic compares and how it writes it down."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Table

from app.models.derive import is_derived
from app.models.types import UTCDateTime

#: Tables and indexes made by hand in a migration, because no model describes them.
NOT_OURS = "search_"


def render(kind: str, item: Any, autogenerate: Any) -> str | Literal[False]:
    """Migrations know nothing of the product's own types: they change, the past does not."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UTCDateTime) else False


def included(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Migrations keep the tables that all SOPs share. An SOP's own follow its declaration, declared still or not."""
    if kind == "table" and _is_an_sops(item):
        return False
    return not (kind in ("table", "index") and reflected and str(name).startswith(NOT_OURS))


def _is_an_sops(table: Table) -> bool:
    leads_to = {column.name: key.target_fullname.partition(".")[0] for column in table.c for key in column.foreign_keys}
    return is_derived(table.c.keys(), leads_to)
