"""Everything that goes wrong around the processes, each in an instance of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.faults import disks, killing, post, servers
from benchmarks.faults.house import House, build, database, furnish

Figures = dict[str, object]
#: The queue of a grown deployment.
REDIS = "redis://127.0.0.1:6379/13"


def all_of_it(scale: int, seed: int, only: str = "") -> dict[str, Figures]:
    """``scale``: 1 for a short look; ``only``: of one kind. What can't be tried here says so."""
    tries: dict[str, Callable[[], Figures]] = {
        "failing writes": lambda: failing_writes(15 * scale, seed),
        "full disk": lambda: full_disk(seed),
        "server restarted": lambda: server_restarted(3 * scale),
        "several, sqlite": lambda: several("sqlite", 6 * scale, seed),
        "several, postgresql": lambda: several("postgresql", 6 * scale, seed),
        "clock set back, sqlite": lambda: set_back("sqlite"),
        "clock set back, postgresql": lambda: set_back("postgresql"),
    }
    return {name: _done(one) for name, one in tries.items() if name.startswith(only)}


def _done(one: Callable[[], Figures]) -> Figures:
    try:
        return one()
    except (PermissionError, FileNotFoundError) as reason:
        return {"not tried": str(reason), "wrongs": []}


def failing_writes(rounds: int, seed: int) -> Figures:
    with furnished("sqlite") as house:
        return disks.failing_writes(house, rounds, seed)


def full_disk(seed: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder, disks.small_disk(Path(folder) / "small", 64) as small, \
            furnished("sqlite", small) as house:  # fmt: skip
        return disks.full_disk(house, seed)


def server_restarted(times: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder, servers.own_server(Path(folder)) as (url, restart), \
            furnished("postgresql", url=url) as house:  # fmt: skip
        return servers.restarted_server(house, restart, times)


def several(engine: str, kills: int, seed: int) -> Figures:
    more = {"QUEUE_URL": REDIS} if engine == "postgresql" else {}
    with furnished(engine, **more) as house:
        return servers.several(house, kills, seed)


def set_back(engine: str) -> Figures:
    with furnished(engine) as house:
        return servers.clock_set_back(house, 3)


@contextmanager
def furnished(engine: str, folder: Path | None = None, url: str = "", **more: str) -> Iterator[House]:
    """A house that is ready, in a folder that goes at the end."""
    with ExitStack() as stack:
        folder = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = stack.enter_context(post.office())
        url = url or stack.enter_context(database(engine))
        house = build(folder, engine, url, port, **more)
        killing.inside(house, lambda: furnish(house))
        yield house
