"""Alembic's way in: the app's own engine and the tables of FAB and ours."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from flask_appbuilder import Model

import app.sop  # noqa: F401  (derives the SOPs' tables)
from app.models.types import UTCDateTime

#: Made by hand in a migration, because no model describes it.
NOT_OURS = "search_"


def render(kind: str, item: Any, autogenerate: Any) -> str | bool:
    """Migrations know nothing of the product's own types: they change, the past does not."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UTCDateTime) else False


def included(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    return not (kind == "table" and reflected and str(name).startswith(NOT_OURS))


def run() -> None:
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            render_as_batch=True,
            render_item=render,
            include_object=included,
            compare_type=False,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
