"""The clocks of the large demo's cases: which deadlines ran, and how each went, by ``services/deadlines/clocks.py``."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Clock, DeadlinePolicy
from app.services.deadlines import clocks, counting
from app.services.deadlines.working_calendar import Calendar, calendar_of
from app.workflow.declaration import Sop


class Clocks:
    """Every policy and every unit's calendar, read once; ``known`` are the clocks of a case so far."""

    def __init__(self) -> None:
        self._calendars: dict[int | None, Calendar] = {}
        self._policies: dict[str, list[DeadlinePolicy]] = defaultdict(list)
        for policy in db.session.scalars(select(DeadlinePolicy).where(DeadlinePolicy.active)):
            self._policies[policy.sop].append(policy)

    def keep(self, sop: Sop, case: Any, known: list[Clock], now: datetime) -> dict[str, list[Any]]:
        """As ``clocks.keep``."""
        policies = self._policies[sop.key]
        if not (known or policies or sop.deadlines):
            return {}
        return clocks.settle(sop, case, known, policies, self._calendar(case), now, known.append)

    def extend(self, sop: Sop, case: Any, known: list[Clock], key: str, amount: int, now: datetime) -> None:
        """As ``clocks.extend``."""
        running = next((clock for clock in known if clock.key == key and not clock.outcome), None)
        if running is not None:
            running.extra += amount
            self.keep(sop, case, known, now)

    def rows(self, case: Any, known: list[Clock], now: datetime) -> list[dict[str, Any]]:
        """The clocks as they are written. Levels that are reached already count as notified."""
        calendar = self._calendar(case)
        for clock in known:
            if clock.due_at is not None and not clock.outcome:
                clock.level = counting.level_at(calendar, clock, now)
                counting.plan(calendar, clock, now)
        columns = [column.key for column in Clock.__table__.columns if column.key != "id"]
        return [{key: getattr(clock, key) for key in columns} for clock in known]

    def _calendar(self, case: SimpleNamespace) -> Calendar:
        if case.unit_id not in self._calendars:
            self._calendars[case.unit_id] = calendar_of(case.unit_id)
        return self._calendars[case.unit_id]
