"""A few months of cases, as dashboards count them: in time and late, sent back, mutated, called back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from app.extensions import db
from app.models import Clock, Posko, Unit
from app.services.cases import transitions
from app.services.core import clock
from tests.cast import Cast
from tests.panel.helpers import REPORT

CALL: dict[str, Any] = {
    "channel": "inbound", "name": "Nur Aini", "phone": "0812 3344 5566", "order_id": "ORD-1",
    "identity_verified": "not_in_data", "category": "bill_amount", "complaint": "Tagihan berbeda",
}  # fmt: skip
DONE = {"answer": "Sudah", "number_told": True, "anything_else": True, "summary_given": True, "closing_greeting": True}
HARD = {
    "program": "ct0", "source": "plasa", "received_by": "email", "requester_name": "Plasa", "requester_contact": "1",
    "customer_number": "122345678901", "complaint_date": "2026-03-01", "criterion": "impolite_agent", "complaint": "x",
}  # fmt: skip
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Cases of what age there are, in days; beside them the edges of the ages that are distinguished.
AGES = (0, 1, 2, 7, 8, 30, 31, 90, 91, 150)


class Months:
    """The people and what they do; a moment is so many days before now."""

    def __init__(self, app: Flask) -> None:
        self.app, self.cast, self.now = app, Cast(app), clock.now()
        for unit, posko in (("ulp_menteng", "menteng"), ("ulp_depok", "depok")):
            row = Unit(code=unit, name=unit.upper(), active=True)
            db.session.add(Posko(code=posko, name=posko.title(), active=True, unit=row))
        db.session.add(Posko(code="nowhere", name="Nowhere", active=True))
        db.session.commit()
        self.people = {name: self.cast.actor(name) for name in
                       ("cso", "cs", "spv", "qco", "manager_operasional", "supervisor", "admin")}  # fmt: skip
        for unit in ("menteng", "depok"):
            self.people[unit] = self.cast.actor(f"unit_{unit}", "unit", unit=f"ulp_{unit}")

    def ago(self, days: float) -> datetime:
        return self.now - DAY * days

    def opens(self, name: str, sop: str, days: float, answers: dict[str, Any]) -> int:
        with clock.at(self.ago(days)):
            return int(transitions.create(self.people[name], sop, answers).id)

    def does(self, name: str, sop: str, pk: int, key: str, days: float, **answers: Any) -> None:
        with clock.at(self.ago(days)):
            transitions.perform(self.people[name], sop, pk, key, answers, note="Sebab")

    def pass_by(self) -> None:
        for age in AGES:
            self.opens("cso", "keluhan", age, REPORT)
        self.complaints()
        self.outages()
        self.calls()
        self.hard_complaints()
        self.clocks()

    def complaints(self) -> None:
        """Settled after some hours, mutated, cancelled; in two units and in none."""
        for posko, days, hours in (("menteng", 60, 1), ("menteng", 40, 30), ("depok", 20, 5), ("depok", 200, 7)):
            pk = self.opens("cso", "keluhan", days, REPORT | {"posko": posko})
            self.does(posko, "keluhan", pk, "start", days - hours / 24)
            self.does(posko, "keluhan", pk, "resolve", days - hours / 12, cause="Sekring", action_taken="Ganti")
        for posko, days in (("menteng", 10), ("depok", 3), ("depok", 120)):
            pk = self.opens("cso", "keluhan", days, REPORT | {"posko": posko})
            self.does(posko, "keluhan", pk, "mutate_to_gangguan", days - 0.1, mutation_reason="urgent")
        pk = self.opens("cso", "keluhan", 5, REPORT | {"posko": "nowhere"})
        self.does("supervisor", "keluhan", pk, "cancel", 4)

    def outages(self) -> None:
        """One that comes back to a state it had left."""
        pk = self.opens("cso", "gangguan", 30, REPORT)
        for days, key in ((29, "assign_crew"), (28, "depart"), (27.5, "investigate")):
            with clock.at(self.ago(days)):
                answers = {"crew": "crew_1"} if key == "assign_crew" else {}
                self._crew() if answers else None
                transitions.perform(self.people["menteng"], "gangguan", pk, key, answers)
        for days in (27, 26):
            self.does("menteng", "gangguan", pk, "restore", days, cause="Pohon", restored_at="2026-01-01 10:00")
            if days == 27:
                self.does("menteng", "gangguan", pk, "reopen", 26.5)

    @staticmethod
    def _crew() -> None:
        from app.models import Crew

        unit = db.session.query(Unit).filter_by(code="ulp_menteng").one()
        db.session.add(Crew(code="crew_1", name="Regu 1", active=True, unit_id=unit.id))
        db.session.commit()

    def calls(self) -> None:
        """Called back: twice in vain and then reached; at once; not yet; and long ago."""
        for days, reason, results in (
            (50, "no_reply", ("not_reached", "not_reached", "reached")),
            (30, "cut_off", ("reached",)),
            (6, "more_explanation", ()),
            (190, "cut_off", ("not_reached", "reached")),
            (14, "no_reply", ("not_reached",)),
        ):
            pk = self.opens("cs", "pengaduan", days, CALL)
            later = self.now.date().isoformat() + " 10:00"
            self.does("cs", "pengaduan", pk, "schedule_callback", days - 1, callback_reason=reason, callback_at=later)
            for turn, result in enumerate(results, 2):
                said = {"callback_said": "Baik"} if result == "reached" else {"callback_at": later}
                self.does("cs", "pengaduan", pk, "record_callback", days - turn, callback_result=result, **said)
        pk = self.opens("cs", "pengaduan", 3, CALL)
        self.does("cs", "pengaduan", pk, "answer", 2, **DONE)
        for days in (0, 1, 9, 40):
            self.opens("cs", "pengaduan", days, CALL)

    def hard_complaints(self) -> None:
        """Sent back by the SPV twice, by the manager once, and one that nobody sent back."""
        key = "hard_complaint"
        first = self.opens("spv", key, 20, HARD)
        for name, step, days in (
            ("qco", "report_not_found", 19), ("spv", "return_to_qco", 18), ("qco", "report_not_found", 17),
            ("spv", "return_to_qco", 16), ("qco", "report_not_found", 15), ("spv", "validate", 14),
            ("manager_operasional", "return_to_spv", 13), ("spv", "validate", 12),
            ("manager_operasional", "approve", 11),
        ):  # fmt: skip
            self.does(name, key, first, step, days)
        self.does("spv", key, first, "send_result", 10, sent_to="0812 0000 147", sent_by="whatsapp")
        second = self.opens("spv", key, 130, HARD)
        self.does("qco", key, second, "report_not_found", 8)
        self.does("spv", key, second, "validate", 7)
        third = self.opens("spv", key, 4, HARD)
        self.does("qco", key, third, "report_not_found", 3)

    def clocks(self) -> None:
        """Deadlines that ended; who keeps them is no matter here."""
        from app.models import Case

        cases = db.session.query(Case).filter_by(sop="pengaduan").order_by(Case.id).all()
        for case, key, outcome, days in zip(
            [*cases, cases[0]], ["pojk"] * 5 + ["state:open"] * 5 + ["pojk"],
            ["kept", "missed", "kept", "void", "kept", "missed", "kept", "", "kept", "missed", "kept"],
            [1, 2, 30, 3, 120, 60, 5, 5, 6, 7, 8], strict=False,
        ):  # fmt: skip
            db.session.add(Clock(
                case_id=case.id, sop=case.sop, key=key, state="open", started_at=case.created_at, pauses=[],
                ended_at=self.ago(days) if outcome else None, outcome=outcome,
            ))  # fmt: skip
        db.session.commit()
