"""Kills work at random moments, and asks after each kill what is left.

A process that has loaded the application forks off one for each try, since its start would take longer than what it
does. The first of each act lives, and tells how long it takes; the others are killed somewhere within that.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.faults import acts, judge
from benchmarks.faults.house import House, chance_of

#: Seconds after which an act that was not killed is given up.
LONGEST = 120
#: A kill comes at most this much later than the act usually takes.
BEYOND = 1.1


@dataclass
class Tally:
    """``killed`` and ``finished`` (it was over before its kill) by act; ``wrongs``: what did not hold, with the try
    after which it showed."""

    killed: dict[str, int] = field(default_factory=dict)
    finished: dict[str, int] = field(default_factory=dict)
    wrongs: list[str] = field(default_factory=list)


class Failed(Exception):
    """A forked process ended with an error of its own."""


def inside(house: House, work: Callable[[], Any], delay: float | None = None) -> Any:
    """Does ``work`` in a process of its own and gives back what it answers. With ``delay`` that process is killed so
    many seconds after it began; ``KILLED`` where that came before its end. Raises ``Failed``."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reading)
        _child(house, work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        pipe.read(1)  # it has begun
        if delay is not None:
            time.sleep(delay)
            os.kill(pid, signal.SIGKILL)
        said = pipe.read()
    _pid, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) == signal.SIGKILL and delay is not None:
            return KILLED
        raise Failed(f"ended by signal {os.WTERMSIG(status)}")
    answer = json.loads(said)
    if "error" in answer:
        raise Failed(answer["error"])
    return answer["said"]


KILLED = object()


def _child(house: House, work: Callable[[], Any], writing: int) -> None:
    answer: dict[str, Any] = {}
    try:
        signal.alarm(LONGEST)
        with house.inside():
            os.write(writing, b"!")
            answer["said"] = work()
    except BaseException:
        answer = {"error": traceback.format_exc()}
    os.write(writing, json.dumps(answer).encode())
    os._exit(0)


def kill(house: House, kills: int, seed: str, tally: Tally, tell: Callable[[Tally], None]) -> None:
    """So many kills more, spread over all acts in turn."""
    usual, wanted = dict[str, float](), sum(tally.killed.values()) + kills
    for name in acts.ACTS:
        usual[name] = _timed(house, name, seed)
    _judge(house, "before any kill", tally, 0)
    names = list(acts.ACTS)
    chance, seen, turn = chance_of(seed, house.engine), 0, 0
    while sum(tally.killed.values()) < wanted:
        name, turn = names[turn % len(names)], turn + 1
        try_ = f"{name}, try {turn}"
        try:
            ended = inside(house, _act(house, name, chance_of(seed, turn)), chance.uniform(0, usual[name] * BEYOND))
        except Failed as error:
            tally.wrongs.append(f"{try_}: {error}")
            continue
        counted = tally.killed if ended is KILLED else tally.finished
        counted[name] = counted.get(name, 0) + 1
        seen = _judge(house, try_, tally, seen)
        tell(tally)
    tally.wrongs += [f"at the end: {one}" for one in inside(house, lambda: list(judge.superfluous_files()))]


def _act(house: House, name: str, chance: random.Random) -> Callable[[], None]:
    return lambda: acts.ACTS[name](house, chance)


def _timed(house: House, name: str, seed: str) -> float:
    """Seconds that the act takes when nobody disturbs it: the second time, when everything is loaded."""

    def work() -> float:
        begun = time.monotonic()
        acts.ACTS[name](house, chance_of(seed, name, begun))
        return time.monotonic() - begun

    return float(inside(house, work))


def _judge(house: House, when: str, tally: Tally, seen: int) -> int:
    """Adds what does not hold; the id of the last document that was looked at."""

    def work() -> tuple[list[str], int]:
        last = judge.last_document()
        return judge.wrongs(house, seen), last

    try:
        found, last = inside(house, work)
    except Failed as error:
        tally.wrongs.append(f"{when}: judging failed: {error}")
        return seen
    tally.wrongs += [f"{when}: {one}" for one in found]
    return int(last)
