"""Two weeks in which units fall behind: deadlines by policy and by the SOP, cases that somebody has taken or nobody."""

from __future__ import annotations

from app.extensions import db
from app.models import DeadlinePolicy
from app.services.cases import assignment
from app.services.core import clock
from tests.panel.helpers import REPORT
from tests.services.running import CALL, HARD, Months


class Behind(Months):
    """Menteng has more that is late than a week ago, Depok less; hard complaints have no deadline at all."""

    def pass_by(self) -> None:
        self.until_a_week_ago()
        self.since_then()

    def until_a_week_ago(self) -> None:
        for sop, state in (("keluhan", "reported"), ("keluhan", "in_progress"), ("gangguan", "reported")):
            db.session.add(DeadlinePolicy(sop=sop, state=state, amount=4, measure="working_hours"))
        db.session.commit()
        self.depok_1, self.depok_2, self.depok_3 = (self._reported("depok", days) for days in (14, 13, 12))
        self.menteng = self._reported("menteng", 10)
        self.opens("cs", "pengaduan", 60, CALL)
        self.opens("spv", "hard_complaint", 20, HARD)

    def since_then(self) -> None:
        """Depok settles one and takes one, another is cancelled; Menteng takes in more than it can do."""
        self.does("depok", "keluhan", self.depok_1, "start", 5)
        self.does("depok", "keluhan", self.depok_1, "resolve", 4.9, cause="Sekring", action_taken="Ganti")
        with clock.at(self.ago(3)):
            assignment.take(self.people["depok"], "keluhan", self.depok_2)
        self.does("supervisor", "keluhan", self.depok_3, "cancel", 3)
        for days in (6, 5, 5):
            self._reported("menteng", days)
        self.does("menteng", "keluhan", self.menteng, "start", 5)
        with clock.at(self.ago(5)):
            assignment.take(self.people["menteng"], "keluhan", self.menteng)
        self.opens("cso", "gangguan", 4, REPORT)
        self._reported("depok", 0)

    def _reported(self, posko: str, days: float) -> int:
        return self.opens("cso", "keluhan", days, REPORT | {"posko": posko})
