"""A stage that all tries of a module share: what one leaves behind the next one meets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings

from app import create_app
from app.extensions import db
from tests.api.stage import fill_master_data
from tests.conftest import settings_for

#: How many tries there are, times what a run of the suite makes: ``FUZZ=20`` for a long one.
SCALE = int(os.environ.get("FUZZ", "1"))


def tries(many: int, **more: Any) -> settings:
    """Random, but the same in every run."""
    return settings(
        max_examples=many * SCALE, deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck), **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def stage(fresh: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("fuzz")
    app = create_app(settings_for(folder, SQLALCHEMY_DATABASE_URI=fresh.lay(folder)))
    fill_master_data(app)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    fresh.drop(folder)
