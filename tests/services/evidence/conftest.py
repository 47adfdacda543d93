"""The stage of the tests of evidence: cases with a checkpoint, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.services.evidence.owner import Office


@pytest.fixture
def office(any_app: Flask, clock: Any) -> Iterator[Office]:
    with any_app.app_context():
        yield Office(any_app, clock)
