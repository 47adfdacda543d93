"""The stage of the API's tests: master data, a clock that can be put forward, programs that walk an SOP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from tests.api.stage import fill_master_data, walker
from tests.cast import Cast
from tests.client import Program

#: A Monday in the afternoon in Jakarta.
START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def stage(app: Flask) -> Cast:
    fill_master_data(app)
    return Cast(app)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=True) as traveller:
        yield traveller


@pytest.fixture
def program(stage: Cast, clock: Any) -> Callable[[str], Program]:
    """A program for an SOP, by the SOP's key."""

    def make(sop: str) -> Program:
        return walker(stage, sop, lambda: clock.shift(timedelta(days=100)))

    return make
