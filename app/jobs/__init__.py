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
from huey.consumer import Consumer

import logs
from app.extensions import db
from app.jobs.heartbeat import beating
from app.jobs.recording import Recorder
from app.jobs.signing import Signed
from app.jobs.ticks import send_out, ticks
from app.services.accounts import sessions, start
from app.services.core import delivery, private
from app.services.notices import postman
from app.services.reports import jobs

P = ParamSpec("P")


def register(app: Flask) -> None:
    queue = _queue(app.config["QUEUE_URL"], Signed(app.config["SECRET_KEY"]))
    app.extensions["tuntas_queue"] = queue
    Recorder(app, queue)
    _schedule(app, queue)
    _take_orders(app, queue)

    @app.cli.command("worker")
    def worker() -> None:
        """Runs background tasks until it is stopped; for a server without a worker of its own. On SIGTERM it ends the
        task that it is at first."""
        logs.configure(app.config["LOG_FORMAT"], app.config["LOG_LEVEL"])
        for sentence in private.close(app.config):
            app.logger.warning(sentence)
        if problems := start.start_problems(db.session()):
            click.echo("\n".join(problems), err=True)
            sys.exit(1)
        db.session.remove()
        db.engine.dispose()
        with beating(app):
            _consumer(app).run()


class EmbeddedWorker:
    """A consumer in a thread of this process."""

    def __init__(self, app: Flask) -> None:
        self._app, self._consumer = app, _consumer(app, check_worker_health=False)
        self._consumer._set_signal_handlers = lambda: None  # signals belong to the server's main thread
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Once the task that it is at has ended, or has taken too long for that."""
        self._consumer.stop(graceful=True)
        self._thread.join(self._consumer.shutdown_timeout)

    def _run(self) -> None:
        with beating(self._app):
            self._consumer.run()


def _consumer(app: Flask, **more: Any) -> Any:
    queue, grace = app.extensions["tuntas_queue"], app.config["WORKER_GRACE"]
    consumer: Consumer = queue.create_consumer(workers=1, graceful_signal="TERM", shutdown_timeout=grace, **more)
    return consumer


def _queue(url: str, signed: Signed) -> Huey:
    if url.startswith("sqlite:///"):
        return SqliteHuey("tuntas", filename=url.removeprefix("sqlite:///"), utc=True, serializer=signed)
    return RedisHuey("tuntas", url=url, utc=True, serializer=signed)


def _take_orders(app: Flask, queue: Huey) -> None:
    """What services hand in by its id; done twice, it is done once."""
    app.extensions["tuntas_make_export"] = queue.task(name="make_export")(_inside(app, jobs.make))
    app.extensions["tuntas_send_mails"] = queue.task(name="send_mails_now")(_inside(app, postman.send_due))
    # What waits goes out with the next tick as well; this is for those who do not like to wait.
    app.extensions[delivery.TASK] = queue.task(name="send_out_now")(_inside(app, send_out))
    # Somebody has signed out while the database was busy: tried for an hour.
    ending = queue.task(name="end_sessions", retries=120, retry_delay=30)
    app.extensions["tuntas_end_sessions"] = ending(_inside(app, sessions.end_now))


def _schedule(app: Flask, queue: Huey) -> None:
    asks = {"directory": app.config["LDAP"] is not None, "clamd": bool(app.config["CLAMD_SOCKET"])}
    scheduled = tuple(ticks(app.config["PURGE_DAILY"], app.config["MAILBOXES"], **asks))
    app.extensions["tuntas_ticks"] = scheduled
    for tick in scheduled:
        queue.periodic_task(tick.when, name=tick.name)(_inside(app, tick.run))


def _inside(app: Flask, run: Callable[P, Any]) -> Callable[P, None]:
    """The same with the application at hand. What it answers would only fill the queue's results."""

    @wraps(run)
    def task(*args: P.args, **kwargs: P.kwargs) -> None:
        with app.app_context():
            run(*args, **kwargs)

    return task
