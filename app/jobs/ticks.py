"""What the worker does by itself, and when. Two consumers fire every tick twice, so whatever is here may run twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from huey import crontab

from app.services.cases import presence
from app.services.core import clock, database, partitions
from app.services.documents import documents
from app.services.notices import deadline_warnings, inbox, report_reminders
from app.services.reports import jobs
from app.services.retention import purge


@dataclass(frozen=True)
class Tick:
    """``when``: tells of a moment in UTC whether it is time."""

    name: str
    when: Callable[[datetime], bool]
    run: Callable[[], Any]


def sweep_orphans() -> None:
    documents.sweep(timedelta(hours=current_app.config["ORPHAN_AGE_HOURS"]))


def watch_deadlines() -> None:
    deadline_warnings.begin_missing()
    deadline_warnings.watch()


def forget_presences() -> None:
    presence.forget(clock.now() - timedelta(hours=1))


def purge_due() -> None:
    for _case in purge.purge_due():
        pass


#: Hours are UTC: 17 is midnight in Jakarta, 22 early in the morning.
TICKS = (
    Tick("watch_deadlines", crontab(), watch_deadlines),
    Tick("sweep_orphans", crontab(minute="17"), sweep_orphans),
    Tick("forget_presences", crontab(minute="29"), forget_presences),
    Tick("sweep_exports", crontab(minute="47"), jobs.sweep),
    Tick("recount_deadlines", crontab(hour="17", minute="6"), deadline_warnings.recount),
    Tick("forget_old_notices", crontab(hour="19", minute="12"), inbox.forget_old),
    Tick("keep_partitions", crontab(hour="19", minute="22"), partitions.keep_ahead),
    Tick("count_anew", crontab(hour="19", minute="42"), database.count_anew),
    Tick("watch_reports", crontab(hour="22", minute="4"), report_reminders.watch),
)
PURGE = Tick("purge_due", crontab(hour="18", minute="42"), purge_due)


def ticks(purge_daily: bool) -> Iterator[Tick]:
    yield from TICKS
    if purge_daily:
        yield PURGE
