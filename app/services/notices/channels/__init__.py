"""Channels by which messages leave the system: a small file each, with the same two functions.

``is_set_up() -> bool``: whether the settings name a server (an address, a key) for the channel. Where they do not,
messages wait and the admin's page says so.

``deliver(message) -> Outcome``: hands one message over, once, and says what became of it. It is called by the worker,
outside of any transaction; leasing a message, trying again, and writing down what became of it are not its business.
What the other side does never raises; a fault of our own may, and counts as ``later``. ``message`` is the channel's own
frozen dataclass. A channel that keeps its connection open has a class with the same ``deliver`` besides.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

#: After this many tries that the other side refused for the time being, a message counts as refused.
MOST_ATTEMPTS = 15
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)
#: A pause is this much shorter or longer by chance, so that what failed together does not come back together.
JITTER = 0.2


@dataclass(frozen=True)
class Outcome:
    """``sent``: the other side has taken it. ``later``: not now, worth another try. ``refused``: never.
    ``unreachable``: the other side could not be asked at all, so it was no try, and nothing else needs to be tried in
    this run either. ``reason``: in the words of the other side, for an admin; empty when it was sent."""

    result: Literal["sent", "later", "refused", "unreachable"]
    reason: str = ""


SENT = Outcome("sent")


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the try with this number (from 1): twice as long each time, up to ``LONGEST_PAUSE``."""
    doublings = min(max(attempts, 1) - 1, 20)
    pause = min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)
    jitter = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - nothing secret hangs on it
    return timedelta(seconds=pause.total_seconds() * jitter)
