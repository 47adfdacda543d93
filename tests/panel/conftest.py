"""Who works on the pages of master data, and for whom."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import Unit
from tests.cast import Cast
from tests.panel.helpers import in_english, posko


@pytest.fixture
def admin(cast: Cast) -> FlaskClient:
    """Reads English."""
    browser = cast.login("admin")
    in_english(browser)
    return browser


@pytest.fixture
def unit(app: Flask) -> int:
    """The id of the one unit there is."""
    posko(app)
    with app.app_context():
        return int(db.session.scalars(select(Unit.id)).one())
