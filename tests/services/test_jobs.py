"""What the worker does by itself: every task runs, twice in a row, on both databases."""

from __future__ import annotations

from flask import Flask
from huey import Huey
from sqlalchemy import text

from app.extensions import db
from app.services.cases import transitions
from tests.cast import Cast
from tests.services.cases.test_transitions import REPORT, depok


def test_every_scheduled_task_runs_and_runs_again(any_app: Flask) -> None:
    with any_app.test_request_context():
        depok()
        transitions.create(Cast(any_app).actor("cso"), "keluhan", REPORT)
    queue: Huey = any_app.extensions["tuntas_queue"]
    tasks = queue._registry.periodic_tasks
    assert {task.name for task in tasks} >= {
        "watch_deadlines", "recount_deadlines", "watch_reports", "sweep_orphans", "sweep_exports", "count_anew",
        "forget_presences", "forget_old_notices", "send_mails", "write_digests", "forget_messages", "send_out",
    }  # fmt: skip
    for task in [*tasks, *tasks]:
        task.execute()
    with any_app.app_context():
        if db.engine.dialect.name == "sqlite":
            assert db.session.scalar(text("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'cases'"))
