"""Tells those who hand in the quarterly report to OJK that its day comes near. Runs in the background every day; twice
at once is as good as once."""

from __future__ import annotations

from sqlalchemy import select

from app.models import Notice, User
from app.services import clock, notices, ojk
from app.services.access import READ_ALL, holders
from app.services.database import write_transaction
from app.services.deadline_counting import LEVELS
from app.services.notice_words import REPORT_DUE, deadline_action
from app.services.recipients import Person


def watch() -> int:
    """Tells everybody once for each level that the days since the quarter's end have reached; answers how many people
    were told."""
    quarter = ojk.next_due()
    days = (clock.today() - quarter.next.first).days + 1
    reached = [level for level in LEVELS if days * 100 >= level * ojk.DUE_DAY]
    if not reached:
        return 0
    action = deadline_action(quarter.key, reached[-1])
    with write_transaction() as session:
        # Two watchers at once take turns: the second finds what the first has told.
        found = session.execute(
            select(User.id, User.username, User.email)
            .where(User.active, holders(READ_ALL))
            .order_by(User.id)
            .with_for_update(of=User)
        ).all()
        told = set(session.scalars(select(Notice.user_id).where(Notice.kind == REPORT_DUE, Notice.action == action)))
        people = [Person(pk, name, email or "", turn=True) for pk, name, email in found if pk not in told]
        notices.report_due(session, people, quarter, reached[-1])
    return len(people)
