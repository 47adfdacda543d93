"""Stages of the tests of services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests import buckets
from tests.buckets import Bucket
from tests.services.retention.keeping import START, Stage


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=True) as traveller:
        yield traveller


@pytest.fixture
def stage(any_app: Flask, clock: Any) -> Iterator[Stage]:
    with any_app.app_context():
        yield Stage(any_app, clock)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of an S3 server."""
    with buckets.server() as address:
        yield address


@pytest.fixture
def bucket(endpoint: str) -> Bucket:
    return buckets.new_bucket(endpoint)
