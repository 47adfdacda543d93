"""Alembic's way in: the app's own engine and the tables of FAB and ours."""

from __future__ import annotations

from alembic import context
from flask import current_app
from flask_appbuilder import Model

import app.sop  # noqa: F401  (derives the SOPs' tables)
from app.migrations.env_options import included, render


def run() -> None:
    # Another database than the app's own, where one is being made ready (``services/moving``).
    engine = context.config.attributes.get("engine") or current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
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
