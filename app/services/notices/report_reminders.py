"""Reminds those who submit a report to the authorities before it is due. Runs in the background every day; running
twice at once is harmless."""

from __future__ import annotations

from sqlalchemy import select

from app.models import Notice, User
from app.services.core import clock
from app.services.core.access import users_with
from app.services.core.database import write_transaction
from app.services.deadlines.counting import LEVELS
from app.services.deadlines.due_reports import DueReport, due_reports
from app.services.notices import notify
from app.services.notices.recipients import Person
from app.services.notices.wording import REPORT_DUE, deadline_action


def watch() -> int:
    """Notifies everybody once for each level that a report's time has reached; returns how many people were
    notified."""
    return sum(_watch(report) for report in due_reports())


def _watch(report: DueReport) -> int:
    period = report.next_due()
    gone, all_days = (((day - period.opens).days + 1) for day in (clock.today(), period.due))
    reached = [level for level in LEVELS if gone * 100 >= level * all_days]
    if not reached:
        return 0
    action = deadline_action(period.key, reached[-1])
    with write_transaction() as session:
        # Two watchers at once take turns: the second finds the notices of the first.
        found = session.execute(
            select(User.id, User.username, User.email, User.mail_language)
            .where(User.active, users_with(report.roles))
            .order_by(User.id)
            .with_for_update(of=User)
        ).all()
        there = select(Notice.user_id).where(Notice.kind == REPORT_DUE, Notice.action == action)
        notified = set(session.scalars(there))
        people = [
            Person(pk, name, email or "", True, language) for pk, name, email, language in found if pk not in notified
        ]
        notify.report_due(session, people, period, reached[-1])
    return len(people)
