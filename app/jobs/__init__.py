"""Background tasks: thin, they call services. The queue is Huey's, in a SQLite file or in Redis."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import click
from flask import Flask
from huey import RedisHuey, SqliteHuey
from huey.api import Huey

from app.extensions import db
from app.jobs.ticks import ticks
from app.services.accounts import sessions, start
from app.services.notices import postman
from app.services.reports import jobs

P = ParamSpec("P")


def register(app: Flask) -> None:
    queue = _queue(app.config["QUEUE_URL"])
    app.extensions["tuntas_queue"] = queue
    _schedule(app, queue)
    _take_orders(app, queue)

    @app.cli.command("worker")
    def worker() -> None:
        """Runs background tasks until it is stopped; for a server without a worker of its own."""
        if problems := start.start_problems(db.session()):
            click.echo("\n".join(problems), err=True)
            sys.exit(1)
        db.session.remove()
        queue.create_consumer(workers=1).run()


def start_worker(app: Flask) -> threading.Thread:
    """The embedded worker: a consumer in a thread of this process, which ends with it."""
    consumer: Any = app.extensions["tuntas_queue"].create_consumer(workers=1, check_worker_health=False)
    consumer._set_signal_handlers = lambda: None  # signals belong to the server's main thread
    thread = threading.Thread(target=consumer.run, name="worker", daemon=True)
    thread.start()
    return thread


def _queue(url: str) -> Huey:
    if url.startswith("sqlite:///"):
        return SqliteHuey("tuntas", filename=url.removeprefix("sqlite:///"), utc=True)
    return RedisHuey("tuntas", url=url, utc=True)


def _take_orders(app: Flask, queue: Huey) -> None:
    """What services hand in by its id; done twice, it is done once."""
    app.extensions["tuntas_make_export"] = queue.task(name="make_export")(_inside(app, jobs.make))
    app.extensions["tuntas_send_mails"] = queue.task(name="send_mails_now")(_inside(app, postman.send_due))
    # Somebody has signed out while the database was busy: tried for an hour.
    ending = queue.task(name="end_sessions", retries=120, retry_delay=30)
    app.extensions["tuntas_end_sessions"] = ending(_inside(app, sessions.end_now))


def _schedule(app: Flask, queue: Huey) -> None:
    for tick in ticks(app.config["PURGE_DAILY"], app.config["MAILBOXES"]):
        queue.periodic_task(tick.when, name=tick.name)(_inside(app, tick.run))


def _inside(app: Flask, run: Callable[P, Any]) -> Callable[P, None]:
    """The same with the application at hand. What it answers would only fill the queue's results."""

    @wraps(run)
    def task(*args: P.args, **kwargs: P.kwargs) -> None:
        with app.app_context():
            run(*args, **kwargs)

    return task
