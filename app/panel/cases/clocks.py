"""What a case's page shows of its clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask

from app.services.core.formatting import length
from app.services.deadlines.counting import pauses_of


def pause_began(clock: Any) -> datetime:
    """Since when a clock is paused."""
    return pauses_of(clock)[-1][0]


def clock_length(clock: Any, amount: int) -> str:
    """``20 working days``: an amount in the clock's own measure."""
    return length(amount, clock.measure)


def register(app: Flask) -> None:
    app.jinja_env.globals.update(pause_began=pause_began, clock_length=clock_length)
