"""Background tasks: thin, they call services. The queue is Huey's, in a SQLite file or in Redis."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from flask import Flask, current_app
from huey import RedisHuey, SqliteHuey, crontab
from huey.api import Huey


def register(app: Flask) -> None:
    queue = _queue(app.config["QUEUE_URL"])
    app.extensions["tuntas_queue"] = queue
    _schedule(app, queue)
    _take_orders(app, queue)

    @app.cli.command("worker")
    def worker() -> None:
        """Runs background tasks until it is told to stop; beside a server that has no worker of its own."""
        queue.create_consumer(workers=1).run()


def works() -> bool:
    """Whether the queue answers."""
    try:
        current_app.extensions["tuntas_queue"].pending_count()
    except Exception:
        return False
    return True


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

    @queue.task(name="make_export")
    def make_export(pk: int) -> None:
        from app.services.reports import jobs

        with app.app_context():
            jobs.make(pk)

    app.extensions["tuntas_make_export"] = make_export

    # Somebody has signed out while the database was busy: tried for an hour.
    @queue.task(name="end_sessions", retries=120, retry_delay=30)
    def end_sessions(user_id: int, epoch: int) -> None:
        from app.services.accounts import sessions

        with app.app_context():
            sessions.end_now(user_id, epoch)

    app.extensions["tuntas_end_sessions"] = end_sessions


def _schedule(app: Flask, queue: Huey) -> None:
    # Two consumers fire every tick twice, so whatever runs here may run twice.
    @queue.periodic_task(crontab(minute="17"), name="sweep_orphans")
    def sweep_orphans() -> None:
        from app.services.documents import documents

        with app.app_context():
            documents.sweep(timedelta(hours=app.config["ORPHAN_AGE_HOURS"]))

    @queue.periodic_task(crontab(), name="watch_deadlines")
    def watch_deadlines() -> None:
        from app.services.notices import deadline_warnings

        with app.app_context():
            deadline_warnings.begin_missing()
            deadline_warnings.watch()

    # Shortly after midnight in Jakarta.
    @queue.periodic_task(crontab(hour="17", minute="6"), name="recount_deadlines")
    def recount_deadlines() -> None:
        from app.services.notices import deadline_warnings

        with app.app_context():
            deadline_warnings.recount()

    # Early in the morning in Jakarta.
    @queue.periodic_task(crontab(hour="22", minute="4"), name="watch_reports")
    def watch_reports() -> None:
        from app.services.notices import report_reminders

        with app.app_context():
            report_reminders.watch()

    @queue.periodic_task(crontab(minute="29"), name="forget_presences")
    def forget_presences() -> None:
        from app.services.cases import presence
        from app.services.core import clock

        with app.app_context():
            presence.forget(clock.now() - timedelta(hours=1))

    @queue.periodic_task(crontab(hour="19", minute="12"), name="forget_old_notices")
    def forget_old_notices() -> None:
        from app.services.notices import inbox

        with app.app_context():
            inbox.forget_old()

    @queue.periodic_task(crontab(hour="19", minute="42"), name="count_anew")
    def count_anew() -> None:
        from app.services.core import database

        with app.app_context():
            database.count_anew()

    @queue.periodic_task(crontab(minute="47"), name="sweep_exports")
    def sweep_exports() -> None:
        from app.services.reports import jobs

        with app.app_context():
            jobs.sweep()

    if app.config["PURGE_DAILY"]:
        # At night in Indonesia.
        @queue.periodic_task(crontab(hour="18", minute="42"), name="purge_due")
        def purge_due() -> None:
            from app.services.retention import purge

            with app.app_context():
                for _one in purge.purge_due():
                    pass
