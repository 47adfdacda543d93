"""A process that has loaded the application and forks a worker for every line it reads: a worker's start would take
longer than what it does. ``python -m tests.services.notices.workers`` with the settings as JSON.

A line has the seconds that the worker's clock is ahead. The answer is the worker's process id; the worker sends what is
due and ends. ``wait`` answers once every worker has ended, however that was.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any


def work(app: Any, ahead: float) -> None:
    from app.services.core import clock
    from app.services.notices import postman

    with app.app_context(), clock.at(clock.now() + timedelta(seconds=ahead)):
        postman.send_due()


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def serve() -> None:
    from app import create_app
    from app.extensions import db
    from config import from_environment

    said = json.loads(sys.argv[1])
    made = from_environment(said.pop("environment"))
    app = create_app({name: made[name] for name in ("SMTP", "MAIL_FROM")} | said)
    with app.app_context():
        db.engine.dispose()  # a child must not share a connection
    say("ready")
    for line in sys.stdin:
        if line.strip() == "wait":
            while True:
                try:
                    os.wait()
                except ChildProcessError:
                    break
            say("done")
            continue
        pid = os.fork()
        if not pid:
            try:
                work(app, float(line))
            except BaseException:
                traceback.print_exc()
            os._exit(0)
        say(pid)


class Workers:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def _say(self, line: str) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def start(self, ahead: float = 0) -> int:
        """The process id of a new worker, whose clock is this many seconds ahead."""
        return int(self._say(str(ahead)))

    def wait(self) -> None:
        """Until all of them have ended."""
        assert self._say("wait") == "done"


@contextmanager
def workers(settings: dict[str, Any], environment: dict[str, str]) -> Iterator[Workers]:
    said = json.dumps({"environment": environment, **settings})
    with subprocess.Popen(
        [sys.executable, "-m", "tests.services.notices.workers", said],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline().strip() == "ready"
        yield Workers(process)
        assert process.stdin
        process.stdin.close()


if __name__ == "__main__":
    serve()
