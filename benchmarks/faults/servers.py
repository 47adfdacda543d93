"""A database server that goes away in the middle of work, several processes of each kind, a clock that is set back."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import time_machine
from flask import current_app

from app.services.core import clock
from app.services.notices import deadline_warnings
from benchmarks.faults import acts, disks, judge, killing
from benchmarks.faults.house import House, chance_of

#: Seconds of load between two restarts or kills.
LOAD = 1.5
WEBS = WORKERS = 2
#: Where Debian has the programs of the server.
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def several(house: House, kills: int, seed: int) -> dict[str, object]:
    """Two webs and two workers at once; one of them is killed again and again, and another takes its place."""
    chance = chance_of(seed)
    running = {_started(house, kind, n): kind for kind in (_web, _worker) for n in range(WEBS)}
    for n in range(kills):
        time.sleep(chance.uniform(0, LOAD))
        victim = chance.choice(sorted(running))
        _end(victim)
        kind = running.pop(victim)
        running[_started(house, kind, f"{seed}-{n}")] = kind
    for pid in running:
        _end(pid)
    return {"kills": kills, "wrongs": _judged(house)}


def restarted_server(house: House, restart: Callable[[], None], times: int) -> dict[str, object]:
    """The database server is restarted without mercy while two webs and two workers go on."""
    running = [_started(house, kind, n) for kind in (_web, _worker) for n in range(WEBS)]
    for _time in range(times):
        time.sleep(LOAD)
        restart()
    time.sleep(LOAD)
    wrongs = [f"process {pid} is gone" for pid in running if os.waitpid(pid, os.WNOHANG)[0]]
    for pid in running:
        _end(pid)
    return {"restarts": times, "wrongs": wrongs + _judged(house)}


def clock_set_back(house: House, hours: int) -> dict[str, object]:
    """The machine's clock jumps back between the steps of cases; what is done counts in the order in which it was
    done."""

    def work() -> list[str]:
        now = clock.now()
        for back in (0, hours, 0, 2 * hours):
            with time_machine.travel(now - timedelta(hours=back), tick=True):
                for name in ("transition", "mutation", "upload", "mail in", "export"):
                    acts.ACTS[name](house, chance_of(back, name, now))
                deadline_warnings.watch()
        return judge.wrongs(house)

    try:
        return {"jumps": 3, "wrongs": killing.inside(house, work)}
    except killing.Failed as error:
        return {"jumps": 3, "wrongs": [str(error)]}


def _judged(house: House) -> list[str]:
    found: list[str] = killing.inside(house, lambda: judge.wrongs(house))
    return found


def _started(house: House, kind: Callable[[House, Random], None], mark: object) -> int:
    pid = os.fork()
    if not pid:
        try:
            with house.inside():
                while True:
                    kind(house, chance_of(mark, time.monotonic()))
        finally:
            os._exit(1)
    return pid


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def _web(house: House, chance: Random) -> None:
    """What a request does; one that meets a database that is away is refused, as a page would be."""
    try:
        disks.tried(house, chance.choice(disks.WRITING), chance)
    except Exception:
        current_app.logger.debug("an act failed", exc_info=True)


def _worker(house: House, chance: Random) -> None:
    """One task of the queue, or a tick that comes by itself."""
    queue: Any = current_app.extensions["tuntas_queue"]
    try:
        current_app.extensions["tuntas_send_mails"]()
        task = queue.dequeue()
        if task is not None:
            queue.execute(task)
        deadline_warnings.watch()
    except Exception:
        current_app.logger.debug("a task failed", exc_info=True)


@contextmanager
def own_server(folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """A PostgreSQL of its own: its URL, and what restarts it without letting anybody finish. Raises
    ``FileNotFoundError`` where its programs are not installed."""
    if not PROGRAMS:
        raise FileNotFoundError("PostgreSQL's programs are not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "postgresql"
    data.mkdir()
    as_server = _as_postgres(folder, data)

    def run(*command: object) -> None:
        program = [PROGRAMS[-1] / str(command[0]), *map(str, command[1:])]
        subprocess.run(program, check=True, capture_output=True, cwd=data, **as_server)

    run("initdb", "-D", data, "-A", "trust", "-U", "postgres")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data}"
    run("pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start")
    try:
        run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "tuntas")
        again = ("pg_ctl", "-D", data, "-w", "-m", "immediate", "-l", data / "log", "restart")
        yield f"postgresql://postgres@127.0.0.1:{port}/tuntas", lambda: run(*again)
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def _as_postgres(folder: Path, data: Path) -> dict[str, Any]:
    """The server refuses to run as root."""
    if os.getuid():
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(data, user.pw_uid, user.pw_gid)
    folder.chmod(0o711)
    return {"user": user.pw_uid, "group": user.pw_gid}
