"""The stage of the tests of evidence: cases with a checkpoint, on an instance of their own, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests import databases
from tests.services.evidence.owner import Office


@pytest.fixture(params=databases.BOTH)
def own_app(request: pytest.FixtureRequest, make_app: Callable[..., Flask]) -> Flask:
    """Nothing is left of another test beside the database."""
    if request.param == databases.CHOSEN:
        return make_app()
    return make_app(SQLALCHEMY_DATABASE_URI=request.getfixturevalue("pg_url"))


@pytest.fixture
def office(own_app: Flask, clock: Any) -> Iterator[Office]:
    with own_app.app_context():
        yield Office(own_app, clock)
